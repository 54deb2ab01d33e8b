// SPDX-License-Identifier: Apache-2.0
// Loads programs, compiles networks and topologies.
#include "sim/session/compile.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/repeat_batches.h"
#include "compiler/topology/scale_sim.h"
#include "compiler/topology/timeloop_problem.h"
#include "model/base/error.h"
#include "model/golden/stream_check.h"
#include "sim/session/data.h"
#include "sim/session/mapping_file.h"

namespace systole::session {
namespace {

void require_file(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) throw Error(file.string() + ": no such file");
  if (!std::filesystem::is_regular_file(file, error))
    throw Error(file.string() + ": not a regular file");
}

void require_network(const std::filesystem::path& file) {
  require_file(file);
  if (file.extension() == ".csv")
    throw Error(file.string() + ": not an ONNX file; a SCALE-Sim topology is given by --topology");
}

/// What the ranges are taken from: --calib, or in its place the data of the run.
struct Calibration {
  std::optional<data::Dataset> data;
  std::string stand_in;  ///< the option that gives it, if not --calib
};

Calibration load_calibration(const NetworkRequest& request) {
  if (request.calibration_values) return {*request.calibration_values, ""};
  if (request.calibration.empty() && !request.has_data()) return {};
  const auto taken = request.taken();
  if (request.calibration.empty())
    return {request.load_data(taken, request.batch), request.data.empty() ? "--input" : "--data"};
  data::Dataset data = data::load_dataset(request.calibration, taken, 0, data::Labels::kSeveral);
  // What is given by hand is to be seen as it is: no range cuts it.
  if (!request.inputs.empty()) {
    const std::optional<data::Dataset> given = request.load_data(taken, request.batch);
    data.items.insert(data.items.end(), given->items.begin(), given->items.end());
  }
  return {std::move(data), ""};
}

pipeline::NetworkPlan quantise_network(const NetworkRequest& request, const arch::ArchConfig& arch,
                                       std::string* ir, std::vector<std::string>& warnings,
                                       const Watcher& watch) {
  pipeline::NetworkPlan plan;
  with_front_options(request, arch, ir, warnings, watch, [&](const pipeline::FrontOptions& front) {
    plan = pipeline::compile_front(request.network, front);
  });
  return plan;
}

/// Layers without values: a topology or a problem of Timeloop.
void refuse_for_layers(const NetworkRequest& request) {
  const char* what = request.topology.empty() ? "a Timeloop problem" : "a topology";
  if (request.host_fallback)
    throw Error(
        fmt::format("--host-fallback: {} has nothing for the host, expected an ONNX file", what));
  require_file(request.file());
  if (!request.calibration.empty())
    throw Error(fmt::format("--calib: {} has no values to calibrate, expected an ONNX file", what));
  if (!request.precision.empty() || request.bias_correction)
    throw Error(fmt::format(
        "--precision, --bias-correction: {0} has no weights, expected an ONNX file; --weights and "
        "--activations give the widths of {0}",
        what));
  if (!request.prune.empty())
    throw Error(fmt::format("--prune: {} has no weights, expected an ONNX file", what));
  if (!request.shapes.empty())
    throw Error(fmt::format("--shape: {} has its dimensions, expected an ONNX file", what));
}

/// Depthwise layers of a topology, which run otherwise than in SCALE-Sim unless that is asked for.
std::string depthwise_note(const NetworkRequest& request, const graph::QGraph& graph) {
  const auto count = std::count_if(graph.ops.begin(), graph.ops.end(),
                                   [](const graph::QOp& op) { return op.conv().group > 1; });
  if (!request.depthwise.empty() || count == 0) return "";
  return fmt::format(
      "{}: {} depthwise layer{} on the diagonals of tiles; --depthwise scalesim runs each channel "
      "as a layer of its own, as SCALE-Sim does",
      request.topology.string(), count, count == 1 ? " runs" : "s run");
}

pipeline::NetworkPlan read_layers(const NetworkRequest& request,
                                  std::vector<std::string>& warnings) {
  refuse_for_layers(request);
  const quant::LayerWidths widths{request.weight_bits != 0 ? request.weight_bits : 8,
                                  request.activation_bits != 0 ? request.activation_bits : 8};
  if (request.topology.empty())
    return pipeline::lone_stage(
        topology::load_timeloop_problem(request.timeloop_problem, request.batch, widths));
  graph::QGraph graph =
      topology::load_topology(request.topology, request.batch, widths,
                              request.depthwise == "scalesim" ? topology::Depthwise::kScaleSim
                                                              : topology::Depthwise::kNative);
  if (const std::string note = depthwise_note(request, graph); !note.empty())
    warnings.push_back(note);
  return pipeline::lone_stage(std::move(graph));
}

void refuse_for_program(const NetworkRequest& request, bool keep_ir) {
  if (!request.shapes.empty())
    throw Error("--shape: a program file has its dimensions, expected an ONNX file");
  if (keep_ir) throw Error("--dump-ir: a program file holds no network, expected an ONNX file");
  if (!request.calibration.empty())
    throw Error("--calib: a program file is already quantised, expected an ONNX file");
  if (request.sets_precision())
    throw Error(
        "--weights, --activations, --precision, --bias-correction: a program file is already "
        "quantised, expected an ONNX file");
  if (!request.prune.empty())
    throw Error("--prune: a program file is already compiled, expected an ONNX file");
  if (request.choices != choices::Choices())
    throw Error(fmt::format("--set {}: a program file is already compiled, expected an ONNX file",
                            choices::to_text(request.choices)));
}

CompiledNetwork load_program(const NetworkRequest& request, const arch::ArchConfig& arch,
                             bool keep_ir) {
  if (request.host_fallback)
    throw Error("--host-fallback: a program file is compiled already, expected an ONNX file");
  require_file(request.network);
  program::Program program = program::Program::load(request.network);
  program::check_program_for(program, arch.hw, arch.name);
  if (const std::string problem = golden::first_stream_problem(program); !problem.empty())
    throw Error(fmt::format("{}: {}", request.network.string(), problem));
  refuse_for_program(request, keep_ir);
  if (request.batch != 1 && request.batch != program.batch / program.repeat)
    throw Error(fmt::format("--batch {}: {} was compiled for a batch of {}", request.batch,
                            request.network.string(), program.batch / program.repeat));
  if (request.repeat != 1 && request.repeat != program.repeat)
    throw Error(fmt::format("--repeat {}: {} was compiled for {}", request.repeat,
                            request.network.string(), program.repeat));
  CompiledNetwork result;
  result.plan = pipeline::lone_stage(program.name, program.batch,
                                     {program.inputs, program.outputs, program.host_steps});
  result.programs.push_back(std::move(program));
  return result;
}

}  // namespace

