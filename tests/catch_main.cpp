// SPDX-License-Identifier: Apache-2.0
// The main of every test program; SystemC's own sc_main is not used by tests.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <systemc>

int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
