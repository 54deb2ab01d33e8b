// SPDX-License-Identifier: Apache-2.0
// From a request to programs that are ready to run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/lower/mapping.h"
#include "compiler/pipeline/plan.h"
#include "model/program/program.h"
#include "model/program/tensor_map.h"
#include "sim/report/weight_patterns.h"
#include "sim/session/request.h"
#include "sim/session/watch.h"

namespace systole::session {

/// A network in stages, of which most have one.
struct CompiledNetwork {
  pipeline::NetworkPlan plan;
  std::vector<program::Program> programs;  ///< one a stage; those of the host's stages are empty
  std::vector<std::string> warnings;
  std::optional<lower::Mapping> mapping;  ///< of the program, if it was asked for
  /// By stage, where tensors are, if it was asked for; not of program files, which do not say.
  std::vector<program::TensorMap> tensors;
  std::string ir;  ///< the text of the network after each pass, if it was asked for

  /// The stages of the accelerator, by their index.
  std::vector<size_t> device_stages() const;
  /// Whether the accelerator runs all of it in one program.
  bool is_lone() const { return plan.stages.size() == 1 && plan.stages[0].on_device(); }
};

/// Compiles for `arch`, or loads a program file, which must be for `arch`. `keep_ir`: the text of
/// each pass is wanted. Throws Error.
CompiledNetwork compile_network(const NetworkRequest& request, const arch::ArchConfig& arch,
                                bool keep_ir = false, const Watcher& watch = {});

/// Calls `compile` with what the front half takes for `request`, which is no program file. `ir`:
/// null, or receives text. Throws Error.
void with_front_options(const NetworkRequest& request, const arch::ArchConfig& arch,
                        std::string* ir, std::vector<std::string>& warnings, const Watcher& watch,
                        const std::function<void(const pipeline::FrontOptions&)>& compile);

/// What the back half is told beside the network and the hardware.
struct HowToCompile {
  choices::Choices choices = {};
  int64_t repeat = 1;                                  ///< batches that run one behind the other
  const lower::Mapping* mapping = nullptr;             ///< how layers are to be cut
  std::optional<lower::Mapping>* mapped = nullptr;     ///< receives how they are
  std::vector<program::TensorMap>* tensors = nullptr;  ///< receives where they are, by stage
};

/// The back half alone: a program for each stage of the accelerator. `ir`: null, or receives text.
std::vector<program::Program> compile_stages(const pipeline::NetworkPlan& plan,
                                             const arch::ArchConfig& arch,
                                             const HowToCompile& how = {},
                                             std::string* ir = nullptr, const Watcher& watch = {});

/// By stage of a plan; none for those of the host.
using PlanWeights = std::vector<report::GraphWeights>;
PlanWeights weight_facts(const pipeline::NetworkPlan& plan);

/// The weights of all layers of the accelerator's stages, in their order; none for layers without.
/// `facts`: those of the plan.
std::vector<std::optional<report::WeightPatterns>> weight_patterns(const CompiledNetwork& compiled,
                                                                   const PlanWeights& facts,
                                                                   const arch::ArchConfig& arch);
std::vector<std::optional<report::WeightPatterns>> weight_patterns(const CompiledNetwork& compiled,
                                                                   const arch::ArchConfig& arch);

/// The request's data for all batches of `compiled`; nothing if it has none. Throws Error.
std::optional<data::Dataset> load_data(const NetworkRequest& request,
                                       const CompiledNetwork& compiled);

}  // namespace systole::session
