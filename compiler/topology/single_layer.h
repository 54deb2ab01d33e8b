// SPDX-License-Identifier: Apache-2.0
// One layer as a quantised graph of its own, to ask what it costs: its input comes from DRAM and
// its result goes there.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>

#include "compiler/graph/qgraph.h"
#include "compiler/quant/precision.h"

namespace systole::topology {

inline constexpr int64_t kLargestSize = 65535;  ///< of a dimension, a kernel, a stride
inline constexpr int64_t kMostPadding = 32767;
inline constexpr int64_t kLargestMatrix = int64_t{1} << 24;  ///< rows or columns of one
inline constexpr int64_t kMostWeights = int64_t{1} << 30;

/// A window that slides over rows and columns.
struct LayerWindow {
  std::array<int64_t, 2> kernel = {1, 1}, stride = {1, 1}, dilation = {1, 1};  ///< rows, columns
  std::array<int64_t, 4> padding = {0, 0, 0, 0};  ///< top, left, bottom, right
};

/// [batch, channels, height, width].
struct LayerInput {
  int64_t channels = 1, height = 1, width = 1;
};

struct ConvLayer {
  LayerInput input;
  int64_t filters = 1;
  int64_t groups = 1;  ///< input.channels of them: depthwise
  LayerWindow window;
  int64_t kept = 1, of = 1;  ///< of `of` consecutive input channels `kept` have weights
};

/// [rows, inner] activations times [inner, columns] weights, `rows` for each item of the batch.
struct MatmulLayer {
  int64_t rows = 1, inner = 1, columns = 1;
  int64_t kept = 1, of = 1;  ///< likewise, along `inner`
};

struct PoolLayer {
  LayerInput input;
  LayerWindow window;
  bool average = false;  ///< else the greatest
};

/// Two tensors of one shape.
struct AddLayer {
  LayerInput input;
};

using SingleLayer = std::variant<ConvLayer, MatmulLayer, PoolLayer, AddLayer>;

/// `widths` are the layer's own; its result is as wide as its activations, which have 8 bits where
/// there are groups or no products. Weights are made up, for timing only. Throws Error that names
/// what does not fit.
graph::QGraph make_layer(const SingleLayer& layer, int64_t batch, quant::LayerWidths widths = {});

}  // namespace systole::topology
