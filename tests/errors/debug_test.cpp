// SPDX-License-Identifier: Apache-2.0
// What `debug` refuses: before the session by the usual line, in a script with the number of its
// line.
#include <catch2/catch.hpp>

#include "tests/errors/command.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("mlp_fmnist.onnx");

std::vector<std::string> script_of(const std::string& name) {
  return {"debug", kNet, "--arch", "edge-4x4", "--script", name};
}

TEST_CASE("debug refuses what it cannot begin") {
  const Workplace place;
  check_refused(place, {"debug"}, 2, "network is required (see systole debug --help)");
  check_refused(place, {"debug", kNet, "--engine", "both"}, 2,
                "--engine: unknown value 'both', expected one of model, rtl (see systole debug "
                "--help)");
  check_refused(place, {"debug", kNet, "--stage", "3"}, 2,
                "--stage 3: not a stage of the accelerator");
}

TEST_CASE("a script of debug that is not there, or is none, is named before any work") {
  const Workplace place;
  check_refused(place, script_of("none.txt"), 2,
                "none.txt: cannot be read: No such file or directory");
  check_refused(place, script_of("/"), 2, "/: is a directory, expected a file of commands");
}

TEST_CASE("a script of debug ends at the first command that cannot be carried out") {
  const Workplace place;
  place.write("commands", "step 3\n\n# a comment\nstepp\nstep 4\n");
  const CommandResult result = place.run(script_of("commands"));
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.out, Catch::Matchers::EndsWith("(systole) # a comment\n(systole) stepp\n"));
  CHECK_THAT(result.out, Catch::Matchers::Contains("cycle 3: 0 of "));
  CHECK_THAT(result.err,
             Catch::Matchers::Contains("systole: commands:4: command 'stepp': expected one of"));
  CHECK_THAT(result.err, Catch::Matchers::Contains("did you mean 'step'?"));
}

TEST_CASE("commands of debug come from standard input too, up to quit") {
  const Workplace place;
  const CommandResult result = place.shell("printf 'step 5\\nquit\\nstep\\n' | $SYSTOLE debug " +
                                           kNet + " --arch edge-4x4 2>&1");
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Matchers::EndsWith("(systole) quit\n"));
  const CommandResult wrong = place.shell("echo 'break pc -1' | $SYSTOLE debug " + kNet +
                                          " --arch edge-4x4 2>&1 >/dev/null");
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.out, Catch::Matchers::EndsWith("systole: standard input:1: '-1': expected the "
                                                  "number of an instruction\n"));
}

}  // namespace
}  // namespace systole
