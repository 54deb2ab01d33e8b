// SPDX-License-Identifier: Apache-2.0
// The kernel on a memory that dates bursts, and gives bytes where timing depends on them.
#include "model/timed/kernel_run.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "model/arch/geometry.h"
#include "model/memory/memory_timing.h"
#include "model/timed/run_order.h"

namespace systole::timed {
namespace {

class ProgramMemory : public core::MemoryPort {
 public:
  ProgramMemory(const program::Program& program, const arch::ArchConfig& arch, int beat_bytes)
      : program_(program),
        timing_(memory::make_memory_timing(arch.memory, arch.clock_mhz, beat_bytes)),
        beat_bytes_(static_cast<uint64_t>(beat_bytes)),
        size_(arch.memory.size_mib << 20) {}

  memory::BurstTiming read(Cycle cycle, uint32_t addr, int beats, uint8_t* data) override {
    if (data != nullptr) copy(addr, data, static_cast<size_t>(beats) * beat_bytes_);
    return schedule(cycle, addr, beats, false);
  }
  memory::BurstTiming write(Cycle cycle, uint32_t addr, int beats, uint8_t*, uint8_t*) override {
    return schedule(cycle, addr, beats, true);
  }
  memory::MemoryStats stats() const { return timing_->stats(); }

 private:
  memory::BurstTiming schedule(Cycle cycle, uint32_t addr, int beats, bool write) {
    memory::BurstTiming timing = timing_->schedule({cycle, addr, beats, write});
    timing.error = addr + static_cast<uint64_t>(beats) * beat_bytes_ > size_;
    return timing;
  }

  /// The bytes that stand in DRAM before the program starts.
  void copy(uint32_t addr, uint8_t* data, size_t length) const {
    std::memset(data, 0, length);
    place(addr, data, length, program_.code_addr,
          reinterpret_cast<const uint8_t*>(program_.code.data()),
          program_.code.size() * isa::kInstructionBytes);
    for (const program::Segment& segment : program_.segments)
      place(addr, data, length, segment.addr, segment.bytes.data(), segment.bytes.size());
  }

  /// What [addr, addr + length) has of `size` bytes at `start`.
  static void place(uint64_t addr, uint8_t* data, size_t length, uint64_t start,
                    const uint8_t* bytes, size_t size) {
    const uint64_t from = std::max(addr, start), to = std::min(addr + length, start + size);
    if (from < to) std::memcpy(data + (from - addr), bytes + (from - start), to - from);
  }

  const program::Program& program_;
  const std::unique_ptr<memory::MemoryTiming> timing_;
  const uint64_t beat_bytes_, size_;
};

}  // namespace

KernelRun run_kernel(const program::Program& program, const arch::ArchConfig& arch,
                     const KernelRunOptions& options) {
  using Outcome = core::CoreKernel::Outcome;
  KernelRun run;
  ProgramMemory memory(program, arch, arch::Geometry(arch.hw).axi_bytes);
  core::KernelOptions kernel_options;
  kernel_options.cycle_limit = options.cycle_limit;
  kernel_options.watchdog_cycles = options.watchdog_cycles;
  core::CoreKernel kernel(arch.hw, memory, nullptr, options.keep_logs ? &run.log : nullptr,
                          program.code_addr, static_cast<uint32_t>(program.code.size()),
                          kernel_options);
  while (kernel.outcome() == Outcome::kRunning) kernel.step();

  run.outcome = kernel.outcome();
  run.cycles = kernel.next_cycle();
  if (run.outcome == Outcome::kFinished) {
    run.fault = kernel.fault();
    if (run.fault != isa::Fault::kNone) run.fault_pc = kernel.fault_pc();
  } else {
    run.dump = kernel.dump();
  }
  run.counters = kernel.counters(run.cycles);
  run.memory = memory.stats();
  put_in_order(run.log, program);
  return run;
}

}  // namespace systole::timed
