// SPDX-License-Identifier: Apache-2.0
// What comparing two runs finds, and how it says so.
#include "sim/cosim/compare.h"

#include <catch2/catch.hpp>

#include "model/isa/counter_ids.h"

namespace systole {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

cosim::Outcome outcome(const char* engine) {
  cosim::Outcome o;
  o.engine = engine;
  o.result.cycles = 100;
  o.result.retired = {{0, isa::Unit::kLda, 0, 5, 30}, {1, isa::Unit::kSto, 0, 35, 60}};
  o.result.dram = {{10, 0x40, 8, false}, {40, 0x80, 2, true}};
  o.image = {1, 2, 3, 4};
  return o;
}

program::Program program() {
  program::Program p;
  p.code.resize(2);
  p.code[0][0] = static_cast<uint32_t>(isa::Opcode::kLoad);
  p.code[1][0] = static_cast<uint32_t>(isa::Opcode::kStore);
  return p;
}

TEST_CASE("equal runs have no difference, whatever the host took") {
  cosim::Outcome a = outcome("rtl"), b = outcome("model");
  a.result.host_seconds = 1;
  a.result.dump = "text";
  CHECK(cosim::compare(a, b, program()).empty());
}

TEST_CASE("an instruction that ends a cycle later is told with both intervals") {
  const cosim::Outcome a = outcome("rtl");
  cosim::Outcome b = outcome("model");
  b.result.retired[1].end = 61;
  const std::string text = cosim::compare(a, b, program());
  CHECK_THAT(text, StartsWith("first divergence at or before cycle 60\n"));
  CHECK_THAT(
      text,
      Contains("retired instruction 1: rtl has pc 1 store 35..60; model has pc 1 store 35..61"));
  CHECK_THAT(text, Contains("lda  rtl    pc 0 load 5..30"));
}

TEST_CASE("the earlier of two divergences comes first") {
  const cosim::Outcome a = outcome("rtl");
  cosim::Outcome b = outcome("model");
  b.result.retired[1].end = 61;
  b.result.dram[0].beats = 4;
  const std::string text = cosim::compare(a, b, program());
  CHECK_THAT(text, StartsWith("first divergence at or before cycle 10\n"));
  CHECK(text.find("dram burst 0: rtl has read 0x40 x8 at 10; model has read 0x40 x4 at 10") <
        text.find("retired instruction 1"));
}

TEST_CASE("a missing event is told as none") {
  const cosim::Outcome a = outcome("rtl");
  cosim::Outcome b = outcome("model");
  b.result.dram.pop_back();
  CHECK_THAT(cosim::compare(a, b, program()),
             Contains("dram burst 1: rtl has write 0x80 x2 at 40; model has none"));
}

TEST_CASE("counters, fault, status and cycles are compared by name") {
  const cosim::Outcome a = outcome("rtl");
  cosim::Outcome b = outcome("model");
  b.result.counters[isa::cause_counter(isa::Unit::kVpu, isa::Cause::kBank)] = 7;
  b.result.status = platform::RunStatus::kFault;
  b.result.fault = isa::Fault::kUbRange;
  b.result.fault_pc = 3;
  b.result.cycles = 99;
  const std::string text = cosim::compare(a, b, program());
  CHECK_THAT(text, Contains("counter vpu_bank: rtl has 0; model has 7"));
  CHECK_THAT(text, Contains("status: rtl has finished; model has fault"));
  CHECK_THAT(text, Contains("fault: rtl has none; model has ub_range"));
  CHECK_THAT(text, Contains("fault_pc: rtl has 0; model has 3"));
  CHECK_THAT(text, Contains("cycles: rtl has 100; model has 99"));
}

TEST_CASE("what the memory did is compared too") {
  const cosim::Outcome a = outcome("rtl");
  cosim::Outcome b = outcome("model");
  b.result.memory.row_hits = 3;
  CHECK_THAT(cosim::compare(a, b, program()), Contains("memory statistics: rtl has 0 row hits, "));
  b.result.memory = {};
  b.result.memory.lost_turnaround_ps = 1;
  CHECK_THAT(cosim::compare(a, b, program()), Contains("0+0+1+0 ps lost"));
}

TEST_CASE("memory images are compared byte by byte, as if both went on with zeros") {
  const cosim::Outcome a = outcome("rtl");
  cosim::Outcome b = outcome("model");
  b.image.resize(8);
  CHECK(cosim::compare(a, b, program()).empty());
  b.image[2] = 9;
  b.image[7] = 1;
  CHECK_THAT(cosim::compare(a, b, program()),
             Contains("dram byte 0x2 (first of 2 that differ): rtl has 0x03; model has 0x09"));
}

TEST_CASE("a cycle with another cause is told, with the unit") {
  cosim::Outcome a = outcome("rtl"), b = outcome("model");
  auto& in_a = a.result.causes[static_cast<size_t>(isa::Unit::kVpu)];
  auto& in_b = b.result.causes[static_cast<size_t>(isa::Unit::kVpu)];
  in_a = {{3, static_cast<uint64_t>(isa::Cause::kSetup)},
          {6, static_cast<uint64_t>(isa::Cause::kBusy)}};
  in_b = {{3, static_cast<uint64_t>(isa::Cause::kSetup)},
          {7, static_cast<uint64_t>(isa::Cause::kBusy)}};
  const std::string text = cosim::compare(a, b, program());
  CHECK_THAT(text, StartsWith("first divergence at or before cycle 6\n"));
  CHECK_THAT(text, Contains("cause of vpu in cycle 6: rtl has busy; model has setup"));
  in_b = in_a;
  CHECK(cosim::compare(a, b, program()).empty());
  in_b.pop_back();
  CHECK_THAT(cosim::compare(a, b, program()),
             Contains("cause of vpu in cycle 6: rtl has busy; model has setup"));
}

}  // namespace
}  // namespace systole
