// SPDX-License-Identifier: Apache-2.0
// Hand-made and random quantised graphs and hardware for the tests of the compiler's back half.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/qgraph.h"
#include "model/base/seeded_random.h"

namespace systole {

/// Adds tensors and operators with random weights; each returns the tensor it makes.
class GraphBuilder {
 public:
  GraphBuilder(SeededRandom& random, int64_t batch) : random_(random) { graph_.batch = batch; }

  graph::TensorId input(int64_t h, int64_t w, int64_t c);
  struct Window {
    int64_t kh = 1, kw = 1, stride_h = 1, stride_w = 1, dil_h = 1, dil_w = 1;
    int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  };
  /// `residual`: a tensor of the result's shape, or -1.
  /// `group` divides the channels of both sides.
  graph::TensorId conv(graph::TensorId in, const Window& window, int64_t channels,
                       graph::TensorId residual = -1, int64_t group = 1);
  graph::TensorId pool(graph::TensorId in, const Window& window, bool sum, bool exclude_pad);
  graph::TensorId eltwise(graph::TensorId in, graph::TensorId residual);
  /// Gives the last operator a table.
  void add_table();
  /// The last result becomes sums, if a convolution makes it and nothing is done with them.
  void keep_sums();

  const graph::QTensor& tensor(graph::TensorId id) const { return graph_.tensors[id]; }
  int64_t tensors() const { return static_cast<int64_t>(graph_.tensors.size()); }
  graph::QGraph finish(const std::vector<graph::TensorId>& outputs);

 private:
  graph::TensorId make_tensor(int64_t h, int64_t w, int64_t c);
  graph::QPost make_post(int64_t channels, double sum_range, graph::TensorId residual);
  graph::QPost& last_post();

  SeededRandom& random_;
  graph::QGraph graph_;
};

/// The first layer of MLPerf Tiny's keyword spotting: 10x4 at stride 2 over 49x10 values.
inline constexpr GraphBuilder::Window kKeywordWindow = {.kh = 10,
                                                        .kw = 4,
                                                        .stride_h = 2,
                                                        .stride_w = 2,
                                                        .pad_top = 4,
                                                        .pad_left = 1,
                                                        .pad_bottom = 5,
                                                        .pad_right = 1};

/// A graph of one to five random operators.
graph::QGraph random_graph(SeededRandom& random, int activation_bits = 8);

/// A random legal hardware configuration, often with tiny buffers.
isa::HwParams random_hardware(SeededRandom& random);

}  // namespace systole
