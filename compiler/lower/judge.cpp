// SPDX-License-Identifier: Apache-2.0
// The kernel on a memory that dates bursts, and gives bytes where timing depends on them: code and
// masks.
#include "compiler/lower/judge.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "model/arch/geometry.h"
#include "model/core/core_kernel.h"
#include "model/memory/memory_timing.h"

namespace systole::lower {
namespace {

/// No compiled program stands still; memories that give a byte in a thousand cycles look like it.
constexpr Cycle kPatience = Cycle{1} << 40;

class JudgedMemory : public core::MemoryPort {
 public:
  JudgedMemory(const program::Program& program, const arch::ArchConfig& arch,
               const arch::Geometry& geometry)
      : program_(program),
        timing_(memory::make_memory_timing(arch.memory, arch.clock_mhz, geometry.axi_bytes)),
        beat_bytes_(static_cast<size_t>(geometry.axi_bytes)) {}

  memory::BurstTiming read(Cycle cycle, uint32_t addr, int beats, uint8_t* data) override {
    if (data != nullptr) copy(addr, data, static_cast<size_t>(beats) * beat_bytes_);
    return schedule(cycle, addr, beats, false);
  }
  memory::BurstTiming write(Cycle cycle, uint32_t addr, int beats, uint8_t*, uint8_t*) override {
    return schedule(cycle, addr, beats, true);
  }

 private:
  memory::BurstTiming schedule(Cycle cycle, uint32_t addr, int beats, bool write) {
    return timing_->schedule({cycle, addr, beats, write});
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
  const size_t beat_bytes_;
};

}  // namespace

Verdict judge(const program::Program& program, const arch::ArchConfig& arch, Cycle limit,
              bool keep_log) {
  const arch::Geometry geometry(arch.hw);
  JudgedMemory memory(program, arch, geometry);
  core::RunLog log;
  core::KernelOptions options;
  options.cycle_limit = limit;
  options.watchdog_cycles = kPatience;
  core::CoreKernel kernel(arch.hw, memory, nullptr, keep_log ? &log : nullptr, program.code_addr,
                          static_cast<uint32_t>(program.code.size()), options);
  while (kernel.outcome() == core::CoreKernel::Outcome::kRunning) kernel.step();

  Verdict verdict;
  const bool ended = kernel.outcome() == core::CoreKernel::Outcome::kFinished &&
                     kernel.fault() == isa::Fault::kNone;
  verdict.cycles = ended ? kernel.next_cycle() : kNever;
  for (core::RetireEvent& event : log.retired)
    event.tag = isa::Header::decode(program.code[event.pc]).tag;
  std::stable_sort(log.retired.begin(), log.retired.end(), [](const auto& a, const auto& b) {
    return std::pair(a.end, a.unit) < std::pair(b.end, b.unit);
  });
  verdict.retired = std::move(log.retired);
  return verdict;
}

}  // namespace systole::lower
