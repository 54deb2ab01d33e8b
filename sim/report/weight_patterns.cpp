// SPDX-License-Identifier: Apache-2.0
// Walks over the weights in the order in which they are stored, and counts.
#include "sim/report/weight_patterns.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "compiler/lower/weight_format.h"
#include "compiler/prune/tile_grid.h"
#include "model/arch/weight_rows.h"
#include "model/base/count_zeros.h"

namespace systole::report {
namespace {

constexpr int kIndexBits = 4;  // of a codebook
constexpr int kCodes = 256;

void count_codes(const graph::QConv& conv, WeightFacts& facts) {
  std::array<bool, kCodes> seen{};
  for (const int8_t w : conv.weights) seen[static_cast<uint8_t>(w)] = true;
  facts.count = static_cast<int64_t>(conv.weights.size());
  facts.zeros = count_zeros(conv.weights);
  facts.distinct = static_cast<int>(std::count(seen.begin(), seen.end(), true));
}

/// `inputs`, `outputs`: channels of the convolution.
void find_zero_channels(const graph::QConv& conv, int64_t inputs, int64_t outputs,
                        WeightFacts& facts) {
  const int64_t in = inputs / conv.group, out = outputs / conv.group, area = conv.kh * conv.kw;
  std::vector<uint8_t> read(static_cast<size_t>(inputs));  // the bits of all weights that meet it
  const int8_t* weight = conv.weights.data();
  for (int64_t o = 0; o < outputs; ++o) {
    uint8_t* const channels = read.data() + o / out * in;
    uint8_t any = 0;
    for (int64_t p = 0; p < area; ++p)
      for (int64_t c = 0; c < in; ++c) {
        const auto bits = static_cast<uint8_t>(*weight++);
        channels[c] |= bits;
        any |= bits;
      }
    if (any == 0) ++facts.zero_outputs;
  }
  facts.zero_inputs = std::count(read.begin(), read.end(), uint8_t{0});
}

WeightFacts facts_of(const lower::Layer& layer, int64_t inputs) {
  const graph::QConv& conv = layer.op->conv();
  WeightFacts facts;
  count_codes(conv, facts);
  find_zero_channels(conv, inputs, layer.shape.oc, facts);
  const auto holds = [&](int64_t n, int64_t m) {
    return lower::holds_n_of_m(conv, inputs / conv.group, n, m);
  };
  facts.two_of_four = holds(2, 4);
  facts.one_of_four = holds(1, 4);
  facts.one_of_two = holds(1, 2);
  return facts;
}

/// A bias that came as a layer has weights that are zero by construction.
bool has_weights(const lower::Layer& layer) {
  return layer.uses_mxu() && !layer.op->conv().only_bias;
}

int64_t inputs_of(const lower::Layer& layer, const graph::QGraph& graph) {
  return graph.tensors.at(static_cast<size_t>(layer.in)).c;
}

/// One convolution, seen as the tiles that the array is given. A row of a tile has a byte a column,
/// which holds the weights of the channels that a byte of activations holds.
class Walker {
 public:
  Walker(const lower::Layer& layer, const WeightFacts& facts, int64_t in, bool covers_map,
         const arch::Geometry& geometry)
      : layer_(layer),
        conv_(layer.op->conv()),
        out_(layer.shape.oc),
        in_(in),
        area_(conv_.kh * conv_.kw),
        each_(int64_t{1} << layer.pack()),
        row_channels_(layer.depthwise() ? 1 : layer.shape.c),
        grid_(prune::weight_tiles(geometry, row_channels_, area_, out_, covers_map)),
        depth_(grid_.rows.back().end()),
        geometry_(geometry) {
    static_cast<WeightFacts&>(found_) = facts;
  }

  WeightPatterns walk() {
    found_.bits = conv_.weight_type.bits();
    found_.passes_tiles = !layer_.depthwise();
    walk_tiles();
    found_.stored = layer_.format;
    lower::Layer dense = layer_;
    dense.codebook.reset();
    const auto set = [&](lower::WeightFormat format, int64_t bytes) {
      found_.bytes[static_cast<size_t>(format)] = bytes;
    };
    set(lower::WeightFormat::kDense, lower::dense_bytes(dense, geometry_));
    const bool bytes = found_.bits == 8 && each_ == 1;
    if (bytes && !layer_.depthwise())
      set(lower::WeightFormat::kBitmask, lower::masked_bytes(dense, geometry_));
    const bool grouped = conv_.group > 1 && !layer_.depthwise();
    const int values = found_.distinct + (grouped && found_.zeros == 0 ? 1 : 0);
    if (values <= arch::kCodebookBytes && bytes) {
      int64_t indices = arch::kCodebookBytes;
      for (const prune::TileGrid::Part& columns : grid_.columns)
        indices += grid_.positions * depth_ * arch::weight_row_bytes(columns.count, kIndexBits);
      set(lower::WeightFormat::kCodebook, indices);
    }
    if (found_.two_of_four && conv_.group == 1 && layer_.pack() <= 1)
      set(lower::WeightFormat::kTwoOfFour, lower::two_of_four_bytes(dense, geometry_));
    return std::move(found_);
  }

