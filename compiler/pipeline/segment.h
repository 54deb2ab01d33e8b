// SPDX-License-Identifier: Apache-2.0
// A device stage as a network of its own.
#pragma once

#include "compiler/onnx/inputs.h"
#include "compiler/pipeline/partition.h"

namespace systole::pipeline {

struct SegmentModel {
  onnx::ModelProto model;
  importer::KnownCodes codes;  ///< of its inputs, those that the network rounds
};

/// The stage's nodes with the constants they read, which keep their integers and scales: as the
/// network states them, with the nodes that compute them. Inputs (of one item) and outputs have
/// the network's types.
SegmentModel segment_model(const onnx::ModelProto& model, const StageNodes& stage,
                           const Survey& survey);

}  // namespace systole::pipeline
