// SPDX-License-Identifier: Apache-2.0
// What `run` prints beside the report.
#include "sim/cli/run_text.h"

#include <fmt/format.h>

#include "model/isa/counter_ids.h"
#include "model/isa/isa.h"
#include "sim/cli/look.h"
#include "sim/report/classify.h"
#include "sim/report/explain.h"
#include "sim/report/format.h"

namespace systole::cli {

std::string stop_message(const program::Program& program, const platform::RunResult& result) {
  const std::string at = fmt::format("after {} cycles", report::with_commas(result.cycles));
  switch (result.status) {
    case platform::RunStatus::kWatchdog:
      return "stopped by the watchdog " + at + ", no unit made progress";
    case platform::RunStatus::kCycleLimit:
      return "stopped by the cycle limit " + at;
    case platform::RunStatus::kFault: {
      std::string instruction = "outside the program";
      if (result.fault_pc < program.code.size()) {
        const auto header = isa::Header::decode(program.code[result.fault_pc]);
        const auto* info = isa::find_instruction(header.opcode);
        instruction =
            fmt::format("{} with tag {}", info ? info->name : "illegal opcode", header.tag);
      }
      return fmt::format("stopped {} by fault {} at instruction {} ({})", at,
                         isa::fault_name(result.fault), result.fault_pc, instruction);
    }
    case platform::RunStatus::kFinished:
      break;
  }
  return "finished " + at;
}

std::string reached_text(const program::Program& program, const report::Report& report,
                         const platform::RunResult& result) {
  return fmt::format(
      "reached           {} of {} instructions retired, {} of DRAM traffic\n\n"
      "unit   cycles by cause\n{}",
      report::with_commas(result.retired.size()), report::with_commas(program.code.size()),
      report::bytes_text(report.bytes.total()),
      report::unit_table(report.units, report.cycles, out_width()));
}

std::string agreement_text(const session::Agreement& agreed) {
  return fmt::format(
      "RTL and model agree: {} bytes of DRAM, {} retired instructions, {} DRAM bursts and {} "
      "counters compared, every cycle of them, no difference\n",
      report::with_commas(agreed.bytes), report::with_commas(agreed.instructions),
      report::with_commas(agreed.bursts), isa::kCounters);
}

std::string predictions_text(const std::vector<std::vector<float>>& output,
                             const std::vector<int>& labels) {
  constexpr size_t kMost = 8;
  std::string text;
  for (size_t i = 0; i < output.size() && i < kMost; ++i) {
    if (output[i].empty()) continue;  // an output without elements
    text += fmt::format("item {}: class {}", i, report::argmax(output[i]));
    if (i < labels.size()) text += fmt::format(", label {}", labels[i]);
    text += '\n';
  }
  return text;
}

std::vector<std::string> memory_warnings(const arch::ArchConfig& arch) {
  const double port = arch.hw.axi_bits / 8.0, memory = arch::dram_bytes_per_cycle(arch);
  if (arch.memory.kind != "ddr" || memory <= port) return {};
  return {
      fmt::format("memory {} delivers {:.4g} GB/s, the AXI port of {} bits takes {:.4g} at "
                  "{:.6g} MHz: that is what can be reached",
                  arch.memory.ddr.name, memory * arch.clock_mhz * 1e-3, arch.hw.axi_bits,
                  port * arch.clock_mhz * 1e-3, arch.clock_mhz)};
}

}  // namespace systole::cli