 private:
  /// Whether row `d` of the matrix of kernel position `p` holds nothing but zeros for the outputs
  /// `columns`; convolutions in groups have zeros between their groups, the last byte those it does
  /// not need.
  bool is_zero_row(int64_t p, int64_t d, const prune::TileGrid::Part& columns) const {
    const int64_t row = p * depth_ + d, tap = row / row_channels_;
    const int64_t inputs = in_ / conv_.group, outputs = out_ / conv_.group;
    for (int64_t i = 0; i < each_; ++i) {
      const int64_t channel = row % row_channels_ * each_ + i;
      if (channel >= in_) break;
      for (int64_t o = columns.first; o < columns.end(); ++o) {
        if (!layer_.depthwise() && channel / inputs != o / outputs) continue;
        const int64_t at = (o * area_ + tap) * inputs + channel % inputs;
        if (conv_.weights[static_cast<size_t>(at)] != 0) return false;
      }
    }
    return true;
  }

  void walk_tiles() {
    found_.tiles = grid_.tiles();
    for (const prune::TileGrid::Part& columns : grid_.columns) {
      for (int64_t p = 0; p < grid_.positions; ++p)
        for (const prune::TileGrid::Part& rows : grid_.rows)
          if (is_zero(p, rows, columns)) ++found_.zero_tiles;
    }
  }

  bool is_zero(int64_t p, const prune::TileGrid::Part& rows,
               const prune::TileGrid::Part& columns) const {
    for (int64_t d = rows.first; d < rows.end(); ++d)
      if (!is_zero_row(p, d, columns)) return false;
    return true;
  }

  WeightPatterns found_;
  const lower::Layer& layer_;
  const graph::QConv& conv_;
  const int64_t out_, in_, area_;
  const int64_t each_;          ///< weights of a byte of a row
  const int64_t row_channels_;  ///< rows of one kernel position
  const prune::TileGrid grid_;
  const int64_t depth_;  ///< rows of the matrix of one position
  const arch::Geometry& geometry_;
};

/// Whether the kernel covers its map and is lowered as one long list of channels.
bool covers_map(const lower::Layer& layer) {
  return layer.op->conv().group == 1 && layer.whole_pixels() &&
         lower::flattened(layer.shape).c != layer.shape.c;
}

std::vector<std::optional<WeightPatterns>> patterns(const graph::QGraph& graph,
                                                    const GraphWeights& facts,
                                                    const arch::ArchConfig& arch) {
  const arch::Geometry geometry(arch.hw);
  std::vector<lower::Layer> layers = lower::make_layers(graph);
  lower::choose_formats(graph, arch, layers);
  std::vector<std::optional<WeightPatterns>> result(layers.size());
  for (size_t i = 0; i < layers.size(); ++i) {
    const lower::Layer& layer = layers[i];
    if (!has_weights(layer)) continue;
    result[i] =
        Walker(layer, *facts[i], inputs_of(layer, graph), covers_map(layer), geometry).walk();
    result[i]->name = layer.op->name;
  }
  return result;
}

}  // namespace

lower::WeightFormat WeightPatterns::smallest() const {
  size_t best = 0;
  for (size_t f = 1; f < lower::kWeightFormats; ++f)
    if (bytes[f] && *bytes[f] < *bytes[best]) best = f;
  return static_cast<lower::WeightFormat>(best);
}

GraphWeights weight_facts(const graph::QGraph& graph) {
  GraphWeights facts;
  for (const lower::Layer& layer : lower::make_layers(graph)) {
    facts.emplace_back();
    if (has_weights(layer)) facts.back() = facts_of(layer, inputs_of(layer, graph));
  }
  return facts;
}

std::vector<std::optional<WeightPatterns>> weight_patterns(const graph::QGraph& graph,
                                                           const arch::ArchConfig& arch) {
  return patterns(graph, weight_facts(graph), arch);
}

std::vector<std::optional<WeightPatterns>> weight_patterns(const graph::QGraph& graph,
                                                           const GraphWeights& facts,
                                                           const program::Program& program,
                                                           const arch::ArchConfig& arch) {
  std::vector<std::optional<WeightPatterns>> layers = patterns(graph, facts, arch);
  std::unordered_map<std::string, int64_t> bytes;  // of segments, by name
  for (const program::Segment& segment : program.segments)
    bytes[segment.name] += static_cast<int64_t>(segment.bytes.size());
  for (auto& layer : layers)
    if (layer)
      layer->stored_bytes = bytes["weights " + layer->name] + bytes["codebook " + layer->name];
  return layers;
}

}  // namespace systole::report
