// SPDX-License-Identifier: Apache-2.0
// The float32 network, to run item by item.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/onnx/input_shapes.h"
#include "compiler/prune/prune.h"

namespace systole {

/// The float32 network, for accuracy and calibration; pruned, if `prune` says so.
class FloatNetwork {
 public:
  virtual ~FloatNetwork() = default;
  virtual const std::vector<NetworkInput>& inputs() const = 0;
  /// Shape of the first input as stated, with batch 1.
  const std::vector<int64_t>& input_shape() const { return inputs()[0].shape; }
  /// Runs one item; returns the first output, flattened.
  virtual std::vector<float> run(const Item& item) const = 0;
  std::vector<float> run(const std::vector<float>& input) const { return run(Item{input}); }
};
std::unique_ptr<FloatNetwork> load_float_network(const std::filesystem::path& onnx,
                                                 const InputShapes& shapes = {},
                                                 const PruneOptions& prune = {});

}  // namespace systole
