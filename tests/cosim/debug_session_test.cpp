// SPDX-License-Identifier: Apache-2.0
// One script on both engines gives one text; steps back and forth lead to the same place.
#include <catch2/catch.hpp>
#include <sstream>

#include "model/arch/arch.h"
#include "model/golden/random_program.h"
#include "model/program/assembler.h"
#include "sim/debug/commands.h"
#include "sim/debug/dialogue.h"
#include "sim/debug/session.h"
#include "sim/session/compile.h"
#include "tests/cosim/broken_rtl.h"

namespace systole {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using debug::Commands;
using debug::Session;
using debug::Subject;

std::unique_ptr<debug::Target> make_rtl(const Subject& subject) {
  return debug::make_rtl_target(subject, {.quick = true});
}

std::string run_on(const Session::MakeTarget& make_target, const Subject& subject,
                   const std::string& script) {
  Session session(subject, make_target);
  Commands commands(session);
  std::istringstream lines(script);
  std::string text;
  debug::run_script(lines, "script", commands, [&](const std::string& said) { text += said; });
  return text;
}

/// What both engines say to `script`, which must be the same.
std::string run_on_both(const Subject& subject, const std::string& script) {
  const std::string model = run_on(debug::make_model_target, subject, script);
  const std::string rtl = run_on(make_rtl, subject, script);
  CHECK(rtl == model);
  return rtl;
}

Subject subject_of(const program::Program& program, const arch::ArchConfig& arch) {
  return {program, arch, platform::make_image(program), 10000};
}

/// Looks at all that there is.
constexpr const char* kLook =
    "where\nprint queues\nprint semaphores\nprint locks\nprint ring\nprint counters\ndisasm\n";

std::string moves(Cycle cycles) {
  return fmt::format(
      "{0}step {1}\n{0}instruction 2\n{0}back 7\n{0}back-instruction\n{0}goto {2}\n{0}step\n"
      "run cause mxu busy\nrun cause sto memory\n{0}break cycle {1}\nbreak cause vpu busy\n"
      "break golden\nbreak write acc 0:4\nbreak write ub 0:16\nrun\nrun\nrun\nwho ub 0.1\nwho acc "
      "1\nreverse-continue\nreverse-continue\nlist\ndelete 1\ndelete all\n"
      "run\n{0}back\n{0}",
      kLook, cycles / 5, cycles / 2);
}

Cycle length_of(const Subject& subject) {
  const auto model = debug::make_model_target(subject);
  model->go_to(~Cycle{0});
  return model->now().cycle;
}

}  // namespace

TEST_CASE("debug: both engines say the same of random programs") {
  const arch::ArchConfig arch = arch::load_arch("edge-4x4");
  const auto seed = GENERATE(range(1, 9));
  const program::Program program = golden::random_program(arch.hw, static_cast<uint64_t>(seed));
  const Subject subject = subject_of(program, arch);
  INFO("systole cosim --random 1 --arch edge-4x4 --seed " << seed);
  const std::string text = run_on_both(subject, moves(length_of(subject)));
  CHECK_THAT(text, Contains("instructions have ended; the "));
  CHECK_THAT(text, !Contains("golden executor"));
}

TEST_CASE("debug: a fault stops both engines, and one can go back from it") {
  const arch::ArchConfig arch = arch::load_arch("edge-4x4");
  golden::RandomOptions options;
  options.fault_percent = 100;
  const auto seed = GENERATE(range(1, 5));
  const program::Program program =
      golden::random_program(arch.hw, static_cast<uint64_t>(seed), options);
  const std::string text = run_on_both(
      subject_of(program, arch),
      "break fault\nrun\nwhere\ndelete all\nrun\nwhere\ndisasm\nback 1\nwhere\nprint counters\n");
  CHECK_THAT(text, Contains("breakpoint 1: fault "));
  CHECK_THAT(text, Contains("the run has stopped with fault "));
}

TEST_CASE("debug: a run that hangs says what every unit waits for") {
  const arch::ArchConfig arch = arch::load_arch("edge-4x4");
  const program::Program program = program::assemble_program(
      ".dram 4096\n.code 0x400\n"
      "load signal=mxu dram_addr=0 ub_addr=0 pixels=4 pixel_bytes=4\n"
      "matmul wait=lda,vpu ub_addr=0\n",
      "hang.s", arch.hw);
  Subject subject = subject_of(program, arch);
  subject.watchdog_cycles = 100;
  const std::string text = run_on_both(subject, "run\nwhere\nprint semaphores\nback\nwhere\n");
  CHECK_THAT(text, Contains("the watchdog has stopped it: no progress for 100 cycles"));
  CHECK_THAT(text, Contains("mxu    wait  sem_vpu      next 1 matmul; waits for a token of vpu"));
  CHECK_THAT(text, Contains("lda -> mxu: 1"));
}

TEST_CASE("debug: a network's layers and tensors are told on both engines") {
  const arch::ArchConfig arch = arch::load_arch("edge-4x4");
  session::NetworkRequest request;
  request.network = SYSTOLE_SOURCE_DIR "/tests/data/mlp_fmnist.onnx";
  const session::CompiledNetwork compiled = session::compile_network(request, arch);
  const program::Program& program = compiled.programs.at(0);
  const std::string last = program.layers.back().name, output = program.outputs.at(0).name;
  const std::string text = run_on_both(
      subject_of(program, arch),
      fmt::format("tensor\nbreak layer {0}\nbreak golden\nrun\nwhere\nbreak write {1}[0,3]\nrun\n"
                  "run\ntensor {1}\ntensor {1} real\ntensor {1}[0,3]\nwho {1}[0,3]\nwho ub 0.1\n"
                  "who acc 0\nx dram 0:0x20\noutput 14\noutput 0\nreverse-continue\n",
                  last, output));
  CHECK_THAT(text, Contains("breakpoint 1: "));
  CHECK_THAT(text, Contains("breakpoint 3: "));
  CHECK_THAT(text, Contains(" store of " + last + " wrote there; DRAM byte "));
  CHECK_THAT(text, Contains("written by "));
}

