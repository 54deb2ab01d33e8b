// SPDX-License-Identifier: Apache-2.0
// What the zeros and values of a network's stored weights look like, whoever pruned it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/qgraph.h"
#include "compiler/lower/layer.h"
#include "model/arch/arch.h"
#include "model/arch/geometry.h"
#include "model/program/program.h"

namespace systole::report {

/// What the weights of one convolution or gemm are, as codes, whatever the hardware.
struct WeightFacts {
  int64_t count = 0, zeros = 0;  ///< weights
  /// Output channels all of whose weights are zero; input channels that meet only zeros.
  int64_t zero_outputs = 0, zero_inputs = 0;
  int distinct = 0;  ///< values
  /// Whether n of every m consecutive input channels are zero at each kernel position.
  bool two_of_four = false, one_of_four = false, one_of_two = false;
};

/// Of each operator of a graph; none for operators without weights.
using GraphWeights = std::vector<std::optional<WeightFacts>>;
GraphWeights weight_facts(const graph::QGraph& graph);

/// The same weights on some hardware.
struct WeightPatterns : WeightFacts {
  std::string name;
  int bits = 8;                       ///< of a weight in DRAM
  int64_t tiles = 0, zero_tiles = 0;  ///< weight tiles of the array, see compiler/prune/tile_grid.h
  bool passes_tiles = true;  ///< the array passes over zero tiles, but for the last of a matmul
  lower::WeightFormat stored = lower::WeightFormat::kDense;  ///< in the program
  int64_t stored_bytes = 0;  ///< in the program, a codebook's included and zero tiles left out
  /// Bytes by format; none: the weights do not fit it.
  std::array<std::optional<int64_t>, lower::kWeightFormats> bytes;

  int64_t bytes_of(lower::WeightFormat format) const { return *bytes[static_cast<size_t>(format)]; }
  /// The format of the fewest bytes; of equal ones the first.
  lower::WeightFormat smallest() const;
};

/// Of each operator of `graph`, compiled for `arch`; none for operators without weights. Without
/// stored_bytes.
std::vector<std::optional<WeightPatterns>> weight_patterns(const graph::QGraph& graph,
                                                           const arch::ArchConfig& arch);
/// The same of `graph` compiled to `program`, whole. `facts`: those of the graph.
std::vector<std::optional<WeightPatterns>> weight_patterns(const graph::QGraph& graph,
                                                           const GraphWeights& facts,
                                                           const program::Program& program,
                                                           const arch::ArchConfig& arch);

}  // namespace systole::report
