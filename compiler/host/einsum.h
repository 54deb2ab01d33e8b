// SPDX-License-Identifier: Apache-2.0
// The cost of an Einstein summation.
#pragma once

#include "compiler/host/host_operators.h"

namespace systole::host {

/// Products of an Einsum of two operands or more: one for each combination of its letters.
int64_t einsum_macs(const onnx::NodeProto& node, const HostInputs& inputs);

}  // namespace systole::host