std::vector<size_t> CompiledNetwork::device_stages() const {
  std::vector<size_t> stages;
  for (size_t s = 0; s < plan.stages.size(); ++s)
    if (plan.stages[s].on_device()) stages.push_back(s);
  return stages;
}

std::vector<program::Program> compile_stages(const pipeline::NetworkPlan& plan,
                                             const arch::ArchConfig& arch, const HowToCompile& how,
                                             std::string* ir, const Watcher& watch) {
  pipeline::check_repeats(plan, how.repeat);
  std::vector<program::Program> programs;
  for (const pipeline::PlanStage& stage : plan.stages) {
    programs.emplace_back();
    if (how.tensors) how.tensors->emplace_back();
    if (!stage.device) continue;
    lower::BackOptions back;
    back.choices = how.choices;
    back.repeat = how.repeat;
    back.ir_dump = ir;
    back.progress = [&](size_t done, size_t total) {
      if (watch) watch({"compiling", "steps", done, total});
    };
    back.mapping = how.mapping;
    if (how.mapped) back.mapped = &how.mapped->emplace();
    if (how.tensors) back.tensors = &how.tensors->back();
    programs.back() = lower::compile_back(*stage.device, arch, back);
  }
  return programs;
}

void with_front_options(const NetworkRequest& request, const arch::ArchConfig& arch,
                        std::string* ir, std::vector<std::string>& warnings, const Watcher& watch,
                        const std::function<void(const pipeline::FrontOptions&)>& compile) {
  require_network(request.network);
  const auto advance = [&](size_t done, size_t total) {
    if (watch) watch({"calibrating", "operators", done, total});
  };
  advance(0, 0);  // reading it included
  const Calibration calibration = load_calibration(request);
  pipeline::FrontOptions front =
      request.front_options(arch, calibration.data ? &*calibration.data : nullptr);
  front.calibration_stand_in = calibration.stand_in;
  front.warnings = &warnings;
  front.ir_dump = ir;
  front.progress = advance;
  compile(front);
}

