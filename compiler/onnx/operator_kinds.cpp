// SPDX-License-Identifier: Apache-2.0
// Arithmetic, and the functions of one element that the importer knows.
#include "compiler/onnx/operator_kinds.h"

#include "compiler/values/unary_functions.h"

namespace systole::importer {

const std::set<std::string>& elementwise_operators() {
  static const std::set<std::string> names = [] {
    std::set<std::string> all = {"Add", "Sub", "Mul",  "Div",  "Max", "Min",
                                 "Pow", "Sum", "Mean", "Clip", "Relu"};
    for (const std::string& name : values::unary_function_names()) all.insert(name);
    return all;
  }();
  return names;
}

}  // namespace systole::importer
