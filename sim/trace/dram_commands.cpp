// SPDX-License-Identifier: Apache-2.0
// Puts the commands of each channel in the order of time and writes them.
#include "sim/trace/dram_commands.h"

#include <algorithm>
#include <memory>

#include "model/arch/dram_clock.h"
#include "model/arch/geometry.h"
#include "model/memory/ddr_memory.h"
#include "sim/trace/dram_replay.h"
#include "sim/trace/names.h"
#include "sim/trace/text_file.h"

namespace systole::trace {
namespace {

using memory::DdrCommand;
using memory::Picoseconds;

/// As DRAMPower spells it.
const char* command_name(DdrCommand::Kind kind) {
  switch (kind) {
    case DdrCommand::Kind::kActivate:
      return "ACT";
    case DdrCommand::Kind::kPrecharge:
      return "PRE";
    case DdrCommand::Kind::kPrechargeSame:
      return "PRESB";
    case DdrCommand::Kind::kPrechargeAll:
      return "PREA";
    case DdrCommand::Kind::kRead:
      return "RD";
    case DdrCommand::Kind::kWrite:
      return "WR";
    case DdrCommand::Kind::kRefreshSame:
      return "REFSB";
    case DdrCommand::Kind::kRefresh:
      return "REFA";
  }
  return "?";
}

bool is_column(const DdrCommand& command) {
  return command.kind == DdrCommand::Kind::kRead || command.kind == DdrCommand::Kind::kWrite;
}

bool has_bank(const DdrCommand& command) {
  return command.kind != DdrCommand::Kind::kPrechargeAll &&
         command.kind != DdrCommand::Kind::kRefresh;
}

bool has_group(const DdrCommand& command) {
  return has_bank(command) && command.kind != DdrCommand::Kind::kPrechargeSame &&
         command.kind != DdrCommand::Kind::kRefreshSame;
}

bool has_row(const DdrCommand& command) {
  return command.kind == DdrCommand::Kind::kActivate || is_column(command);
}

/// Writes the commands of all channels, in picoseconds; what a command does not name is empty.
class CsvCommands {
 public:
  CsvCommands(const TracedRun& run, const NamedFile& file) : out_(file.file, file.named) {
    out_.write(trace_head(run, "DRAM commands"));
    out_.print("# ps: picoseconds since the start of cycle 0; those of a channel are in order\n");
    out_.print("ps,command,channel,bank_group,bank,row,column\n");
  }
  void add(size_t channel, const DdrCommand& command) {
    out_.print("{},{},{},", command.at, command_name(command.kind), channel);
    out_.write(has_group(command) ? fmt::format("{},", command.group) : ",");
    out_.write(has_bank(command) ? fmt::format("{},", command.bank) : ",");
    out_.write(has_row(command) ? fmt::format("{},", command.row) : ",");
    out_.write(is_column(command) ? fmt::format("{}\n", command.column) : "\n");
  }
  void end(Picoseconds) { out_.close(); }

 private:
  TextFile out_;
};

/// Writes a file a channel, in its clocks. A time is rounded up: what is legal stays so, as rules
/// are whole clocks. Data are zeros, as the memory's model knows of none.
class DrampowerCommands {
 public:
  DrampowerCommands(const TracedRun& run, const std::vector<NamedFile>& files)
      : banks_(run.arch.memory.ddr.banks),
        clock_(arch::ddr_preset_clock(run.arch.memory.ddr.preset)),
        data_(",0x" + std::string(2 * static_cast<size_t>(run.arch.memory.ddr.access_bytes), '0')) {
    for (const NamedFile& file : files)
      out_.push_back(std::make_unique<TextFile>(file.file, file.named));
  }
  void add(size_t channel, const DdrCommand& command) {
    const int64_t group = has_group(command) ? command.group : 0;
    const int64_t bank = has_bank(command) ? group * banks_ + command.bank : 0;
    out_[channel]->print("{},{},0,{},{},{},{}{}\n", clock_.edge_from(command.at),
                         command_name(command.kind), group, bank,
                         has_row(command) ? command.row : 0, command.column,
                         is_column(command) ? data_ : std::string());
  }
  void end(Picoseconds at) {
    for (const auto& out : out_) {
      out->print("{},END,0,0,0,0,0\n", clock_.edge_from(at));
      out->close();
    }
  }

 private:
  const int64_t banks_;
  const arch::DramClock clock_;
  const std::string data_;
  std::vector<std::unique_ptr<TextFile>> out_;
};

/// Runs the bursts of a log through the memory once more, and `out` gets the commands of each
/// channel in the order of time.
template <class Out>
void pass_commands(const TracedRun& run, Out& out) {
  memory::DdrMemory dram(run.arch.memory.ddr, run.arch.clock_mhz,
                         arch::Geometry(run.arch.hw).axi_bytes);
  memory::DdrCommandLogs logs;
  dram.set_logs(&logs);
  // Nothing that is issued for later bursts is before `until`.
  const auto pass = [&](Picoseconds until) {
    for (size_t channel = 0; channel < logs.size(); ++channel) {
      auto& log = logs[channel];
      const auto by_time = [](const DdrCommand& a, const DdrCommand& b) { return a.at < b.at; };
      std::stable_sort(log.begin(), log.end(), by_time);
      const auto last =
          std::find_if(log.begin(), log.end(), [&](const DdrCommand& c) { return c.at >= until; });
      std::for_each(log.begin(), last, [&](const DdrCommand& c) { out.add(channel, c); });
      log.erase(log.begin(), last);
    }
  };
  replay_bursts(run.result, dram, [&](const core::DramEvent& event, const memory::BurstTiming&) {
    pass(dram.arrival(event.cycle));
  });
  dram.idle(run.result.cycles);
  Picoseconds end = dram.start_of(run.result.cycles);
  for (const auto& log : logs)
    for (const DdrCommand& command : log) end = std::max(end, command.at);
  pass(end + 1);
  out.end(end);
}

}  // namespace

void write_dram_commands(const TracedRun& run, DramCommandsFormat format,
                         const std::vector<NamedFile>& files) {
  if (format == DramCommandsFormat::kCsv) {
    CsvCommands out(run, files.at(0));
    return pass_commands(run, out);
  }
  DrampowerCommands out(run, files);
  pass_commands(run, out);
}

}  // namespace systole::trace
