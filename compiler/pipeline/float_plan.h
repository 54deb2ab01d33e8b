// SPDX-License-Identifier: Apache-2.0
// A network in float32, cut into stages of the accelerator and of the host.
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/exec/float_executor.h"
#include "compiler/onnx/input_shapes.h"
#include "compiler/pipeline/host_program.h"
#include "compiler/pipeline/survey.h"
#include "compiler/prune/prune.h"

namespace systole::pipeline {

/// One of `device` and `host` is set.
struct FloatStage {
  std::vector<std::string> inputs, outputs;  ///< values of the network
  std::vector<ValueType> output_types;
  std::shared_ptr<const exec::FloatExecutor> device;
  std::shared_ptr<const HostProgram> host;
  int64_t elements = 0;  ///< of its nodes' results, one item
};

/// An input or output of the network.
struct PlanTensor {
  std::string name;
  ValueType type;  ///< of one item
};

struct FloatPlan {
  std::string name;
  std::vector<PlanTensor> inputs, outputs;
  std::vector<FloatStage> stages;  ///< in the order in which they run
  bool whole = false;    ///< there is nothing for the host: one stage, the network as it is
  HostValues constants;  ///< outputs that no input changes

  /// Of the accelerator's stages, in the order in which they run.
  std::vector<const graph::Graph*> graphs() const;
};

/// Elements as floats, integers too, and back.
std::vector<float> numbers_of(const values::Literal& value);
values::Literal literal_of(const ValueType& type, std::vector<float> numbers);

/// What becomes of the host's steps on the accelerator's outputs.
enum class HostSteps { kDone, kLeftOut };

/// Runs one item: `values` hold the network's inputs and receive its outputs.
void run_float(const FloatPlan& plan, HostValues& values, HostSteps steps = HostSteps::kDone);

/// Reads a network. What the accelerator refuses of it the host runs, if it may (`host`): the
/// network is cut there. Throws Error (cannot compile) for what nobody can run, all nodes at once.
FloatPlan load_float_plan(const std::filesystem::path& onnx, const importer::InputShapes& shapes,
                          bool host, std::vector<std::string>* warnings = nullptr,
                          std::string* dump = nullptr);

/// Prunes the stages of the accelerator, together. `dump` receives the text of what comes out.
/// Throws Error.
prune::PruneResult prune_plan(FloatPlan& plan, const prune::PruneOptions& options,
                              std::string* dump = nullptr);

/// Every node that the accelerator refuses, also behind refused ones; not what the host only moves.
/// Throws Error if the network cannot be walked over.
std::vector<graph::Refusal> all_refusals(const std::filesystem::path& onnx,
                                         const importer::InputShapes& shapes);

/// Removes the values that no stage from `next` on reads and that are no output of the network.
template <typename PlanType>
void drop_values(const PlanType& plan, size_t next, HostValues& values) {
  std::erase_if(values, [&](const auto& entry) {
    const auto holds = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), entry.first) != names.end();
    };
    for (size_t s = next; s < plan.stages.size(); ++s) {
      if (holds(plan.stages[s].inputs)) return false;
    }
    return std::none_of(plan.outputs.begin(), plan.outputs.end(),
                        [&](const PlanTensor& out) { return out.name == entry.first; });
  });
}

}  // namespace systole::pipeline