TEST_CASE("debug: N steps back and N forwards lead to the same place") {
  const arch::ArchConfig arch = arch::load_arch("edge-4x4");
  const program::Program program = golden::random_program(arch.hw, 3);
  const Subject subject = subject_of(program, arch);
  const Cycle length = length_of(subject);
  for (const Session::MakeTarget& make :
       {Session::MakeTarget(debug::make_model_target), Session::MakeTarget(make_rtl)}) {
    Session session(subject, make);
    Commands commands(session);
    const auto look = [&] {
      std::string text;
      std::istringstream lines(kLook);
      for (std::string line; std::getline(lines, line);) text += commands.execute(line);
      return text + commands.execute("x acc 0:16") + commands.execute("x dram 0:0x400");
    };
    for (const Cycle at : {Cycle{1}, length / 3, length / 2, length - 1, length}) {
      commands.execute(fmt::format("goto {}", at));
      const std::string there = look();
      for (const Cycle steps : {Cycle{1}, Cycle{13}, at / 2}) {
        if (steps == 0 || steps > at) continue;
        commands.execute(fmt::format("back {}", steps));
        CHECK(session.target().now().cycle == at - steps);
        commands.execute(fmt::format("step {}", steps));
        CHECK(look() == there);
      }
    }
  }
}

TEST_CASE("debug: a command that cannot be carried out leaves the session as it was") {
  const arch::ArchConfig arch = arch::load_arch("edge-4x4");
  const program::Program program = golden::random_program(arch.hw, 3);
  Session session(subject_of(program, arch), debug::make_model_target);
  Commands commands(session);
  commands.execute("step 20");
  const std::string there = commands.execute("where");
  const auto refused = [&](const std::string& line, const std::string& start) {
    INFO(line);
    CHECK_THROWS_WITH(commands.execute(line), StartsWith(start));
    CHECK(commands.execute("where") == there);
  };
  refused("stepp", "command 'stepp': expected one of where, step, back, ");
  refused("step x", "'x': expected how far to step");
  refused("step 1 2", "step: '2' is one operand too many, expected at most 1");
  refused("goto", "goto: expected a cycle");
  refused("break", "expected a condition: pc, layer, cycle, cause, write, fault, golden");
  refused("break pc 100000", "pc 100000: the program has ");
  refused("break layer conv1", "layer conv1: ");
  refused("break cause mux busy", "unit 'mux': expected one of fetch, lda");
  refused("break cause mxu bussy", "cause 'bussy': expected one of busy");
  refused("break write ub 0x100000", "0x100000: expected a word of UB from 0 to 0x");
  refused("break write acc 5:5", "5:5: expected a row of ACC from 0 to 0x100, the end behind");
  refused("delete 7", "breakpoint 7: there is none of that number");
  refused("reverse-continue", "reverse-continue: there is no breakpoint to go back to");
  refused("print queue", "print 'queue': expected one of units, queues");
  refused("x ub 0.4", "lane 4: a UB word has 4");
  refused("tensor y", "tensor y: unknown");
  const std::string end = commands.execute("run");
  CHECK_THAT(end, Contains("; the program has finished"));
  CHECK(commands.execute("step") == end);
}

TEST_CASE("debug: what the RTL computes wrongly is found where it is written") {
  // The vector unit's result, before it goes to the unified buffer.
  const BrokenRtl rtl("sys_ub.sv", ".wdata_i(vpu_writes ? vpu_wdata_i : lda_wdata_i),",
                      ".wdata_i(vpu_writes ? vpu_wdata_i ^ (8*WordBytes)'(1) : lda_wdata_i),");
  const arch::ArchConfig arch = arch::load_arch("edge-4x4");
  session::NetworkRequest request;
  request.network = SYSTOLE_SOURCE_DIR "/tests/data/mlp_fmnist.onnx";
  const session::CompiledNetwork compiled = session::compile_network(request, arch);
  const Subject subject = subject_of(compiled.programs.at(0), arch);
  const std::string script = "break golden\nrun\n";
  const std::string text = run_on(make_rtl, subject, script);
  CHECK_THAT(text, Contains(" vector of "));
  CHECK_THAT(text, Contains("wrote something else than the golden executor: UB word "));
  CHECK_THAT(run_on(debug::make_model_target, subject, script), !Contains("something else"));
}

TEST_CASE("debug: an assertion of the RTL ends the run, and one can go back from it") {
  const BrokenRtl rtl("sys_wb.sv", "assign credit_o = credits_q != '0;", "assign credit_o = 1'b1;");
  const arch::ArchConfig arch = arch::load_arch("edge-4x4");
  session::NetworkRequest request;
  request.network = SYSTOLE_SOURCE_DIR "/tests/data/mlp_fmnist.onnx";
  const session::CompiledNetwork compiled = session::compile_network(request, arch);
  const Subject subject = subject_of(compiled.programs.at(0), arch);
  Session session(subject, make_rtl);
  Commands commands(session);
  const std::string end = commands.execute("run");
  CHECK_THAT(end, Contains("; the RTL cannot go on: ") && Contains("sys_wb"));
  const Cycle broken = session.target().now().cycle;
  CHECK_THAT(commands.execute("back"), StartsWith(fmt::format("cycle {}: ", broken - 1)));
  CHECK_THAT(commands.execute("print ring"), Contains("ready"));
  CHECK(commands.execute("run") == end);
}

}  // namespace systole
