// SPDX-License-Identifier: Apache-2.0
// The main of every test program; SystemC's own sc_main is not used by tests.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <systemc>

int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  Catch::Session session;
#if CATCH_VERSION_MAJOR < 3
  // A name that no test has is an error, as it is of Catch2 3: else a test that CTest calls by
  // another name would seem to pass.
  Catch::WarnAbout::What& warnings = session.configData().warnings;
  warnings = static_cast<Catch::WarnAbout::What>(warnings | Catch::WarnAbout::NoTests);
#endif
  return session.run(argc, argv);
}
