#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The long test, minutes and not part of CI: ResNet-50 and MobileNet v2, generated and run whole on the RTL at 32x32. RTL, model and
# golden executor are compared in everything, the outputs with the quantised graph. And VGG-16, timing only; generating it takes 4 GB.
#   tools/long_test.sh ["NAME ARCH [OPTIONS]" ...]     others: networks of tools/gen_models.py, options of tests/system/network.py
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- "resnet50 edge-32x32" "mobilenet_v2 edge-32x32" "vgg16 edge-32x32 --timing"
for network in "$@"; do
  # shellcheck disable=SC2086  # words
  tests/system/network.py "${SYSTOLE:-build/release/bin/systole}" $network --nets out/networks
done
