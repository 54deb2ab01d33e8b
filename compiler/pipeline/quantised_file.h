// SPDX-License-Identifier: Apache-2.0
// A network as it will run, written as ONNX.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "compiler/pipeline/front.h"

namespace systole::pipeline {

/// Which weights of a layer pruning has left.
struct LayerMask {
  std::string layer;
  std::vector<int64_t> dims;    ///< of its weights in the file
  std::vector<uint8_t> values;  ///< 1: left
};

/// The real numbers that a tensor's codes stand for.
struct TensorRange {
  std::string tensor;
  float lo = 0, hi = 0;
};

struct QuantisedFile {
  std::string onnx;  ///< its bytes
  std::vector<LayerMask> masks;
  std::vector<TensorRange> ranges;
  size_t layers = 0;  ///< operators of the accelerator
  int64_t opset = 0;  ///< of the standard operators
};

/// compile_front, and what it gives in ONNX of opset `most_opset` at most. Reads it back and
/// compares. Throws Error as compile_front does, and (cannot compile) naming what ONNX has no form
/// for, or what would read back as another program.
QuantisedFile write_quantised(const std::filesystem::path& onnx, FrontOptions options,
                              int64_t most_opset);

}  // namespace systole::pipeline
