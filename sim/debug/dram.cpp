// SPDX-License-Identifier: Apache-2.0
// Keeps the bytes that each write has covered, and all bursts that the timing model was asked for.
#include "sim/debug/dram.h"

#include <algorithm>

#include "model/arch/geometry.h"

namespace systole::debug {

Dram::Dram(const arch::ArchConfig& arch, platform::DramImage image)
    : arch_(arch),
      bus_bytes_(arch::Geometry(arch.hw).axi_bytes),
      size_(arch.memory.size_mib << 20),
      image_(std::move(image)),
      timing_(memory::make_memory_timing(arch.memory, arch.clock_mhz, bus_bytes_)) {}

memory::BurstTiming Dram::schedule(Cycle cycle, uint32_t addr, int beats, bool write) {
  bursts_.push_back({cycle, addr, static_cast<uint16_t>(beats), write});
  memory::BurstTiming timing = timing_->schedule({cycle, addr, beats, write});
  timing.error = addr + static_cast<uint64_t>(beats) * static_cast<uint64_t>(bus_bytes_) > size_;
  return timing;
}

memory::BurstTiming Dram::read(Cycle cycle, uint32_t addr, int beats, uint8_t* data) {
  settle(cycle);
  const memory::BurstTiming timing = schedule(cycle, addr, beats, false);
  if (data == nullptr) return timing;
  const size_t count = static_cast<size_t>(beats * bus_bytes_);
  std::fill_n(data, count, uint8_t{0});
  if (timing.error || addr >= image_.size()) return timing;
  std::copy_n(image_.data() + addr, std::min(count, image_.size() - addr), data);
  return timing;
}

memory::BurstTiming Dram::write(Cycle cycle, uint32_t addr, int beats, uint8_t* data,
                                uint8_t* enables) {
  settle(cycle);
  const memory::BurstTiming timing = schedule(cycle, addr, beats, true);
  if (data == nullptr || timing.error) return timing;
  const auto count = static_cast<ptrdiff_t>(beats) * bus_bytes_;
  Write& write = under_way_.emplace_back(Write{timing.last, addr, {data, data + count}, {}});
  if (enables != nullptr) write.enables.assign(enables, enables + count);
  return timing;
}

memory::BurstTiming Dram::read(Cycle cycle, uint32_t addr, int beats, std::vector<uint8_t>& data) {
  data.resize(static_cast<size_t>(beats * bus_bytes_));
  return read(cycle, addr, beats, data.data());
}

memory::BurstTiming Dram::open_write(Cycle cycle, uint32_t addr, int beats) {
  return schedule(cycle, addr, beats, true);
}

bool Dram::store(uint32_t addr, std::vector<uint8_t>& data, std::vector<uint8_t>& enables) {
  if (addr + data.size() > size_) return false;
  put(now_, addr, data, enables);
  return true;
}

void Dram::settle(Cycle now) {
  now_ = now;
  for (; !under_way_.empty() && under_way_.front().last < now; under_way_.pop_front()) {
    const Write& write = under_way_.front();
    put(write.last, write.addr, write.data, write.enables);
  }
}

void Dram::put(Cycle cycle, uint32_t addr, std::span<const uint8_t> data,
               std::span<const uint8_t> enables) {
  if (addr + data.size() > image_.size()) image_.resize(addr + data.size());
  const auto first = image_.begin() + addr;
  undo_.push_back({cycle, addr, {first, first + std::ssize(data)}});
  for (size_t i = 0; i < data.size(); ++i)
    if (enables.empty() || enables[i] != 0) image_[addr + i] = data[i];
}

void Dram::rewind(Cycle from) {
  for (; !undo_.empty() && undo_.back().cycle >= from; undo_.pop_back())
    std::copy(undo_.back().before.begin(), undo_.back().before.end(),
              image_.begin() + static_cast<ptrdiff_t>(undo_.back().addr));
  while (!bursts_.empty() && bursts_.back().cycle >= from) bursts_.pop_back();
  timing_ = memory::make_memory_timing(arch_.memory, arch_.clock_mhz, bus_bytes_);
  for (const core::DramEvent& burst : bursts_)
    timing_->schedule({burst.cycle, burst.addr, burst.beats, burst.write});
  under_way_.clear();
  now_ = from;
}

std::vector<uint8_t> Dram::bytes(uint64_t addr, size_t count) const {
  std::vector<uint8_t> bytes(count);
  if (addr < image_.size())
    std::copy_n(image_.begin() + static_cast<ptrdiff_t>(addr),
                std::min<size_t>(count, image_.size() - addr), bytes.begin());
  return bytes;
}

}  // namespace systole::debug
