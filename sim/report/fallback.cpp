// SPDX-License-Identifier: Apache-2.0
// Counts the host's work and the transfers, and prints them.
#include "sim/report/fallback.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/report/columns.h"
#include "sim/report/format.h"
#include "sim/report/ratio.h"

namespace systole::report {
namespace {

int64_t bytes_of(const graph::QGraph& graph, graph::TensorId id) {
  return graph.tensors[static_cast<size_t>(id)].bytes();
}

StageReport device_stage(const pipeline::NetworkPlan& plan, const pipeline::PlanStage& stage) {
  StageReport report;
  report.device = true;
  report.elements = plan.batch * stage.elements;
  std::set<std::string> given, read_later;  // by the user; by stages
  for (const pipeline::PlanTensor& input : plan.inputs) given.insert(input.name);
  for (const pipeline::PlanStage& other : plan.stages)
    read_later.insert(other.inputs.begin(), other.inputs.end());
  for (size_t k = 0; k < stage.inputs.size(); ++k) {
    if (given.count(stage.inputs[k]) == 0)
      report.from_host += bytes_of(*stage.device, stage.device->inputs[k]);
  }
  for (size_t o = 0; o < stage.outputs.size(); ++o) {
    if (read_later.count(stage.outputs[o]) != 0)
      report.to_host += bytes_of(*stage.device, stage.device->outputs[o]);
  }
  return report;
}

StageReport host_stage(const pipeline::NetworkPlan& plan, const pipeline::PlanStage& stage) {
  StageReport report;
  report.work = stage.host->work();
  for (const pipeline::HostWork& work : report.work) {
    report.macs += plan.batch * work.macs;
    report.elements += plan.batch * work.elements;
  }
  return report;
}

/// "2 MatMul, 1 Softmax", most frequent first.
std::string operators_text(const std::vector<pipeline::HostWork>& work) {
  std::map<std::string, int> counts;
  for (const pipeline::HostWork& node : work) ++counts[node.op];
  std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [op, count] : sorted)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, printable(op));
  return text;
}

std::string layers_text(const std::vector<std::string>& layers) {
  if (layers.empty()) return "";
  if (layers.size() == 1) return printable(layers[0]);
  return fmt::format("{} layers, {} .. {}", layers.size(), printable(layers.front()),
                     printable(layers.back()));
}

}  // namespace

size_t FallbackReport::host_nodes() const {
  size_t nodes = 0;
  for (const StageReport& stage : stages) nodes += stage.work.size();
  return nodes;
}

FallbackReport make_fallback_report(const pipeline::NetworkPlan& plan,
                                    const std::vector<Report>& parts, const Report& total) {
  FallbackReport report;
  size_t part = 0;
  int64_t elements = 0;
  for (const pipeline::PlanStage& stage : plan.stages) {
    StageReport one = stage.device ? device_stage(plan, stage) : host_stage(plan, stage);
    if (stage.device && part < parts.size()) {
      one.cycles = parts[part].cycles;
      one.macs = parts[part].useful_macs;
      for (const LayerReport& layer : parts[part].layers) one.layers.push_back(layer.name);
      ++part;
    }
    elements += one.elements;
    if (!stage.device) {
      report.host_macs += one.macs;
      report.host_elements += one.elements;
    }
    report.to_host += one.to_host;
    report.from_host += one.from_host;
    report.stages.push_back(std::move(one));
  }
  const auto bytes = static_cast<double>(report.to_host + report.from_host);
  report.dram_share = ratio(bytes, bytes + static_cast<double>(total.bytes.total()));
  report.transfer_ms = bytes / total.peak_bytes_per_cycle / (total.clock_mhz * 1e3);
  report.time_share = ratio(report.transfer_ms, report.transfer_ms + total.latency_ms);
  report.mac_share = ratio(static_cast<double>(report.host_macs),
                           static_cast<double>(report.host_macs + total.useful_macs));
  report.element_share =
      ratio(static_cast<double>(report.host_elements), static_cast<double>(elements));
  return report;
}

std::string stage_table(const FallbackReport& report, size_t width) {
  using enum Column::Side;
  Table table({{"stage", kLeft, 6},
               {"where", kLeft, 12},
               {"cycles", kRight, 12},
               {"from host", kRight, 10, 1},
               {"to host", kRight, 10, 1},
               {"work", kLeft, 0, 0, 2, 20}});
  for (size_t i = 0; i < report.stages.size(); ++i) {
    const StageReport& stage = report.stages[i];
    const std::string number = std::to_string(i + 1);
    if (stage.device)
      table.add({number, "accelerator", with_commas(stage.cycles), bytes_text(stage.from_host),
                 bytes_text(stage.to_host), layers_text(stage.layers)});
    else
      table.add({number, "host", "", "", "", operators_text(stage.work)});
  }
  return table.text(width);
}

std::string fallback_totals(const FallbackReport& report) {
  const auto count = [](int64_t n) { return with_commas(static_cast<uint64_t>(n)); };
  std::string text =
      line("host work",
           fmt::format("{} nodes, {} MACs ({:.2f} % of the network's), {} elements of results "
                       "({:.2f} %); the host's time is not modelled",
                       report.host_nodes(), count(report.host_macs), 100 * report.mac_share,
                       count(report.host_elements), 100 * report.element_share));
  text += line("transfers",
               fmt::format("{} to the host and {} from it, not in the cycles: {:.1f} % of all DRAM "
                           "traffic; at the memory's peak {:.6g} ms, {:.1f} % of the time",
                           bytes_text(report.to_host), bytes_text(report.from_host),
                           100 * report.dram_share, report.transfer_ms, 100 * report.time_share));
  return text;
}

nlohmann::ordered_json fallback_json(const FallbackReport& report) {
  nlohmann::ordered_json json = {
      {"to_host_bytes", report.to_host},       {"from_host_bytes", report.from_host},
      {"dram_share", report.dram_share},       {"transfer_ms_at_peak", report.transfer_ms},
      {"time_share", report.time_share},       {"macs", report.host_macs},
      {"mac_share", report.mac_share},         {"elements", report.host_elements},
      {"element_share", report.element_share}, {"time_modelled", false}};
  json["stages"] = nlohmann::ordered_json::array();
  for (const StageReport& stage : report.stages) {
    nlohmann::ordered_json one = {{"where", stage.device ? "accelerator" : "host"},
                                  {"macs", stage.macs},
                                  {"elements", stage.elements}};
    if (stage.device) {
      one["cycles"] = stage.cycles;
      one["from_host_bytes"] = stage.from_host;
      one["to_host_bytes"] = stage.to_host;
      one["layers"] = nlohmann::ordered_json::array();
      for (const std::string& layer : stage.layers) one["layers"].push_back(printable(layer));
    } else {
      one["nodes"] = nlohmann::ordered_json::array();
      for (const pipeline::HostWork& work : stage.work)
        one["nodes"].push_back({{"name", printable(work.node)},
                                {"operator", printable(work.op)},
                                {"reason", printable(work.reason)},
                                {"macs", work.macs},
                                {"elements", work.elements}});
    }
    json["stages"].push_back(std::move(one));
  }
  return json;
}

}  // namespace systole::report
