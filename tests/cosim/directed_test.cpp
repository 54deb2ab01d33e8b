// SPDX-License-Identifier: Apache-2.0
// Small programs on both engines at 4x4: what random programs cannot end in (deadlock, limits), and
// exact cycles.
#include <catch2/catch.hpp>

#include "model/golden/instruction.h"
#include "model/isa/counter_ids.h"
#include "sim/cosim/cosim.h"
#include "tests/unit/extreme_fields.h"

namespace systole {
namespace {

using isa::Unit;

/// A program of single instructions.
class Builder {
 public:
  Builder& add(const isa::AnyInstruction& instruction, uint16_t wait = 0, uint16_t signal = 0) {
    return raw(encode(instruction, {.wait = wait, .signal = signal}));
  }
  Builder& raw(const isa::Words& words) {
    program_.code.push_back(words);
    return *this;
  }
  program::Program build() {
    program_.name = "directed";
    program_.code_addr = 0x1000;
    program_.dram_bytes = 0x2000;
    std::vector<uint8_t> data(256);
    for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<uint8_t>(i * 7 + 1);
    program_.segments = {{0, "data", data}};
    return program_;
  }

 private:
  program::Program program_;
};

constexpr uint16_t unit_bit(Unit unit) {
  return static_cast<uint16_t>(1 << static_cast<int>(unit));
}

arch::ArchConfig arch_4x4() {
  arch::ArchConfig arch;
  arch.hw.rows = arch.hw.cols = 4;
  arch.hw.ub_kib = 4;
  arch.hw.ub_banks = 2;
  arch.hw.acc_rows = 64;
  arch.hw.axi_bits = 32;
  arch.memory.size_mib = 1;
  return arch;
}

/// Runs on both engines, which must agree, and returns the RTL's side.
cosim::Outcome run_both(const program::Program& given, const platform::RunOptions& run = {}) {
  cosim::CosimOptions options;
  options.run = run;
  const arch::ArchConfig arch = arch_4x4();
  program::Program program = given;
  program.hw = arch.hw;
  cosim::CosimResult result =
      cosim::cosim_program(program, arch, platform::make_image(program), options);
  INFO(result.difference);
  CHECK(result.equal());
  return result.rtl;
}

isa::Load load_bytes(uint32_t from, uint16_t bytes) {
  isa::Load load;
  load.dram_addr = from;
  load.pixel_bytes = bytes;
  return load;
}

isa::Store store_bytes(uint32_t to, uint16_t bytes) {
  isa::Store store;
  store.dram_addr = to;
  store.pixel_bytes = bytes;
  return store;
}

TEST_CASE("an empty program takes one cycle on both engines") {
  const cosim::Outcome run = run_both(Builder().build());
  CHECK(run.result.status == platform::RunStatus::kFinished);
  CHECK(run.result.cycles == 1);
  CHECK(run.result.dram.empty());
}

TEST_CASE("a lone sync retires in the cycles that the timing page gives") {
  const cosim::Outcome run = run_both(Builder().add(isa::SyncVpu{}).build());
  // Fetch: pending 1, granted 1, AR 2, 16 beats of 4 bytes in two bursts of 8 from 2+20 = 22 to 37,
  // usable from
  // 38. Its last step is in 38: IR 39, DR 40 and pushed, queue head 41 = take, acquire 42, s = 43 =
  // end.
  REQUIRE(run.result.retired.size() == 1);
  CHECK(run.result.retired[0] == core::RetireEvent{0, Unit::kVpu, 0, 43, 43});
  // In flight is 0 (visible) from 44: running falls in 45.
  CHECK(run.result.cycles == 45);
}

TEST_CASE("bytes that are loaded and stored come out the same") {
  const cosim::Outcome run = run_both(Builder()
                                          .add(load_bytes(3, 41), 0, unit_bit(Unit::kSto))
                                          .add(store_bytes(0x1801, 41), unit_bit(Unit::kLda), 0)
                                          .build());
  CHECK(run.result.status == platform::RunStatus::kFinished);
  for (size_t i = 0; i < 41; ++i) {
    INFO(i);
    CHECK(run.image[0x1801 + i] == run.image[3 + i]);
  }
  CHECK(run.image[0x1800] == 0);
  CHECK(run.image[0x1801 + 41] == 0);
}

TEST_CASE("a token that nobody gives is a deadlock, and the watchdog ends it in the same cycle") {
  platform::RunOptions options;
  options.watchdog_cycles = 300;
  const cosim::Outcome run =
      run_both(Builder().add(load_bytes(0, 8), unit_bit(Unit::kVpu)).build(), options);
  CHECK(run.result.status == platform::RunStatus::kWatchdog);
  CHECK_THAT(run.result.dump, Catch::Matchers::Contains("lda    sem_vpu"));
}

TEST_CASE("a fault ends a run in which a matmul waits for weights and holds what others want") {
  isa::Matmul matmul;
  isa::VectorSet set;
  set.mid_scale = set.res_scale = 1;
  isa::Vector vector;  // of the row that the matmul writes
  const cosim::Outcome run =
      run_both(Builder()
                   .add(set)
                   .add(isa::LoadWeights{}, unit_bit(Unit::kSto))  // never taken
                   .add(matmul)
                   .add(vector)
                   .raw({0xff})
                   .build());
  CHECK(run.result.status == platform::RunStatus::kFault);
  CHECK(run.result.fault == isa::Fault::kIllegalOpcode);
  CHECK(run.result.fault_pc == 4);
  CHECK(run.result.retired.size() == 1);
}

TEST_CASE("a matmul without weights is a deadlock that the watchdog ends") {
  platform::RunOptions options;
  options.watchdog_cycles = 50;
  const cosim::Outcome run = run_both(Builder().add(isa::Matmul{}).build(), options);
  CHECK(run.result.status == platform::RunStatus::kWatchdog);
  CHECK_THAT(run.result.dump, Catch::Matchers::Contains("mxu    weights"));
}

TEST_CASE("the cycle limit stops both engines in the same cycle") {
  platform::RunOptions options;
  const program::Program program =
      Builder().add(load_bytes(0, 200)).add(load_bytes(0, 100)).build();
  const Cycle length = run_both(program).result.cycles;
  for (const Cycle limit : {Cycle{1}, Cycle{30}, length - 1}) {
    options.cycle_limit = limit;
    const cosim::Outcome run = run_both(program, options);
    CHECK(run.result.status == platform::RunStatus::kCycleLimit);
    CHECK(run.result.cycles == limit);
    // What was reached; run_both compares it, counter by counter.
    CHECK(run.result.counters[static_cast<size_t>(isa::Counter::kCycles)] == limit);
    CHECK(run.result.counters[static_cast<size_t>(
              isa::cause_counter(Unit::kFetch, isa::Cause::kMemory))] > 0);
  }
  options.cycle_limit = length;
  CHECK(run_both(program, options).result.status == platform::RunStatus::kFinished);
}

TEST_CASE("a run cut off in any cycle has the same bytes in memory on both engines") {
  platform::RunOptions options;
  // 90 bytes from 0x1801 on in bursts of 32: a beat a cycle, and all of them under way at once.
  const program::Program program = Builder()
                                       .add(load_bytes(3, 90), 0, unit_bit(Unit::kSto))
                                       .add(store_bytes(0x1801, 90), unit_bit(Unit::kLda), 0)
                                       .build();
  const cosim::Outcome whole = run_both(program);
  const auto first = std::find_if(whole.result.dram.begin(), whole.result.dram.end(),
                                  [](const core::DramEvent& event) { return event.write; });
  REQUIRE(first != whole.result.dram.end());
  size_t parts = 0;  // numbers of bytes that were seen in memory
  size_t before = 0;
  for (Cycle limit = first->cycle; limit < whole.result.cycles; ++limit) {
    options.cycle_limit = limit;
    const cosim::Outcome run = run_both(program, options);
    const size_t written = static_cast<size_t>(
        std::count_if(run.image.begin() + 0x1801, run.image.begin() + 0x1801 + 90,
                      [](uint8_t byte) { return byte != 0; }));
    CHECK(written >= before);
    parts += written != before;
    before = written;
  }
  CHECK(parts == 3);  // bursts: 31 bytes, 32, 27
}

TEST_CASE("faults at dispatch stop both engines with code and instruction") {
  isa::Words unknown{};
  unknown[0] = 0xff;
  isa::Load far = load_bytes(0, 8);
  far.ub_addr = 0xffff;
  isa::Load wraps = load_bytes(0xffffffff, 2);
  isa::Matmul rows;
  rows.oh = 64;
  rows.acc_addr = 1;
  isa::LoadParam params;
  params.row = 64;
  isa::Words zero{};
  zero[0] = static_cast<uint32_t>(isa::Opcode::kLoad);

  const auto fault_of = [](Builder& builder) {
    const cosim::Outcome run = run_both(builder.build());
    CHECK(run.result.status == platform::RunStatus::kFault);
    CHECK(run.result.fault_pc == 1);
    return run.result.fault;
  };
  const auto after_sync = [] { return Builder().add(isa::SyncLda{}); };
  CHECK(fault_of(after_sync().raw(unknown)) == isa::Fault::kIllegalOpcode);
  CHECK(fault_of(after_sync().raw(zero)) == isa::Fault::kMalformed);
  CHECK(fault_of(after_sync().add(far)) == isa::Fault::kUbRange);
  CHECK(fault_of(after_sync().add(wraps)) == isa::Fault::kDramRange);
  CHECK(fault_of(after_sync().add(rows)) == isa::Fault::kAccRange);
  CHECK(fault_of(after_sync().add(params)) == isa::Fault::kPbRange);
}

TEST_CASE("reads and writes beyond the memory are bus faults on both engines") {
  const cosim::Outcome read =
      run_both(Builder().add(load_bytes(0x100000 - 4, 8)).add(isa::SyncSto{}).build());
  CHECK(read.result.fault == isa::Fault::kBusRead);
  CHECK(read.result.fault_pc == 0);
  const cosim::Outcome write = run_both(Builder()
                                            .add(load_bytes(0, 8), 0, unit_bit(Unit::kSto))
                                            .add(store_bytes(0x100000 - 4, 8), unit_bit(Unit::kLda))
                                            .build());
  CHECK(write.result.fault == isa::Fault::kBusWrite);
  CHECK(write.result.fault_pc == 1);
}

TEST_CASE("a program beyond the memory is a bus fault of its first instruction") {
  program::Program program = Builder().add(isa::SyncLda{}).build();
  platform::DramImage image = platform::make_image(program);
  program.code_addr = 0x200000;
  cosim::CosimOptions options;
  options.golden = false;  // it would look for the code in the image
  const cosim::CosimResult result = cosim::cosim_program(program, arch_4x4(), image, options);
  INFO(result.difference);
  CHECK(result.equal());
  CHECK(result.rtl.result.fault == isa::Fault::kBusRead);
  CHECK(result.rtl.result.fault_pc == 0);
}

TEST_CASE(
    "instructions with a field at its extremes are equal on both engines and the golden executor") {
  constexpr double kMostWork = 1e6;  // that the golden executor does at once
  const arch::ArchConfig arch = arch_4x4();
  const auto rtl = engine::make_rtl_engine(arch, false, false);
  const auto model = engine::make_model_engine(arch);
  cosim::CosimOptions options;
  options.run.cycle_limit = 2000;
  options.run.watchdog_cycles = 500;
  int faults = 0, others = 0;
  const auto check = [&](const isa::InstructionInfo& info, const isa::Words& words) {
    INFO(text_of(info, words));
    isa::Words sync{};
    sync[0] = static_cast<uint8_t>(isa::Opcode::kSyncLda);
    program::Program program = Builder().raw(sync).raw(words).build();
    program.hw = arch.hw;
    // A store would show bytes that nobody has written; they differ.
    if (golden::dispatch_fault(words, arch.hw) == isa::Fault::kNone &&
        (info.opcode == isa::Opcode::kStore ||
         golden::work_of(golden::decode_instruction(words, 1), arch::Geometry(arch.hw)) >
             kMostWork))
      return;
    const cosim::CosimResult result =
        cosim::cosim_engines(*rtl, *model, program, arch, platform::make_image(program), options);
    REQUIRE(result.difference == "");
    ++(result.rtl.result.status == platform::RunStatus::kFault ? faults : others);
  };
  for (const isa::InstructionInfo& info : isa::kInstructions)
    for (const isa::FieldInfo& field : info.fields) {
      check(info, with(defaults(info), field, extremes(field).back()));
      check(info, with(defaults(info), field, extremes(field).front()));
    }
  const isa::InstructionInfo& weights =
      *isa::find_instruction(static_cast<uint8_t>(isa::Opcode::kLoadWeights));
  isa::LoadWeights load;
  load.positions = load.channels = 65535;
  load.cols = 4;
  isa::Words words = defaults(weights);
  load.encode(words);
  check(weights, words);  // 4 * 65535 * 65535 bytes
  CHECK(faults > 60);
  CHECK(others > 60);
}

}  // namespace
}  // namespace systole
