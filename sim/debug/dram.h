// SPDX-License-Identifier: Apache-2.0
// DRAM under a debugger: dates bursts, keeps the bytes, and can go back.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "model/arch/arch.h"
#include "model/core/events.h"
#include "model/core/memory_port.h"
#include "model/memory/memory_timing.h"
#include "sim/engine/axi_bridge.h"
#include "sim/platform/dram_image.h"

namespace systole::debug {

/// Serves either engine: the model hands a write over with its first beat, the RTL with its last.
/// The rules are those of platform::Memory.
class Dram : public core::MemoryPort, public engine::BurstMemory {
 public:
  /// `image`: what the run begins with.
  Dram(const arch::ArchConfig& arch, platform::DramImage image);

  memory::BurstTiming read(Cycle cycle, uint32_t addr, int beats, uint8_t* data) override;
  memory::BurstTiming write(Cycle cycle, uint32_t addr, int beats, uint8_t* data,
                            uint8_t* enables) override;

  int bus_bytes() const override { return bus_bytes_; }
  memory::BurstTiming read(Cycle cycle, uint32_t addr, int beats,
                           std::vector<uint8_t>& data) override;
  memory::BurstTiming open_write(Cycle cycle, uint32_t addr, int beats) override;
  bool store(uint32_t addr, std::vector<uint8_t>& data, std::vector<uint8_t>& enables) override;

  /// Writes whose last beat was before `now` are in memory; store() is called in `now`.
  void settle(Cycle now);
  /// Takes back what was asked for and written in cycle `from` and after it.
  void rewind(Cycle from);

  /// `count` bytes from `addr` on; zeros where never written.
  std::vector<uint8_t> bytes(uint64_t addr, size_t count) const;

 private:
  struct Write {
    Cycle last;  ///< cycle of its last beat
    uint32_t addr;
    std::vector<uint8_t> data, enables;  ///< enables: empty for all
  };
  struct Undo {
    Cycle cycle;
    uint64_t addr;
    std::vector<uint8_t> before;
  };

  memory::BurstTiming schedule(Cycle cycle, uint32_t addr, int beats, bool write);
  void put(Cycle cycle, uint32_t addr, std::span<const uint8_t> data,
           std::span<const uint8_t> enables);

  const arch::ArchConfig arch_;
  const int bus_bytes_;
  const uint64_t size_;
  platform::DramImage image_;
  std::unique_ptr<memory::MemoryTiming> timing_;
  std::vector<core::DramEvent> bursts_;
  std::vector<Undo> undo_;
  std::deque<Write> under_way_;
  Cycle now_ = 0;
};

}  // namespace systole::debug
