// SPDX-License-Identifier: Apache-2.0
// Computes the figures of a run from its program, counters and logs.
#include "sim/report/report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "model/arch/geometry.h"
#include "model/arch/weight_rows.h"

namespace systole {
namespace {

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

Cycle memory_cycles(int64_t bytes, double peak) {
  return static_cast<Cycle>(std::ceil(static_cast<double>(bytes) / peak));
}

double utilisation(int64_t macs, Cycle cycles, const HwParams& hw) {
  return ratio(static_cast<double>(macs), static_cast<double>(cycles) * hw.rows * hw.cols);
}

// The cycle after the last retire of each tag.
std::unordered_map<uint16_t, Cycle> ends_by_tag(const std::vector<RetireEvent>& retired) {
  std::unordered_map<uint16_t, Cycle> ends;
  for (const RetireEvent& event : retired) {
    Cycle& end = ends[event.tag];
    end = std::max(end, event.end + 1);
  }
  return ends;
}

LayerReport layer_report(const LayerInfo& info, const HwParams& hw, const DramBytes& bytes,
                         double peak, const CauseLog& causes, Cycle from, Cycle to) {
  LayerReport layer;
  layer.name = info.name;
  layer.op = info.op;
  layer.cycles = to - from;
  layer.useful_macs = info.useful_macs;
  layer.dense_macs = info.dense_macs;
  layer.mac_utilisation = utilisation(info.useful_macs, layer.cycles, hw);
  layer.bytes = bytes;
  layer.bytes_per_cycle =
      ratio(static_cast<double>(bytes.total()), static_cast<double>(layer.cycles));
  layer.bounds = {static_cast<Cycle>(info.mxu_bound), static_cast<Cycle>(info.vpu_bound),
                  memory_cycles(info.weight_bytes + info.input_bytes + info.output_bytes, peak)};
  layer.cycles_per_bound =
      ratio(static_cast<double>(layer.cycles), static_cast<double>(layer.bounds.largest()));
  layer.units = cause_cycles(causes, from, to);
  const CauseCycles& mxu = layer.units[static_cast<size_t>(isa::Unit::kMxu)];
  const auto stall = std::max_element(mxu.begin() + 1, mxu.end());
  layer.stall = static_cast<isa::Cause>(stall - mxu.begin());
  layer.stall_cycles = *stall;
  layer.distance = distance_to_bound(layer.cycles, layer.bounds, layer.units, bytes);
  return layer;
}

void add_layers(Report& report, const Program& program, const RunResult& result) {
  std::map<uint16_t, DramBytes> bytes;
  for (const isa::Words& words : program.code)
    bytes[isa::Header::decode(words).tag] += instruction_bytes(words, program.hw);
  const auto ends = ends_by_tag(result.retired);
  Cycle from = 0;
  for (const LayerInfo& info : program.layers) {
    // The head of the run belongs to the first layer, its tail to the last: the rows sum to the
    // total.
    const auto end = ends.find(info.tag);
    Cycle to = end == ends.end() ? from : std::clamp(end->second, from, result.cycles);
    if (&info == &program.layers.back()) to = result.cycles;
    report.layers.push_back(layer_report(info, program.hw, bytes[info.tag],
                                         report.peak_bytes_per_cycle, result.causes, from, to));
    from = to;
  }
}

Bounds network_bounds(const Program& program, double peak) {
  Bounds bounds;
  int64_t bytes = 0;
  for (const LayerInfo& layer : program.layers) {
    bounds.mxu += static_cast<Cycle>(layer.mxu_bound);
    bounds.vpu += static_cast<Cycle>(layer.vpu_bound);
    bytes += layer.weight_bytes;
  }
  for (const TensorInfo& tensor : program.inputs) bytes += tensor.bytes();
  for (const TensorInfo& tensor : program.outputs) bytes += tensor.bytes();
  bounds.memory = memory_cycles(bytes, peak);
  return bounds;
}

std::vector<HostReport> host_report(const Program& program, const DramBytes& bytes) {
  std::vector<HostReport> steps;
  for (const HostStep& step : program.host_steps) {
    HostReport host{step.op, step.tensor, 0, 0};
    for (const TensorInfo& tensor : program.outputs)
      if (tensor.name == step.tensor) host.values = tensor.bytes();
    const double host_bytes = 8.0 * static_cast<double>(host.values);  // float32 in and out
    host.byte_share = ratio(host_bytes, host_bytes + static_cast<double>(bytes.total()));
    steps.push_back(host);
  }
  return steps;
}

MemoryReport memory_report(const ArchConfig& arch, const RunResult& result,
                           double bytes_per_cycle) {
  MemoryReport memory;
  memory.name = arch.memory.kind == "ddr" ? arch.memory.ddr.preset : arch.memory.kind;
  memory.share_of_peak = ratio(bytes_per_cycle, peak_bytes_per_cycle(arch));
  const double cycles = static_cast<double>(result.cycles);
  for (const isa::Cause cause :
       {isa::Cause::kWeights, isa::Cause::kSemLda, isa::Cause::kSemLdw, isa::Cause::kSemSto}) {
    const auto counter = static_cast<size_t>(isa::cause_counter(isa::Unit::kMxu, cause));
    memory.matrix_unit_wait += ratio(static_cast<double>(result.counters[counter]), cycles);
  }
  memory.stats = result.memory;
  const double bus_ps =
      cycles * 1e6 / arch.clock_mhz * static_cast<double>(arch.memory.ddr.channels);
  memory.row_hit_rate = ratio(static_cast<double>(result.memory.row_hits),
                              static_cast<double>(result.memory.accesses()));
  memory.lost_rows = ratio(static_cast<double>(result.memory.lost_rows_ps), bus_ps);
  memory.lost_refresh = ratio(static_cast<double>(result.memory.lost_refresh_ps), bus_ps);
  memory.lost_turnaround = ratio(static_cast<double>(result.memory.lost_turnaround_ps), bus_ps);
  memory.lost_bank_groups = ratio(static_cast<double>(result.memory.lost_bank_group_ps), bus_ps);
  return memory;
}

}  // namespace

DramBytes instruction_bytes(const isa::Words& words, const HwParams& hw) {
  DramBytes bytes;
  bytes.instructions = isa::kInstructionBytes;
  switch (isa::Opcode(isa::Header::decode(words).opcode)) {
    case isa::Opcode::kLoad: {
      const auto load = isa::Load::decode(words);
      bytes.activations_read =
          int64_t{load.count0} * load.count1 * load.count2 * load.pixels * load.pixel_bytes;
      break;
    }
    case isa::Opcode::kLoadWindow: {
      const auto load = isa::LoadWindow::decode(words);
      bytes.activations_read = int64_t{load.count0} * load.count1 * load.row_bytes;
      break;
    }
    case isa::Opcode::kLoadParam: {
      const auto load = isa::LoadParam::decode(words);
      bytes.params = int64_t{load.count} * (load.target ? 256 : Geometry(hw).pb_row_bytes);
      break;
    }
    case isa::Opcode::kLoadWeights: {
      const auto load = isa::LoadWeights::decode(words);
      bytes.weights = weight_bytes_of(load);
      break;
    }
    case isa::Opcode::kStore: {
      const auto store = isa::Store::decode(words);
      bytes.activations_written =
          int64_t{store.count0} * store.count1 * store.count2 * store.pixels * store.pixel_bytes;
      break;
    }
    default:
      break;
  }
  return bytes;
}

Report make_report(const Program& program, const ArchConfig& arch, const RunResult& result,
                   const std::string& engine, bool functional) {
  const auto counter = [&](isa::Counter c) {
    return static_cast<int64_t>(result.counters[static_cast<size_t>(c)]);
  };
  Report report;
  report.network = program.name;
  report.arch_name = arch.name;
  report.engine = engine;
  report.batch = program.batch;
  report.functional = functional;
  report.status = result.status;
  report.cycles = result.cycles;
  report.clock_mhz = arch.clock_mhz;
  report.host_seconds = result.host_seconds;
  report.cpu_seconds = result.cpu_seconds;
  // A run that was stopped has done an unknown part of them.
  const bool finished = result.status == RunStatus::kFinished;
  for (const LayerInfo& layer : program.layers) {
    if (!finished) break;
    report.useful_macs += layer.useful_macs;
    report.dense_macs += layer.dense_macs;
  }
  const double cycles = static_cast<double>(result.cycles);
  const double seconds = cycles / (arch.clock_mhz * 1e6);
  report.latency_ms = seconds * 1e3;
  report.inferences_per_s = ratio(finished ? static_cast<double>(program.batch) : 0, seconds);
  report.tops = ratio(2e-12 * static_cast<double>(report.useful_macs), seconds);
  report.effective_tops = ratio(2e-12 * static_cast<double>(report.dense_macs), seconds);
  report.peak_tops = 2e-6 * arch.hw.rows * arch.hw.cols * arch.clock_mhz;
  report.mac_utilisation = utilisation(report.useful_macs, result.cycles, arch.hw);
  const auto busy = isa::cause_counter(isa::Unit::kMxu, isa::Cause::kBusy);
  report.mxu_busy = ratio(static_cast<double>(result.counters[static_cast<size_t>(busy)]), cycles);
  report.bytes = {counter(isa::Counter::kReadBytesWeights), counter(isa::Counter::kReadBytesParams),
                  counter(isa::Counter::kReadBytesActivations), counter(isa::Counter::kWriteBytes),
                  counter(isa::Counter::kReadBytesInstructions)};
  report.bytes_per_cycle = ratio(static_cast<double>(report.bytes.total()), cycles);
  report.peak_bytes_per_cycle = peak_bytes_per_cycle(arch);
  report.memory = memory_report(arch, result, report.bytes_per_cycle);
  report.network_bounds = network_bounds(program, report.peak_bytes_per_cycle);
  report.units = cause_cycles(result.counters);
  report.distance =
      distance_to_bound(report.cycles, report.network_bounds, report.units, report.bytes);
  report.host = host_report(program, report.bytes);
  if (finished && !result.retired.empty()) add_layers(report, program, result);
  for (const LayerReport& layer : report.layers) report.layer_bound_sum += layer.bounds.largest();
  return report;
}

}  // namespace systole
