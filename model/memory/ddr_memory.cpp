// SPDX-License-Identifier: Apache-2.0
// From AXI bursts to accesses of DRAM channels and back.
#include "model/memory/ddr_memory.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace systole::memory {
namespace {

__extension__ using Wide = unsigned __int128;  // products of cycles and fractions of a picosecond

}  // namespace

DdrAddressMap::DdrAddressMap(const arch::DdrConfig& config) {
  std::array<int64_t, arch::kDdrFields> counts{};
  counts[static_cast<size_t>(arch::DdrField::kRow)] = config.rows;
  counts[static_cast<size_t>(arch::DdrField::kBank)] = config.banks;
  counts[static_cast<size_t>(arch::DdrField::kGroup)] = config.bank_groups;
  counts[static_cast<size_t>(arch::DdrField::kColumn)] = config.page_bytes / config.access_bytes;
  counts[static_cast<size_t>(arch::DdrField::kChannel)] = config.channels;
  arch::DdrMapping lowest_first = arch::parse_ddr_mapping(config.mapping);
  std::reverse(lowest_first.begin(), lowest_first.end());
  int shift = std::countr_zero(static_cast<uint64_t>(config.access_bytes));
  for (const arch::DdrField field : lowest_first) {
    const auto count = static_cast<uint64_t>(counts[static_cast<size_t>(field)]);
    slices_[static_cast<size_t>(field)] = {shift, count - 1};
    shift += std::countr_zero(count);
  }
}

DdrPlace DdrAddressMap::place(uint64_t addr) const {
  const auto field = [&](arch::DdrField f) { return slices_[static_cast<size_t>(f)].of(addr); };
  return {field(arch::DdrField::kChannel), field(arch::DdrField::kGroup),
          field(arch::DdrField::kBank), field(arch::DdrField::kRow),
          field(arch::DdrField::kColumn)};
}

DdrMemory::DdrMemory(const arch::DdrConfig& config, double clock_mhz, int bus_bytes)
    : config_(config),
      period_(static_cast<uint64_t>(std::llround(1e6 / clock_mhz * (1 << kFractionBits)))),
      bus_bytes_(static_cast<uint64_t>(bus_bytes)),
      access_bytes_(static_cast<uint64_t>(config.access_bytes)),
      map_(config),
      channels_(static_cast<size_t>(config.channels), DdrChannel(config)),
      write_buffer_(static_cast<size_t>(config.write_bursts), 0) {}

BurstTiming DdrMemory::schedule(const BurstRequest& request) {
  return request.write ? write(request) : read(request);
}

void DdrMemory::set_logs(DdrCommandLogs* logs) {
  logs->resize(channels_.size());
  for (size_t i = 0; i < channels_.size(); ++i) channels_[i].set_log(&(*logs)[i]);
}

void DdrMemory::idle(Cycle cycle) {
  MemoryStats uncounted;
  for (DdrChannel& channel : channels_) channel.idle(start_of(cycle), uncounted);
}

Picoseconds DdrMemory::start_of(Cycle cycle) const {
  return static_cast<Picoseconds>(static_cast<Wide>(cycle) * period_ >> kFractionBits);
}

Cycle DdrMemory::cycle_from(Picoseconds time) const {
  if (time <= 0) return 0;
  const auto scaled = static_cast<Wide>(time) << kFractionBits;
  return static_cast<Cycle>((scaled + period_ - 1) / period_);
}

Picoseconds DdrMemory::access(uint64_t addr, const DdrAccess& what) {
  const DdrPlace place = map_.place(addr);
  DdrAccess access = what;
  access.group = place.group;
  access.bank = place.bank;
  access.row = place.row;
  access.column = place.column;
  return channels_[static_cast<size_t>(place.channel)].access(access, stats_);
}

BurstTiming DdrMemory::read(const BurstRequest& request) {
  DdrAccess what;
  what.arrival = arrival(request.cycle);
  const uint64_t end = request.addr + static_cast<uint64_t>(request.beats) * bus_bytes_;
  // The earliest start of the first beat such that no beat is due before its bytes are there.
  Picoseconds start = 0;
  for (uint64_t addr = request.addr & ~(access_bytes_ - 1); addr < end; addr += access_bytes_) {
    const Picoseconds ready = access(addr, what) + config_.tburst_ps;
    const Cycle beat = addr <= request.addr ? 0 : (addr - request.addr) / bus_bytes_;
    start = std::max(start, ready - start_of(beat));
  }
  BurstTiming timing;
  timing.accept = request.cycle;
  timing.first = std::max({cycle_from(start), request.cycle + 1, last_read_ + 1});
  timing.last = timing.first + static_cast<Cycle>(request.beats - 1);
  last_read_ = timing.last;
  return timing;
}

BurstTiming DdrMemory::write(const BurstRequest& request) {
  Cycle& room = write_buffer_[next_write_];
  next_write_ = (next_write_ + 1) % write_buffer_.size();
  BurstTiming timing;
  timing.accept = request.cycle;
  timing.first = std::max({request.cycle + 1, last_write_ + 1, room});
  timing.last = timing.first + static_cast<Cycle>(request.beats - 1);
  last_write_ = timing.last;

  DdrAccess what;
  what.write = true;
  what.arrival = arrival(request.cycle);
  const uint64_t end = request.addr + static_cast<uint64_t>(request.beats) * bus_bytes_;
  Picoseconds written = 0;
  for (uint64_t addr = request.addr & ~(access_bytes_ - 1); addr < end; addr += access_bytes_) {
    // The access needs the beat that holds its last byte; a beat is there at the end of its cycle.
    const Cycle beat = (std::min(addr + access_bytes_, end) - 1 - request.addr) / bus_bytes_;
    what.data = start_of(timing.first + beat + 1) + config_.controller_ps;
    written = std::max(written, access(addr, what) + config_.tburst_ps);
  }
  room = cycle_from(written);
  return timing;
}

}  // namespace systole::memory