CompiledNetwork compile_network(const NetworkRequest& request, const arch::ArchConfig& arch,
                                bool keep_ir, const Watcher& watch) {
  if (request.file().empty())
    throw Error("no network given, expected a file, --topology or --timeloop-problem");
  if (request.is_program()) return load_program(request, arch, keep_ir);
  CompiledNetwork result;
  std::string* const ir = keep_ir ? &result.ir : nullptr;
  result.plan = request.is_layers() ? read_layers(request, result.warnings)
                                    : quantise_network(request, arch, ir, result.warnings, watch);
  HowToCompile how{request.choices, request.repeat};
  lower::Mapping wanted;
  if (request.tells_mapping || !request.mapping.empty()) {
    if (!(result.plan.stages.size() == 1 && result.plan.stages[0].on_device()))
      throw Error(
          "--mapping: the host has a stage of the network, expected one on the accelerator");
    how.mapped = &result.mapping;
  }
  if (!request.mapping.empty()) {
    wanted = load_mapping(request.mapping);
    how.mapping = &wanted;
  }
  if (request.tells_tensors) how.tensors = &result.tensors;
  result.programs = compile_stages(result.plan, arch, how, ir, watch);
  result.plan = pipeline::repeat_batches(std::move(result.plan), request.repeat);
  return result;
}

PlanWeights weight_facts(const pipeline::NetworkPlan& plan) {
  PlanWeights facts;
  for (const pipeline::PlanStage& stage : plan.stages)
    facts.push_back(stage.device ? report::weight_facts(*stage.device) : report::GraphWeights());
  return facts;
}

std::vector<std::optional<report::WeightPatterns>> weight_patterns(const CompiledNetwork& compiled,
                                                                   const arch::ArchConfig& arch) {
  return weight_patterns(compiled, weight_facts(compiled.plan), arch);
}

std::vector<std::optional<report::WeightPatterns>> weight_patterns(const CompiledNetwork& compiled,
                                                                   const PlanWeights& facts,
                                                                   const arch::ArchConfig& arch) {
  std::vector<std::optional<report::WeightPatterns>> weights;
  for (const size_t s : compiled.device_stages()) {
    const auto part = report::weight_patterns(*compiled.plan.stages[s].device, facts.at(s),
                                              compiled.programs[s], arch);
    weights.insert(weights.end(), part.begin(), part.end());
  }
  return weights;
}

std::optional<data::Dataset> load_data(const NetworkRequest& request,
                                       const CompiledNetwork& compiled) {
  if (!request.has_data()) return std::nullopt;
  const auto taken = request.is_program() ? run_inputs(compiled.programs.at(0)) : request.taken();
  const int64_t repeat = compiled.is_lone() ? compiled.programs.at(0).repeat : 1;
  return request.load_data(taken, compiled.plan.batch / repeat, repeat);
}

}  // namespace systole::session
