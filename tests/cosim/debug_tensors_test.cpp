// SPDX-License-Identifier: Apache-2.0
// Tensors between layers in the debugger's words: the same on both engines.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "sim/debug/commands.h"
#include "sim/debug/dialogue.h"
#include "sim/debug/session.h"
#include "tests/cosim/prepared_network.h"

namespace systole {
namespace {

using Catch::Matchers::Contains;
using debug::Subject;

std::string run_on(const debug::Session::MakeTarget& make_target, const Subject& subject,
                   const std::string& script) {
  debug::Session session(subject, make_target);
  debug::Commands commands(session);
  std::istringstream lines(script);
  std::string text;
  debug::run_script(lines, "script", commands, [&](const std::string& said) { text += said; });
  return text;
}

std::unique_ptr<debug::Target> make_rtl(const Subject& subject) {
  return debug::make_rtl_target(subject, {.quick = true});
}

}  // namespace

TEST_CASE("debug: both engines say the same of tensors between layers") {
  const arch::ArchConfig arch = arch::load_arch(SYSTOLE_SOURCE_DIR "/tests/cosim/archs/4x4.yaml");
  const Prepared prepared = prepare_odd(arch, 9, 7);
  const Subject subject = prepared.subject();
  const auto model = debug::make_model_target(subject);
  model->go_to(kNever);
  std::string script = "break write joined[2,0,:]\nbreak write a[0,8,8,6]\n";
  for (Cycle k = 1; k < 16; ++k)
    script += fmt::format(
        "goto {}\ntensor\ntensor a\ntensor a[:,2:4,3,0:5] real\ntensor sum\n"
        "tensor d[0,8,4,3]\nwho a[0,1,2,3]\n",
        model->now().cycle * k / 16);
  script += "goto 0\nrun\nrun\nrun\nreverse-continue\n";
  const std::string said = run_on(debug::make_model_target, subject, script);
  CHECK(run_on(make_rtl, subject, script) == said);
  CHECK_THAT(said, Contains(" gone") && Contains(" not yet") && Contains(": complete"));
  CHECK_THAT(said, Contains(" there, "));
  CHECK_THAT(said, Contains("breakpoint 1: "));
  CHECK_THAT(said, Contains("breakpoint 2: "));
}

TEST_CASE("debug: values that are not there are told by name, and coordinates are held to") {
  const Prepared prepared = prepare_odd(arch::load_arch("edge-4x4"), 9, 7);
  debug::Session session(prepared.subject(), debug::make_model_target);
  debug::Commands commands(session);
  const auto refused = [&](const std::string& line, const std::string& why) {
    INFO(line);
    CHECK_THROWS_WITH(commands.execute(line), Catch::Matchers::StartsWith(why));
  };
  refused("tensor b", "tensor b: unknown, expected one of x, a, d, ");
  refused("tensor a[0,9,0,0]", "a[0,9,0,0]: outside of [1, 9, 9, 7]");
  refused("tensor a[3:3]", "a[3:3]: outside of [1, 9, 9, 7]");
  refused("tensor a[0,0:10]", "a[0,0:10]: outside of [1, 9, 9, 7]");
  refused("tensor a[1:x]", "'x': expected a coordinate of a tensor");
  refused("tensor a[0,0,0,0,0]", "a[0,0,0,0,0]: has 5 coordinates, expected at most 4");
  refused("x a[0,0,0,0]", "a[0,0,0,0] is not there yet: ");
  CHECK_THAT(commands.execute("tensor a[0,0,0,0]"),
             Contains(" vector of a_node is to put it there"));
  CHECK_THAT(commands.execute("tensor a[0,0,0,:]"),
             Contains("a[0,0,0]: . . . . . . .\n7 not yet (.)"));
  commands.execute("break write a[0,0,0,0]");
  CHECK_THAT(commands.execute("run"), Contains(" vector of a_node wrote a[0,0,0,0] to UB word "));
  CHECK_THAT(commands.execute("who a[0,0,0,0]"), Contains("\nwritten by "));
  CHECK_THAT(commands.execute("tensor a[0,0,0,0]"), Contains("] = ") && Contains(" at UB word "));
}

}  // namespace systole
