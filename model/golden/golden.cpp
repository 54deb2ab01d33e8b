// SPDX-License-Identifier: Apache-2.0
// Runs a program on the golden storages in an order that its tokens allow.
#include "model/golden/golden.h"

#include <fmt/format.h>

#include <bit>

#include "model/base/error.h"
#include "model/golden/golden_state.h"
#include "model/golden/token_machine.h"

namespace systole::golden {
namespace {

// The storages hold little-endian values that are copied as they stand.
static_assert(std::endian::native == std::endian::little);

// What an instruction does when its tokens are taken.
struct ExecuteWhole {
  GoldenState& state;
  bool operator()(const isa::Sync auto&) const { return true; }
  bool operator()(const isa::LoadWeights&) const { return true; }  // goes tile by tile
  bool operator()(const isa::Matmul&) const { return true; }       // goes tile by tile
  bool operator()(const auto& op) const { return state.execute(op); }
};

class Executor : public TokenObserver {
 public:
  Executor(const program::Program& program, std::vector<uint8_t>& dram,
           const GoldenOptions& options)
      : geometry_(program.hw),
        state_(program.hw, GoldenMemory(dram, options.memory_bytes)),
        work_left_(options.work_limit) {}

  void take(const Instruction& instruction) override {
    work_left_ -= work_of(instruction, geometry_);
    if (work_left_ < 0)
      throw Error(fmt::format("golden executor: {} exceeds the work limit of a run",
                              describe(instruction)));
    note(instruction, std::visit(ExecuteWhole{state_}, instruction.op));
  }

  void tile(const Instruction& instruction, int64_t index, int64_t count) override {
    if (const auto* weights = std::get_if<isa::LoadWeights>(&instruction.op))
      note(instruction, state_.append_tile(*weights, index, count));
    else
      state_.use_tile(std::get<isa::Matmul>(instruction.op), index, count);
  }

  void end(const Instruction&) override {}

  /// The first bus error of each unit: units are in order, so no later one of it can come first.
  const std::vector<GoldenFault>& bus_errors() const { return bus_errors_; }

 private:
  void note(const Instruction& instruction, bool good) {
    bool& seen = unit_failed_[static_cast<size_t>(instruction.unit)];
    if (good || seen) return;
    seen = true;
    const bool write = instruction.unit == isa::Unit::kSto;
    bus_errors_.push_back({write ? isa::Fault::kBusWrite : isa::Fault::kBusRead, instruction.pc});
  }

  arch::Geometry geometry_;
  GoldenState state_;
  double work_left_;
  std::array<bool, isa::kUnits> unit_failed_{};
  std::vector<GoldenFault> bus_errors_;
};

}  // namespace

GoldenResult run_golden(const program::Program& program, std::vector<uint8_t>& dram,
                        const GoldenOptions& options) {
  Executor executor(program, dram, options);
  TokenMachine machine(program, executor);
  const TokenMachine::Outcome outcome = machine.run(options.order_seed);
  GoldenResult result;
  result.faults = executor.bus_errors();
  if (outcome.fault != isa::Fault::kNone)
    result.faults.push_back({outcome.fault, outcome.fault_pc});
  if (!result.faults.empty()) {
    result.status = GoldenResult::Status::kFault;
  } else if (!outcome.finished) {
    result.status = GoldenResult::Status::kDeadlock;
    result.waiting = outcome.waiting;
  }
  return result;
}

}  // namespace systole::golden
