// SPDX-License-Identifier: Apache-2.0
// The float32 network, to run item by item.
#pragma once

#include <filesystem>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/pipeline/float_plan.h"
#include "compiler/prune/prune.h"

namespace systole::pipeline {

/// The float32 network, for accuracy; the host runs its part, the host's steps are done.
class FloatNetwork {
 public:
  explicit FloatNetwork(FloatPlan plan);

  /// What data can be given for.
  const std::vector<data::NetworkInput>& inputs() const { return inputs_; }
  /// Shape of the first input as stated, with batch 1.
  const std::vector<int64_t>& input_shape() const { return inputs_.at(0).shape; }
  /// Runs one item; every output, in the order in which the network states them, flattened.
  std::vector<std::vector<float>> run_all(const data::Item& item) const;
  /// The first of them.
  std::vector<float> run(const data::Item& item) const { return run_all(item).at(0); }
  std::vector<float> run(const std::vector<float>& input) const { return run(data::Item{input}); }

 private:
  FloatPlan plan_;
  std::vector<data::NetworkInput> inputs_;
};

/// `onnx`, pruned if `prune` says so. `host`: what the accelerator cannot run the host does.
FloatNetwork load_float_network(const std::filesystem::path& onnx,
                                const importer::InputShapes& shapes = {},
                                const prune::PruneOptions& prune = {}, bool host = false);

}  // namespace systole::pipeline
