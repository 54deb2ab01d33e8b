// SPDX-License-Identifier: Apache-2.0
// Gathers the figures of each layer from the retire log and the counts of events, and words them.
#include "sim/scale_sim/reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "model/arch/geometry.h"
#include "model/core/events.h"
#include "sim/energy/events.h"
#include "sim/report/ratio.h"

namespace systole::scale_sim {
namespace {

using report::ratio;

/// The cycles from the first start to the last end of some instructions.
struct Span {
  int64_t first = 0, last = 0;
  bool empty = true;

  void add(const core::RetireEvent& event) {
    const auto from = static_cast<int64_t>(event.start), to = static_cast<int64_t>(event.end);
    first = empty ? from : std::min(first, from);
    last = empty ? to : std::max(last, to);
    empty = false;
  }
  int64_t cycles() const { return empty ? 0 : last - first + 1; }
};

/// What one layer did, all in bytes and sums, cycles from the run's start.
struct LayerFigures {
  Span loads, weights, products, stores;  ///< of the units' instructions
  int64_t ub_read = 0;                    ///< bytes of unified buffer words that entered the array
  int64_t wb_read = 0;                    ///< weights that entered it
  int64_t sums = 0;                       ///< that left it
  int64_t streamed = 0;                   ///< rows that it took
  const report::LayerReport* report = nullptr;
};

void add_span(LayerFigures& layer, const core::RetireEvent& event) {
  switch (event.unit) {
    case isa::Unit::kLda:
      return layer.loads.add(event);
    case isa::Unit::kLdw:
      return layer.weights.add(event);
    case isa::Unit::kMxu:
      return layer.products.add(event);
    case isa::Unit::kSto:
      return layer.stores.add(event);
    default:
      return;
  }
}

std::vector<LayerFigures> gather(const program::Program& program, const platform::RunResult& result,
                                 const report::Report& report) {
  std::map<uint16_t, size_t> places;
  std::vector<LayerFigures> layers(program.layers.size());
  for (size_t i = 0; i < layers.size(); ++i) {
    places.emplace(program.layers[i].tag, i);
    layers[i].report = &report.layers.at(i);
  }
  for (const core::RetireEvent& event : result.retired)
    if (const auto place = places.find(event.tag); place != places.end())
      add_span(layers[place->second], event);
  const arch::Geometry geometry(program.hw);
  const energy::ProgramEvents counted = energy::program_events(program);
  for (const auto& [tag, place] : places) {
    LayerFigures& layer = layers[place];
    if (const auto words = counted.array_words.find(tag); words != counted.array_words.end())
      layer.ub_read = words->second * geometry.lanes;
    const auto events = counted.by_tag.find(tag);
    if (events == counted.by_tag.end()) continue;
    layer.streamed = events->second[energy::EnergyEvent::kAccWrite];
    layer.wb_read = events->second[energy::EnergyEvent::kWbRead] * geometry.cols;
    layer.sums = layer.streamed * geometry.cols;
  }
  return layers;
}

/// Cycles of the layer in which the matrix unit waited for what DMA moves.
Cycle stalls(const report::LayerReport& layer) {
  const report::CauseCycles& causes = layer.units[static_cast<size_t>(isa::Unit::kMxu)];
  Cycle sum = 0;
  for (const isa::Cause cause :
       {isa::Cause::kWeights, isa::Cause::kSemLda, isa::Cause::kSemLdw, isa::Cause::kSemSto})
    sum += causes[static_cast<size_t>(cause)];
  return sum;
}

/// As SCALE-Sim writes a row: fields behind commas and spaces, and a comma at the end.
class Table {
 public:
  explicit Table(const std::string& header) : text_(header + ",\n") {}

  template <class... Fields>
  void add(const Fields&... fields) {
    text_ += fmt::format("{}", rows_++);
    ((text_ += fmt::format(", {}", fields)), ...);
    text_ += ",\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  size_t rows_ = 0;
};

std::string compute_table(const std::vector<LayerFigures>& layers, const isa::HwParams& hw) {
  Table table(
      "LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles, Overall Util %, "
      "Mapping Efficiency %, Compute Util %");
  for (const LayerFigures& layer : layers) {
    const report::LayerReport& own = *layer.report;
    const Cycle stalled = stalls(own);
    // Cycles of all elements that its products fill, of which each does several narrow ones.
    const double full = static_cast<double>(own.useful_macs) * own.mac_bits / 8 / hw.rows / hw.cols;
    const auto share = [&](double cycles) { return 100 * ratio(full, cycles); };
    table.add(layer.stores.last - std::min(layer.loads.first, layer.weights.first), own.cycles,
              stalled, share(static_cast<double>(own.cycles)),
              share(static_cast<double>(layer.streamed)),
              share(static_cast<double>(own.cycles - stalled)));
  }
  return table.take();
}

double rate(int64_t count, int64_t cycles) {
  return ratio(static_cast<double>(count), static_cast<double>(cycles));
}

std::string bandwidth_table(const std::vector<LayerFigures>& layers) {
  Table table(
      "LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, Avg OFMAP SRAM BW, Avg IFMAP DRAM BW, Avg "
      "FILTER DRAM BW, Avg OFMAP DRAM BW");
  for (const LayerFigures& layer : layers) {
    const auto cycles = static_cast<int64_t>(layer.report->cycles);
    const report::DramBytes& bytes = layer.report->bytes;
    table.add(rate(layer.ub_read, cycles), rate(layer.wb_read, cycles), rate(layer.sums, cycles),
              rate(bytes.activations_read, layer.loads.cycles()),
              rate(bytes.weights, layer.weights.cycles()),
              rate(bytes.activations_written, layer.stores.cycles()));
  }
  return table.take();
}

std::string access_table(const std::vector<LayerFigures>& layers) {
  std::string header = "LayerID";
  for (const char* access :
       {"SRAM IFMAP", "SRAM Filter", "SRAM OFMAP", "DRAM IFMAP", "DRAM Filter", "DRAM OFMAP"})
    header += fmt::format(", {0} Start Cycle, {0} Stop Cycle, {0} {1}", access,
                          std::string_view(access).ends_with("OFMAP") ? "Writes" : "Reads");
  Table table(header);
  for (const LayerFigures& layer : layers) {
    const int64_t zero = layer.products.first;  // SCALE-Sim's layers start at 0, loads before it
    const Span &mxu = layer.products, &load = layer.loads, &weights = layer.weights,
               &store = layer.stores;
    const report::DramBytes& bytes = layer.report->bytes;
    table.add(0, mxu.last - zero, layer.ub_read, 0, mxu.last - zero, layer.wb_read, 0,
              mxu.last - zero, layer.sums, load.first - zero, load.last - zero,
              bytes.activations_read, weights.first - zero, weights.last - zero, bytes.weights,
              store.first - zero, store.last - zero, bytes.activations_written);
  }
  return table.take();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> make_reports(const program::Program& program,
                                                              const platform::RunResult& result,
                                                              const report::Report& report) {
  const std::vector<LayerFigures> layers = gather(program, result, report);
  return {{kComputeFile, compute_table(layers, program.hw)},
          {kBandwidthFile, bandwidth_table(layers)},
          {kAccessFile, access_table(layers)}};
}

}  // namespace systole::scale_sim
