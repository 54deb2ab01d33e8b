// SPDX-License-Identifier: Apache-2.0
// Computes the figures of a run from its program, counters and logs.
#include "sim/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <unordered_map>

#include "model/arch/nests.h"
#include "model/base/error.h"
#include "model/core/cycle_owner.h"
#include "model/isa/counter_ids.h"
#include "sim/report/ratio.h"

namespace systole::report {
namespace {

Cycle memory_cycles(int64_t bytes, double peak) {
  return static_cast<Cycle>(std::ceil(static_cast<double>(bytes) / peak));
}

// Cycles of a PE that the MACs of a layer take: it does several narrow ones in one.
double pe_cycles(const program::LayerInfo& layer) {
  return static_cast<double>(layer.useful_macs) * layer.mac_bits / 8;
}

double utilisation(double pe_cycles, Cycle cycles, const isa::HwParams& hw) {
  return ratio(pe_cycles, static_cast<double>(cycles) * hw.rows * hw.cols);
}

// The stretches of cycles that belong to each layer, by its place in program.layers.
std::vector<std::vector<core::OwnedCycles>> cycles_by_layer(const program::Program& program,
                                                            const platform::RunResult& result) {
  std::unordered_map<uint16_t, size_t> places;
  for (size_t i = 0; i < program.layers.size(); ++i) places.emplace(program.layers[i].tag, i);
  std::vector<core::RetireEvent> known;  // an assembled program can have others
  std::copy_if(result.retired.begin(), result.retired.end(), std::back_inserter(known),
               [&](const core::RetireEvent& event) { return places.contains(event.tag); });
  std::vector<std::vector<core::OwnedCycles>> stretches(program.layers.size());
  const auto owners = core::cycle_owners(known, result.cycles);
  for (const core::OwnedCycles& owned : owners) stretches[places.at(owned.tag)].push_back(owned);
  if (owners.empty()) stretches.back().push_back({0, result.cycles, program.layers.back().tag});
  return stretches;
}

LayerReport layer_report(const program::LayerInfo& info, const isa::HwParams& hw,
                         const DramBytes& bytes, double peak, const core::CauseLog& causes,
                         const std::vector<core::OwnedCycles>& stretches) {
  LayerReport layer;
  layer.name = info.name;
  layer.op = info.op;
  for (const core::OwnedCycles& owned : stretches) {
    layer.cycles += owned.to - owned.from;
    layer.units += cause_cycles(causes, owned.from, owned.to);
  }
  layer.useful_macs = info.useful_macs;
  layer.dense_macs = info.dense_macs;
  layer.mac_utilisation = utilisation(pe_cycles(info), layer.cycles, hw);
  layer.mac_bits = info.mac_bits;
  layer.bytes = bytes;
  layer.bytes_per_cycle =
      ratio(static_cast<double>(bytes.total()), static_cast<double>(layer.cycles));
  layer.bounds = {static_cast<Cycle>(info.mxu_bound), static_cast<Cycle>(info.vpu_bound),
                  memory_cycles(info.weight_bytes + info.least_bytes, peak)};
  layer.reference = {static_cast<Cycle>(info.mxu_reference), static_cast<Cycle>(info.vpu_reference),
                     memory_cycles(info.weight_bytes + info.input_bytes + info.output_bytes, peak)};
  layer.cycles_per_bound =
      ratio(static_cast<double>(layer.cycles), static_cast<double>(layer.bounds.largest()));
  layer.stall = largest_stall(layer.units);
  layer.distance = distance_to_bound(layer.cycles, layer.bounds, layer.units, bytes);
  return layer;
}

void add_layers(Report& report, const program::Program& program,
                const platform::RunResult& result) {
  std::map<uint16_t, DramBytes> bytes;
  for (const isa::Words& words : program.code)
    bytes[isa::Header::decode(words).tag] += instruction_bytes(words, program.hw);
  const auto stretches = cycles_by_layer(program, result);
  for (size_t i = 0; i < program.layers.size(); ++i)
    report.layers.push_back(layer_report(program.layers[i], program.hw,
                                         bytes[program.layers[i].tag], report.peak_bytes_per_cycle,
                                         result.causes, stretches[i]));
}

Bounds lower_bound(const program::Program& program, double peak) {
  Bounds bounds;
  int64_t bytes = 0;
  for (const program::LayerInfo& layer : program.layers) {
    bounds.mxu += static_cast<Cycle>(layer.mxu_bound);
    bounds.vpu += static_cast<Cycle>(layer.vpu_bound);
    bytes += layer.weight_bytes + layer.least_bytes;
  }
  bounds.memory = memory_cycles(bytes, peak);
  return bounds;
}

std::vector<HostReport> host_report(const program::Program& program, const DramBytes& bytes) {
  std::vector<HostReport> steps;
  for (const program::HostStep& step : program.host_steps) {
    HostReport host{step.op, step.tensor, 0, 0};
    for (const program::TensorInfo& tensor : program.outputs)
      if (tensor.name == step.tensor) host.values = tensor.bytes();
    const double host_bytes = 8.0 * static_cast<double>(host.values);  // float32 in and out
    host.byte_share = ratio(host_bytes, host_bytes + static_cast<double>(bytes.total()));
    steps.push_back(host);
  }
  return steps;
}

MemoryReport memory_report(const arch::ArchConfig& arch, const platform::RunResult& result,
                           double bytes_per_cycle) {
  MemoryReport memory;
  memory.name = arch.memory.kind == "ddr" ? arch.memory.ddr.name : arch.memory.kind;
  memory.share_of_peak = ratio(bytes_per_cycle, arch::peak_bytes_per_cycle(arch));
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

std::optional<SteadyState> steady_state(const program::Program& program,
                                        const arch::ArchConfig& arch,
                                        const platform::RunResult& result) {
  std::vector<Cycle> ends;  // of stores, of which each repetition has equally many
  for (const core::RetireEvent& event : result.retired)
    if (event.unit == isa::Unit::kSto) ends.push_back(event.end);
  const auto repeat = static_cast<size_t>(program.repeat);
  if (repeat == 1 || ends.empty() || ends.size() % repeat != 0) return std::nullopt;
  std::sort(ends.begin(), ends.end());
  const auto end_of = [&](size_t repetition) {
    return static_cast<double>(ends[repetition * (ends.size() / repeat) - 1]);
  };
  const size_t half = (repeat + 1) / 2;
  const double steady = (end_of(repeat) - end_of(half)) / static_cast<double>(repeat - half);
  const double cycles_per_s = arch.clock_mhz * 1e6;
  const int64_t batch = program.batch / program.repeat;  // of each repetition
  return SteadyState{end_of(1) / cycles_per_s * 1e3, steady / cycles_per_s * 1e3,
                     ratio(static_cast<double>(batch) * cycles_per_s, steady)};
}

DramBytes instruction_bytes(const isa::Words& words, const isa::HwParams& hw) {
  DramBytes bytes;
  bytes.instructions = isa::kInstructionBytes;
  const std::optional<isa::AnyInstruction> instruction = isa::decode(words);
  if (!instruction) return bytes;
  const int64_t moved =
      arch::nests_of(*instruction, arch::Geometry(hw)).touched(arch::Storage::kDram);
  if (std::holds_alternative<isa::LoadParam>(*instruction))
    bytes.params = moved;
  else if (unit_of(*instruction) == isa::Unit::kLdw)
    bytes.weights = moved;
  else if (unit_of(*instruction) == isa::Unit::kSto)
    bytes.activations_written = moved;
  else
    bytes.activations_read = moved;
  return bytes;
}

Report make_report(const program::Program& program, const arch::ArchConfig& arch,
                   const platform::RunResult& result, const std::string& engine, bool functional) {
  const auto counter = [&](isa::Counter c) {
    return static_cast<int64_t>(result.counters[static_cast<size_t>(c)]);
  };
  Report report;
  report.network = program.name;
  report.arch_name = arch.name;
  report.engine = engine;
  report.repeat = program.repeat;
  report.batch = program.batch / program.repeat;
  report.functional = functional;
  report.status = result.status;
  report.cycles = result.cycles;
  report.clock_mhz = arch.clock_mhz;
  report.host_seconds = result.host_seconds;
  report.cpu_seconds = result.cpu_seconds;
  // A run that was stopped has done an unknown part of them.
  const bool finished = result.status == platform::RunStatus::kFinished;
  double busy_pe_cycles = 0;
  for (const program::LayerInfo& layer : program.layers) {
    if (!finished) break;
    busy_pe_cycles += pe_cycles(layer);
    report.useful_macs += layer.useful_macs;
    report.dense_macs += layer.dense_macs;
  }
  const double cycles = static_cast<double>(result.cycles);
  const double seconds = cycles / (arch.clock_mhz * 1e6);
  report.latency_ms = seconds * 1e3;
  report.inferences_per_s = ratio(finished ? static_cast<double>(report.items()) : 0, seconds);
  report.tops = ratio(2e-12 * static_cast<double>(report.useful_macs), seconds);
  report.effective_tops = ratio(2e-12 * static_cast<double>(report.dense_macs), seconds);
  report.peak_tops = 2e-6 * arch.hw.rows * arch.hw.cols * arch.clock_mhz;
  report.mac_utilisation = utilisation(busy_pe_cycles, result.cycles, arch.hw);
  const auto busy = isa::cause_counter(isa::Unit::kMxu, isa::Cause::kBusy);
  report.mxu_busy = ratio(static_cast<double>(result.counters[static_cast<size_t>(busy)]), cycles);
  report.bytes = {counter(isa::Counter::kReadBytesWeights), counter(isa::Counter::kReadBytesParams),
                  counter(isa::Counter::kReadBytesActivations), counter(isa::Counter::kWriteBytes),
                  counter(isa::Counter::kReadBytesInstructions)};
  report.bytes_per_cycle = ratio(static_cast<double>(report.bytes.total()), cycles);
  report.peak_bytes_per_cycle = arch::peak_bytes_per_cycle(arch);
  report.memory = memory_report(arch, result, report.bytes_per_cycle);
  report.lower_bound = lower_bound(program, report.peak_bytes_per_cycle);
  if (finished && report.cycles < report.lower_bound.largest())
    throw internal_error(fmt::format("network '{}' took {} cycles, its lower bound is {} ({})",
                                     program.name, report.cycles, report.lower_bound.largest(),
                                     report.lower_bound.largest_name()));
  report.units = cause_cycles(result.counters);
  report.distance =
      distance_to_bound(report.cycles, report.lower_bound, report.units, report.bytes);
  report.host = host_report(program, report.bytes);
  report.accelerator_only = !report.host.empty();
  if (finished && !program.layers.empty() && !result.retired.empty())
    add_layers(report, program, result);
  if (finished) report.steady = steady_state(program, arch, result);
  for (const LayerReport& layer : report.layers)
    report.layer_reference += layer.reference.largest();
  return report;
}

}  // namespace systole::report
