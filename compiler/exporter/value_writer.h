// SPDX-License-Identifier: Apache-2.0
// The tensors of the file that stand for a graph's values: rounded, and in the forms that operators
// read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/exporter/forms.h"
#include "compiler/exporter/model_builder.h"
#include "compiler/graph/graph.h"
#include "model/program/program.h"

namespace systole::exporter {

/// The first opset with integers of 4 bits; before, they are QONNX's.
inline constexpr int64_t kFirstInt4Opset = 21;

class ValueWriter {
 public:
  /// `graph` outlives it. `most_opset`: the newest that the file may have.
  ValueWriter(ModelBuilder& model, const graph::Graph& graph, int64_t most_opset);

  /// Declares input `v`. Throws Error naming it for a form or codes that the file cannot say.
  void add_input(graph::ValueId v);
  /// Declares output `v`, which has been made.
  void add_output(graph::ValueId v);

  /// What `v` stands for, in `form`: converted from another form if need be.
  std::string real(graph::ValueId v, Form form);
  /// The form in which `v` was made, or a simpler one that is there.
  Form form_of(graph::ValueId v) const { return made_.at(static_cast<size_t>(v)).form; }

  /// The name of what an operator computes for `v`, before anything rounds it.
  std::string computed(graph::ValueId v);
  /// `v` is the tensor `computed`, rounded to its codes if it has any. `rounding`: what the node
  /// that rounds is called; empty: after the value.
  void define(graph::ValueId v, Form form, const std::string& computed,
              const std::string& rounding = "");
  /// `v` is the tensor `real`, whose numbers are codes of `v` already.
  void define_rounded(graph::ValueId v, Form form, const std::string& real);
  /// `v` is `other`, in the same bytes.
  void alias(graph::ValueId v, graph::ValueId other);

  /// `x` rounded to `codes`: QuantizeLinear and DequantizeLinear, or Quant. Names are made of
  /// `name`; `result` (may be empty) is the last tensor's, `node` (likewise) the rounding node's.
  std::string rounded(const std::string& x, const graph::Codes& codes, const std::string& name,
                      const std::string& result, const std::string& node = "");
  /// INT8 codes of a tensor with their scale and zero point.
  struct Quantised {
    std::string integers, scale, zero;
  };
  /// The codes of `v`, in `form`, named after `name`. Throws Error for codes of less than 8 bits.
  Quantised quantised(graph::ValueId v, Form form, const std::string& name);
  /// What operator `op` of ONNX Runtime, called `name`, makes of `inputs` in INT8 `codes`, as real
  /// numbers.
  std::string quantised_result(const std::string& op, const std::string& name,
                               const std::vector<Quantised>& inputs, const graph::Codes& codes);
  int64_t most_opset() const { return most_opset_; }

 private:
  struct Made {
    Form form = Form::kMap;
    std::map<Form, std::string> real;
  };
  struct Scales {
    std::string scale, zero;  ///< constants
  };
  Made& made(graph::ValueId v) { return made_.at(static_cast<size_t>(v)); }
  const graph::Value& value(graph::ValueId v) const {
    return graph_.values.at(static_cast<size_t>(v));
  }
  std::string convert(const std::string& x, const graph::Chw& shape, Form from, Form to,
                      const std::string& result);
  /// A dimension of 0 stays as it is.
  std::string reshaped(const std::string& x, const std::vector<int64_t>& dims,
                       const std::string& result);
  std::string transposed(const std::string& x, const std::vector<int64_t>& perm,
                         const std::string& result);
  /// What the host does with output `v`.
  std::vector<program::HostStep> steps_of(graph::ValueId v) const;
  /// Returns the output's ONNX type.
  int write_steps(const std::string& output, std::string x,
                  const std::vector<program::HostStep>& steps);
  /// None: other dimensions, of the elements of a map in its order. Throws Error for other orders.
  std::optional<Form> form_in_file(graph::ValueId v, const char* what) const;
  /// Output `v` in the dimensions that the network states.
  std::string real_in_file(graph::ValueId v);
  /// Of integers of the ONNX type `type`.
  Scales scales(const graph::Codes& codes, int type, const std::string& name);
  std::string integers_of(const std::string& x, const Scales& by, const std::string& name,
                          const std::string& result, const std::string& node = "");
  std::string real_of(const std::string& integers, const Scales& by, const std::string& name,
                      const std::string& result);

  ModelBuilder& model_;
  const graph::Graph& graph_;
  const int64_t most_opset_;
  std::vector<Made> made_;  ///< by ValueId
};

}  // namespace systole::exporter
