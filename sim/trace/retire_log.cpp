// SPDX-License-Identifier: Apache-2.0
// Writes instructions with their cycles.
#include "sim/trace/retire_log.h"

#include "sim/trace/dram_replay.h"
#include "sim/trace/names.h"
#include "sim/trace/text_file.h"

namespace systole::trace {

std::vector<Cycle> fetch_cycles(const TracedRun& run) {
  std::vector<Cycle> cycles;
  uint64_t bytes = 0;
  replay_dram(run, [&](const TracedBurst& burst) {
    if (burst.owner.unit != isa::Unit::kFetch) return;
    bytes += burst.owner.bytes;
    while ((cycles.size() + 1) * isa::kInstructionBytes <= bytes)
      cycles.push_back(burst.timing.last);
  });
  return cycles;
}

void write_retire_log(const TracedRun& run, const std::filesystem::path& file,
                      const std::filesystem::path& named) {
  const std::vector<Cycle> fetched = fetch_cycles(run);
  const std::vector<Cycle> dispatched = dispatch_cycles(run.result);
  const LayerNames layers(run.program);
  TextFile out(file, named);
  out.write(trace_head(run, "retired instructions"));
  out.print("pc,unit,opcode,layer,fetch_cycle,dispatch_cycle,start_cycle,end_cycle\n");
  for (const core::RetireEvent& event : run.result.retired)
    out.print("{},{},{},{},{},{},{},{}\n", event.pc, isa::unit_name(event.unit),
              isa::opcode_name(opcode_at(run.program, event.pc)), layers.csv_of(event.pc),
              fetched.at(event.pc), dispatched.at(event.pc), event.start, event.end);
  out.close();
}

}  // namespace systole::trace
