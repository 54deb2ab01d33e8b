// SPDX-License-Identifier: Apache-2.0
// Writes requests in the form that is asked for.
#include "sim/trace/dram_trace.h"

#include "model/arch/geometry.h"
#include "sim/trace/dram_replay.h"
#include "sim/trace/names.h"
#include "sim/trace/text_file.h"

namespace systole::trace {
namespace {

/// A line a burst.
class CsvRequests {
 public:
  CsvRequests(const TracedRun& run, TextFile& out)
      : run_(run), map_(run.arch.memory), layers_(run.program), out_(out) {
    out_.write(trace_head(run, "DRAM requests"));
    out_.print(
        "request_cycle,accept_cycle,first_beat_cycle,last_beat_cycle,address,bytes,beats,direction,"
        "class,unit,pc,layer,channel,bank_group,bank,row,accesses,row_hits,row_misses,"
        "row_conflicts\n");
  }

  void add(const TracedBurst& burst) {
    const BurstOwner& owner = burst.owner;
    out_.print("{},{},{},{},0x{:08x},{},{},{},{},{},{},{},", burst.event.cycle, burst.timing.accept,
               burst.timing.first, burst.timing.last, owner.addr, owner.bytes, burst.event.beats,
               burst.event.write ? "write" : "read", traffic_class(run_.program, owner),
               isa::unit_name(owner.unit), owner.pc, layers_.csv_of(owner.pc));
    if (!map_.has_rows()) return out_.print(",,,,,,,\n");
    const memory::DdrPlace place = map_.place(burst.event.addr);
    out_.print("{},{},{},{},{},{},{},{}\n", place.channel, place.group, place.bank, place.row,
               burst.met.accesses(), burst.met.row_hits, burst.met.row_misses,
               burst.met.row_conflicts);
  }

 private:
  const TracedRun& run_;
  const AccessMap map_;
  const LayerNames layers_;
  TextFile& out_;
};

/// Calls `see` with the address of each access that `burst` takes.
template <class See>
void for_each_access(const core::DramEvent& burst, int bus_bytes, const AccessMap& map, See see) {
  const uint64_t end =
      uint64_t{burst.addr} + uint64_t{burst.beats} * static_cast<uint64_t>(bus_bytes);
  for (uint64_t addr = map.first_access(burst.addr); addr < end; addr += map.access_bytes())
    see(addr);
}

}  // namespace

void write_dram_trace(const TracedRun& run, DramTraceFormat format,
                      const std::filesystem::path& file, const std::filesystem::path& named) {
  TextFile out(file, named);
  if (format == DramTraceFormat::kCsv) {
    CsvRequests requests(run, out);
    replay_dram(run, [&](const TracedBurst& burst) { requests.add(burst); });
    return out.close();
  }
  const bool dramsys = format == DramTraceFormat::kDramsys;
  const AccessMap map(run.arch.memory);
  const int bus_bytes = arch::Geometry(run.arch.hw).axi_bytes;
  if (dramsys) out.write(trace_head(run, "DRAM requests for DRAMSys"));
  for (const core::DramEvent& burst : run.result.dram)
    for_each_access(burst, bus_bytes, map, [&](uint64_t addr) {
      if (dramsys)
        out.print("{}: ({}) {} 0x{:x}\n", burst.cycle, map.access_bytes(),
                  burst.write ? "write" : "read", addr);
      else
        out.print("{} 0x{:x}\n", burst.write ? "ST" : "LD", addr);
    });
  out.close();
}

}  // namespace systole::trace
