// SPDX-License-Identifier: Apache-2.0
// The inputs of a network: their dimensions, and in which order they are stated.
#pragma once

#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/onnx/input_shapes.h"
#include "compiler/onnx/translate.h"

namespace systole::importer {

/// An input that a node reads.
struct StatedInput {
  std::string name;
  values::Dims dims;         ///< an open leading dimension is 1
  int64_t stated_batch = 1;  ///< the leading dimension; 0 if open
  bool is_float = true;      ///< or integers that the accelerator takes for their scale
  std::optional<data::WholeNumbers> integers = {};  ///< what it takes, unless it holds real numbers
};

/// Inputs of the network that nodes read, `shapes` bound. Throws Error: none, a dimension that is
/// not fixed, shapes that do not fit, a type that is neither real nor (unless `floats_only`) one of
/// integers.
std::vector<StatedInput> stated_inputs(const ImportContext& context, const onnx::GraphProto& proto,
                                       const InputShapes& shapes, bool floats_only);

/// The whole numbers that an input of ONNX type `type` takes; none: it holds real numbers.
std::optional<data::WholeNumbers> whole_numbers(int type);

/// Codes that values are rounded to, by name.
using KnownCodes = std::map<std::string, graph::Codes>;

/// Makes them inputs of the graph. Throws Error for ones the accelerator cannot take.
void import_inputs(ImportContext& context, const onnx::GraphProto& proto, const InputShapes& shapes,
                   const KnownCodes& codes = {});

/// Adds a value that the graph is given; the order of its dimensions is found from its readers.
/// Throws Unsupported if it is no batch of features, rows or maps.
void define_input(ImportContext& context, const onnx::GraphProto& proto, const std::string& name,
                  const values::Dims& dims, const std::optional<graph::Codes>& codes = {});

/// The same of a value that is not stated: `integers` of float32 (or floats), rounded to `codes` if
/// they are known. Returns its codes, for integers those of its first reader if need be.
std::optional<graph::Codes> define_value(ImportContext& context, const onnx::GraphProto& proto,
                                         const std::string& name, const values::Dims& dims,
                                         const std::optional<IntegerType>& integers,
                                         const std::optional<graph::Codes>& codes);

/// Whether the network states the value `name` as [n, ..., c]: elementwise operators connect it
/// with a transposition to [n, c, ...] or a product of its last dimension with a matrix, and with
/// no operator of maps.
bool states_channels_last(const onnx::GraphProto& proto, const std::string& name);

}  // namespace systole::importer
