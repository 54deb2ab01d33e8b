#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lints the core with every Verilator warning on, at usual and at odd parameters. Waivers: rtl/*.vlt, each with its reason.
set -euo pipefail
cd "$(dirname "$0")/../rtl"
lint() {
  echo "lint $*"
  verilator --lint-only -Wall --top-module sys_core ./*.vlt sys_isa_pkg.sv sys_cfg_pkg.sv sys_geom_pkg.sv sys_dma_pkg.sv -y . sys_core.sv "$@"
}
lint
lint -GROWS=1 -GCOLS=1 -GUB_KIB=1 -GUB_BANKS=1 -GACC_ROWS=2 -GPB_ROWS=2 -GWB_TILES=2 -GAXI_BITS=32 -GBURST_BEATS=1 -GOUTSTANDING=1 -GQUEUE_DEPTH=1
lint -GROWS=5 -GCOLS=3 -GUB_KIB=4 -GAXI_BITS=256
lint -GROWS=3 -GCOLS=7 -GUB_KIB=4 -GUB_BANKS=2 -GWB_TILES=3 -GWEIGHT_BITS=1
lint -GROWS=64 -GCOLS=16 -GAXI_BITS=128 -GOUTSTANDING=3
lint -GROWS=16 -GCOLS=8 -GACT_BITS=1 -GWEIGHT_BITS=1
lint -GROWS=3 -GCOLS=6 -GUB_KIB=4 -GACT_BITS=4 -GWEIGHT_BITS=2 -GCODEBOOK=1
lint -GROWS=4 -GCOLS=6 -GUB_KIB=4 -GACT_BITS=4 -GBITMASK=1 -GSTRUCTURED=1
lint -GROWS=8 -GCOLS=4 -GUB_KIB=4 -GSTRUCTURED=1
lint -GROWS=5 -GCOLS=3 -GUB_KIB=4 -GBITMASK=1 -GACT_BITS=1
