// SPDX-License-Identifier: Apache-2.0
// Task "cost": one layer compiled and simulated alone, and the answer kept.
#include "compiler/topology/single_layer.h"
#include "sim/energy/energy.h"
#include "sim/report/sparsity.h"
#include "sim/serve/tasks.h"
#include "sim/session/timed_run.h"

namespace systole::serve {
namespace {

using topology::kLargestSize;

constexpr size_t kMostCosts = 100'000;
constexpr int64_t kMostLayerBatch = 4096;

template <size_t N>
std::array<int64_t, N> numbers(Fields& fields, const std::string& key, int64_t min, int64_t max,
                               const std::array<int64_t, N>& otherwise) {
  if (!fields.has(key)) return otherwise;
  const Json& list = fields.value(key);
  const auto fail = [&] {
    throw Error(fmt::format("layer: {}: {}, expected {} whole numbers in {}..{}", key,
                            list.dump(-1, ' ', true, Json::error_handler_t::replace), N, min, max));
  };
  std::array<int64_t, N> result{};
  if (!list.is_array() || list.size() != N) fail();
  for (size_t i = 0; i < N; ++i) {
    if (!list[i].is_number_integer() || list[i] < min || list[i] > max) fail();
    result[i] = list[i];
  }
  return result;
}

topology::LayerInput read_input(Fields& fields) {
  return {fields.integer("channels", 1, kLargestSize), fields.integer("height", 1, kLargestSize),
          fields.integer("width", 1, kLargestSize)};
}

topology::LayerWindow read_window(Fields& fields, bool has_dilation) {
  topology::LayerWindow window;
  window.kernel = numbers(fields, "kernel", 1, kLargestSize, window.kernel);
  window.stride = numbers(fields, "stride", 1, kLargestSize, window.stride);
  if (has_dilation) window.dilation = numbers(fields, "dilation", 1, kLargestSize, window.dilation);
  window.padding = numbers(fields, "padding", 0, topology::kMostPadding, window.padding);
  return window;
}

topology::SingleLayer read_layer(Fields fields) {
  const std::string kind = fields.text("kind");
  topology::SingleLayer layer;
  if (kind == "conv") {
    topology::ConvLayer conv;
    conv.input = read_input(fields);
    conv.filters = fields.integer("filters", 1, kLargestSize);
    conv.groups = fields.integer("groups", 1, kLargestSize, 1);
    conv.window = read_window(fields, true);
    const auto kept = numbers<2>(fields, "sparsity", 1, 64, {1, 1});
    conv.kept = kept[0];
    conv.of = kept[1];
    layer = conv;
  } else if (kind == "matmul") {
    topology::MatmulLayer matmul;
    matmul.rows = fields.integer("rows", 1, topology::kLargestMatrix);
    matmul.inner = fields.integer("inner", 1, topology::kLargestMatrix);
    matmul.columns = fields.integer("columns", 1, topology::kLargestMatrix);
    const auto kept = numbers<2>(fields, "sparsity", 1, 64, {1, 1});
    matmul.kept = kept[0];
    matmul.of = kept[1];
    layer = matmul;
  } else if (kind == "max_pool" || kind == "average_pool") {
    const topology::LayerInput input = read_input(fields);
    layer = topology::PoolLayer{input, read_window(fields, false), kind == "average_pool"};
  } else if (kind == "add") {
    layer = topology::AddLayer{read_input(fields)};
  } else {
    throw Error(fmt::format(
        "layer: kind: '{}', expected conv, matmul, max_pool, average_pool or add", kind));
  }
  fields.refuse_others();
  return layer;
}

int bits(Fields& fields, const std::string& key) {
  const auto width = static_cast<int>(fields.integer(key, 1, 8, 8));
  if (width != 1 && width != 2 && width != 4 && width != 8)
    throw Error(fmt::format("cost: {}: {}, expected 8, 4, 2 or 1", key, width));
  return width;
}

Json cost_json(const session::TimedRun& timed) {
  const report::Report& report = timed.run.report;
  const energy::EnergyReport energy = timed.energy();
  return {{"cycles", report.cycles},
          {"latency_ms", report.latency_ms},
          {"useful_macs", report.useful_macs},
          {"mac_utilisation", report.mac_utilisation},
          {"dram_bytes", report.bytes.total()},
          {"weight_bytes", report.bytes.weights},
          {"lower_bound_cycles", report.lower_bound.largest()},
          {"bound_by", report.lower_bound.largest_name()},
          {"largest_stall", report::largest_stall(report.units).name()},
          {"energy_uj", energy.energy.total() * 1e-6},
          {"energy_table", energy.table}};
}

}  // namespace

Json tell_cost(Task& task) {
  Fields& fields = task.fields;
  const arch::ArchConfig& arch = task.find(task.state.archs, "arch");
  const int64_t batch = fields.integer("batch", 1, kMostLayerBatch, 1);
  const quant::LayerWidths widths{bits(fields, "weights"), bits(fields, "activations")};
  const std::string table = fields.text("energy", energy::kDefaultEnergyTable);
  const Json& asked = fields.value("layer");
  fields.refuse_others();
  const std::string key = Json({fields.integer("arch", 0, INT64_MAX), batch, widths.weights,
                                widths.activations, table, asked})
                              .dump();
  const bool is_file = table.find('/') != std::string::npos;  // which may be another one by now
  std::map<std::string, Json>& known = task.state.costs;
  if (is_file) known.erase(key);
  if (const auto found = known.find(key); found != known.end()) return found->second;
  const energy::EnergyTable prices = energy::load_energy_table(table);
  graph::QGraph graph = topology::make_layer(read_layer(fields.object("layer")), batch, widths);
  const session::TimedRun timed =
      session::run_timed(pipeline::lone_stage(std::move(graph)), arch, &prices);
  if (known.size() >= kMostCosts) known.clear();
  return known.emplace(key, cost_json(timed)).first->second;
}

}  // namespace systole::serve
