// SPDX-License-Identifier: Apache-2.0
// Values of the float graph in the codes of a quantised tensor, and back.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/qgraph.h"

namespace systole::fidelity {

/// What the stored bytes (NHWC, one a value at every width) of item `item` stand for, as the float
/// graph has it: NCHW.
std::vector<float> real_values(const graph::QTensor& tensor, const std::vector<int8_t>& stored,
                               int64_t item = 0);

/// One item of a tensor that is no sums in its codes.
std::vector<int8_t> stored_values(const graph::QTensor& tensor, const std::vector<float>& nchw);

/// Int32 sums of a tensor that has them, NHWC, out of its stored bytes.
std::vector<int32_t> sums_of(const graph::QTensor& tensor, const std::vector<int8_t>& stored);

}  // namespace systole::fidelity
