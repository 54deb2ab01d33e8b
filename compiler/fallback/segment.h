// SPDX-License-Identifier: Apache-2.0
// A device stage as a network of its own.
#pragma once

#include "compiler/fallback/partition.h"

namespace systole {

/// The stage's nodes with the constants they read as initializers, its inputs (of one item) and its
/// outputs.
onnx::ModelProto segment_model(const onnx::ModelProto& model, const StageNodes& stage,
                               const Survey& survey);

}  // namespace systole
