// SPDX-License-Identifier: Apache-2.0
// Cuts an interleave into bands of rows, each of which is columns of its parts in turn.
#include "compiler/exporter/joins.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/graph/refusal.h"

namespace systole::exporter {

namespace {

constexpr int64_t kRows = 2, kColumns = 3;  // dimensions of a map

/// The rows or columns of a tensor in its whole: the first one, and how far they are apart.
struct Turn {
  std::string tensor;
  int64_t first = 0, step = 1, count = 0;

  bool is_all(int64_t size) const { return first == 0 && step == 1 && count == size; }
  bool same_place(const Turn& other) const {
    return first == other.first && step == other.step && count == other.count;
  }
};

/// Which element of the tensors of `turns`, side by side, stands at each place of `size`.
std::vector<int64_t> order_of(const std::vector<Turn>& turns, int64_t size) {
  std::vector<int64_t> order(static_cast<size_t>(size), -1);
  int64_t at = 0;
  for (const Turn& turn : turns) {
    for (int64_t i = 0; i < turn.count; ++i) {
      const auto place = static_cast<size_t>(turn.first + i * turn.step);
      if (place >= order.size() || order[place] >= 0)
        throw graph::Unsupported("has parts that are no grid of rows and columns");
      order[place] = at++;
    }
  }
  if (at != size) throw graph::Unsupported("has parts that are no grid of rows and columns");
  return order;
}

std::string in_turn(ModelBuilder& model, const std::string& name, const std::vector<Turn>& turns,
                    int64_t axis, int64_t size, const std::string& result) {
  const std::string indices = model.constant(name + "/indices", order_of(turns, size));
  std::vector<std::string> tensors;
  for (const Turn& turn : turns) tensors.push_back(turn.tensor);
  onnx::NodeProto& joined = model.add("Concat", name + "/Concat", tensors, "");
  set_attribute(joined, "axis", axis);
  onnx::NodeProto& made = model.add("Gather", name, {joined.output(0), indices}, result);
  set_attribute(made, "axis", axis);
  return made.output(0);
}

}  // namespace

std::string write_interleave(ModelBuilder& model, const graph::Graph& graph,
                             const graph::Node& node, const std::vector<std::string>& parts,
                             const std::string& result) {
  const auto& places = node.as<graph::Interleave>().parts;
  const graph::Chw whole = graph.shape(node.output);
  std::vector<Turn> bands;                  // their tensors come below
  std::vector<std::vector<Turn>> in_bands;  // the columns of each
  for (size_t i = 0; i < parts.size(); ++i) {
    const graph::Chw size = graph.shape(node.inputs[i]);
    const Turn rows = {"", places[i].h, places[i].step_h, size.h};
    if (bands.empty() || !bands.back().same_place(rows)) {
      bands.push_back(rows);
      in_bands.emplace_back();
    }
    in_bands.back().push_back({parts[i], places[i].w, places[i].step_w, size.w});
  }
  const bool one_band = bands.size() == 1 && bands[0].is_all(whole.h);
  for (size_t b = 0; b < bands.size(); ++b) {
    const std::vector<Turn>& columns = in_bands[b];
    const std::string name = one_band ? node.name : fmt::format("{}/band{}", node.name, b);
    bands[b].tensor =
        columns.size() == 1 && columns[0].is_all(whole.w)
            ? columns[0].tensor
            : in_turn(model, name, columns, kColumns, whole.w, one_band ? result : "");
  }
  return one_band ? bands[0].tensor : in_turn(model, node.name, bands, kRows, whole.h, result);
}

}  // namespace systole::exporter
