// SPDX-License-Identifier: Apache-2.0
// Looks for a stage by number or by layer, and runs those before it.
#include "sim/cli/stage_option.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/error.h"
#include "sim/engine/engine.h"
#include "sim/engine/run_process.h"
#include "sim/session/data.h"

namespace systole::cli {
namespace {

bool has_layer(const program::Program& program, const std::string& name) {
  return std::any_of(program.layers.begin(), program.layers.end(),
                     [&](const program::LayerInfo& layer) { return layer.name == name; });
}

}  // namespace

void StageOption::add_to(CLI::App& command) {
  command.add_option("--stage", stage, "Of a network in stages, the one to look at, from 1")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
}

size_t StageOption::choose(const session::CompiledNetwork& compiled, const std::string& command,
                           const std::string& layer) const {
  const std::vector<size_t> stages = compiled.device_stages();
  if (stages.empty())
    throw Error(
        fmt::format("{}: the host runs the whole network, there is nothing to look at", command));
  if (stage) {
    const size_t given = *stage - 1;
    if (std::find(stages.begin(), stages.end(), given) == stages.end())
      throw Error(fmt::format("--stage {}: not a stage of the accelerator", *stage));
    return given;
  }
  for (const size_t one : stages)
    if (has_layer(compiled.programs[one], layer)) return one;
  if (stages.size() > 1 && layer.empty())
    throw Error(
        fmt::format("{}: the network has {} stages, add --stage N", command, stages.size()));
  return stages.front();
}

std::vector<std::vector<int8_t>> stage_inputs(const session::CompiledNetwork& compiled,
                                              const arch::ArchConfig& arch,
                                              const std::optional<data::Dataset>& data,
                                              size_t stage) {
  if (!data) return {};
  std::vector<std::vector<int8_t>> wanted;
  struct Reached {};  // what comes behind the stage does not matter
  std::vector<pipeline::HostValues> items = pipeline::host_items(compiled.plan.inputs, *data);
  const auto run = [&](size_t s, const std::vector<std::vector<int8_t>>& inputs) {
    if (s == stage) {
      wanted = inputs;
      throw Reached{};
    }
    const program::Program& program = compiled.programs[s];
    platform::DramImage image = platform::make_image(program);
    session::place_inputs(program, inputs, image);
    const auto model = engine::make_model_engine(arch);
    engine::run_in_process(*model, program, image, {});
    std::vector<std::vector<int8_t>> outputs;
    for (session::OutputData& out : session::read_outputs(program, image))
      outputs.push_back(std::move(out.stored));
    return outputs;
  };
  try {
    pipeline::run_plan(compiled.plan, items, run);
  } catch (const Reached&) {
  }
  return wanted;
}

}  // namespace systole::cli
