// SPDX-License-Identifier: Apache-2.0
// Rows and columns of several tensors that take turns: a Gather of what a Concat puts side by side.
#pragma once

#include <onnx/onnx_pb.h>

#include "compiler/onnx/translate.h"

namespace systole::importer {

/// Makes `node` an interleave of a Concat's parts if it is a Gather of constant indices that takes
/// each row (or column) once and those of a part evenly spaced; one of rows of such ones of columns
/// is a single interleave. Returns whether it is.
bool put_in_turn(ImportContext& context, const onnx::NodeProto& node);

}  // namespace systole::importer
