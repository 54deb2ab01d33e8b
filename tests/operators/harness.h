// SPDX-License-Identifier: Apache-2.0
// From an ONNX network to bytes, four ways that must agree: float32, quantised graph, program on
// the golden executor, and (where asked) RTL and model.
#pragma once

#include <string>
#include <vector>

#include "compiler/exec/float_executor.h"
#include "compiler/graph/graph.h"
#include "compiler/graph/qgraph.h"
#include "compiler/quant/calibrate.h"
#include "model/arch/arch.h"
#include "model/program/program.h"

namespace systole::test {

/// One value of an input for each element, whole batch, in the order the network states.
using Arrays = std::vector<std::vector<float>>;

/// A network, quantised with ranges from the data it is then run on.
class QuantisedNetwork {
 public:
  /// `bytes`: of an ONNX file; `inputs`: one array an input, whole batch; `prepare`: done to the
  /// graph before it is quantised.
  QuantisedNetwork(const std::string& bytes, const Arrays& inputs,
                   void (*prepare)(graph::Graph&) = nullptr);

  const graph::Graph& graph() const { return executor_.graph(); }
  const graph::QGraph& quantised() const { return quantised_; }
  /// The float32 outputs on the given inputs, and on what their bytes stand for.
  const Arrays& outputs() const { return outputs_; }
  const Arrays& dequantised_outputs() const { return dequantised_outputs_; }

  /// The largest distance of the quantised outputs from dequantised_outputs(), in steps of the
  /// output.
  double worst_steps() const;
  /// Compiles for `arch` and requires: a legal program, and the quantised graph's bytes from the
  /// golden executor. Returns the program.
  program::Program check_program(const arch::ArchConfig& arch) const;
  /// check_program, then the RTL and the model on the same memory: no difference.
  void check_cosim(const arch::ArchConfig& arch) const;

 private:
  Arrays run_float(const Arrays& inputs) const;
  std::vector<uint8_t> memory(const program::Program& program) const;

  exec::FloatExecutor executor_;
  int64_t batch_ = 1;
  graph::QGraph quantised_;
  std::vector<std::vector<int8_t>> stored_;   ///< inputs
  std::vector<std::vector<int8_t>> results_;  ///< outputs by the quantised graph
  Arrays outputs_, dequantised_outputs_;
};

/// Small arrays that make every tile partial: 4x4, and 5 rows by 3 columns with little memory.
arch::ArchConfig square_arch();
arch::ArchConfig odd_arch();

/// The usual: at most `steps` from float32, and equal programs on both architectures. Returns the
/// network for more.
QuantisedNetwork check_network(const std::string& bytes, const Arrays& inputs, double steps = 1.0);

}  // namespace systole::test
