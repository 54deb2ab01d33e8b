// SPDX-License-Identifier: Apache-2.0
// The ONNX types of what the host computes.
#pragma once

#include "compiler/host/host_operators.h"

namespace systole::host {

/// Whether elements of this ONNX type are held as floats.
bool is_float_type(int type);

/// Whether elements of this ONNX type are held as integers (BOOL too).
bool is_integer_type(int type);

/// What `value` becomes when it is stored in `type`: integers lose their upper bits.
int64_t wrapped(int64_t value, int type);

/// Gives `results` of `node` their types: those that ONNX's schema binds to an operand or states,
/// else what the operator has set, else FLOAT and INT64. Integers are wrapped to them.
void settle_types(const onnx::NodeProto& node, const HostInputs& inputs, int64_t opset,
                  std::vector<values::Literal>& results);

}  // namespace systole::host
