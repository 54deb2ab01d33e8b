// SPDX-License-Identifier: Apache-2.0
// The main of every RTL bench.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

/// Verilator's runtime asks for the time of messages; benches count cycles themselves.
double sc_time_stamp() { return 0; }
