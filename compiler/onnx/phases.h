// SPDX-License-Identifier: Apache-2.0
// Maps whose rows and columns are made in interleaved parts: the phases of each dimension, and one
// operator for each pair of them.
#pragma once

#include <functional>
#include <vector>

#include "compiler/onnx/translate.h"

namespace systole::importer {

/// Outputs first, first + step, ... of one dimension that read alike: output q of them is the sum
/// of weights[t] * input[begin + q * stride + t]; inputs outside count as zero.
struct Phase {
  int64_t first = 0, step = 1, count = 0;
  int64_t begin = 0, stride = 1;
  std::vector<double> weights = {};
  std::vector<int64_t> taps = {};  ///< ConvTranspose: the kernel position of each weight, -1: none
};

/// Puts one operator for each pair of phases together and returns the whole, whose operator is
/// named `step` ("": it is the node's result). `make(phase of rows, phase of columns)`: a part's
/// operator, which has a window that is not set yet. Throws Unsupported for more parts than a node
/// may become.
Operand join_phases(ImportContext& context, const onnx::NodeProto& proto, const Operand& input,
                    int64_t channels, const std::vector<Phase>& rows,
                    const std::vector<Phase>& columns,
                    const std::function<graph::Operator(const Phase&, const Phase&)>& make,
                    const std::string& step = "");

/// Most operators that one node may become.
constexpr int64_t kMaxParts = 4096;

}  // namespace systole::importer
