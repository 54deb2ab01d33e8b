// SPDX-License-Identifier: Apache-2.0
// A metric that is a command of the user's: outputs go to it as .npy files, a number comes back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/pipeline/plan.h"
#include "sim/metric/figure.h"

namespace systole::metric {

/// Of the network.
struct Output {
  std::string name;
  std::vector<int64_t> shape;  ///< of one item: a leading dimension of 1
};
std::vector<Output> outputs_of(const pipeline::NetworkPlan& plan);
/// What a form of the network gives for each item: an array for each output.
using Outputs = std::vector<std::vector<std::vector<float>>>;

/// Runs in the current directory by /bin/sh, with the name of a manifest as its last argument
/// (docs/precision.md tells what is in it), and says the figure in the last line that it prints.
class Command {
 public:
  /// `groups`: how many groups of items are left out, one after the other, for the standard error;
  /// less than 2: none. `data` and `outputs` must stay.
  Command(std::string command, size_t groups, const data::Dataset& data,
          const std::vector<Output>& outputs);

  /// Of `given`, that of `form`. Throws Error: a command that fails, or prints no finite number.
  Replicates measure(const std::string& form, const Outputs& given) const;

 private:
  double run(const std::string& form, const Outputs& given, const std::vector<size_t>& items) const;

  const std::string command_;
  const size_t groups_;
  const data::Dataset& data_;
  const std::vector<Output>& outputs_;
};

}  // namespace systole::metric
