// SPDX-License-Identifier: Apache-2.0
// A convolution of one group as products of matrices: windows times weights.
#pragma once

#include "compiler/exec/kernels.h"
#include "compiler/exec/vector_unit.h"

namespace systole::exec {

class DenseConv {
 public:
  /// Widens and sorts the weights, which takes as long as one product with them. `conv` of `graph`;
  /// both must stay.
  DenseConv(const graph::QGraph& graph, const graph::QConv& conv);

  /// Makes the output of its inputs in `tensors`.
  void run(Tensors& tensors) const;

 private:
  void post(const int32_t* sums, int64_t first, int64_t rows, Tensors& tensors) const;

  const graph::QGraph& graph_;
  const graph::QConv& conv_;
  const isa::VectorSet set_;
  const Lanes lanes_;
  LaneMatrix weights_;
};

}  // namespace systole::exec
