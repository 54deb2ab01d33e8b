#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ResNet-50 and MobileNet v2, generated and run whole on the RTL at 32x32: RTL, model and golden executor compared in everything, outputs
# compared with the quantised graph. Minutes; not part of CI. Other networks and arrays: tools/long_test.sh "NAME ARCH" ...
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- "resnet50 edge-32x32" "mobilenet_v2 edge-32x32" "vgg16 edge-32x32 --timing"
for network in "$@"; do
  # shellcheck disable=SC2086  # words
  tests/system/network.py "${SYSTOLE:-build/release/bin/systole}" $network --nets out/networks
done
