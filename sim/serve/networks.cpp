// SPDX-License-Identifier: Apache-2.0
// Tasks "load", "compile", "save" and "quantise": a network's file, programs of it for
// architectures, their files, and the network that says what they compute.
#include "compiler/onnx/inputs.h"
#include "compiler/quant/calibration_steps.h"
#include "sim/report/widths.h"
#include "sim/serve/arrays.h"
#include "sim/serve/tasks.h"
#include "sim/session/data.h"
#include "sim/session/written.h"

namespace systole::serve {
namespace {

constexpr int64_t kMostBatch = 4096;

/// Of a program file nothing is known but what stands in it.
std::unique_ptr<Network> load_file(Task& task) {
  Fields& fields = task.fields;
  auto network = std::make_unique<Network>();
  session::NetworkRequest& request = network->request;
  request.network = fields.text("file");
  request.shapes = fields.texts("shapes");
  request.host_fallback = fields.flag("host_fallback", false);
  request.calibration = fields.text("calibration_file", "");
  const bool has_values = fields.has("calibration");
  if (request.is_program()) {
    if (has_values)
      throw Error("calibration: a program file is already quantised, expected an ONNX file");
    network->inputs = session::run_inputs(program::Program::load(request.network));
    return network;
  }
  network->inputs = request.taken();
  if (has_values)
    request.calibration_values =
        std::make_shared<data::Dataset>(take_items(task, "calibration", network->inputs));
  return network;
}

void read_choices(Fields& fields, session::NetworkRequest& request) {
  request.batch = fields.integer("batch", 1, kMostBatch, 1);
  request.repeat = fields.integer("repeat", 1, session::kMostRepetitions, 1);
  request.weight_bits = static_cast<int>(fields.integer("weights", 0, 8, 0));
  request.activation_bits = static_cast<int>(fields.integer("activations", 0, 8, 0));
  for (const int bits : {request.weight_bits, request.activation_bits})
    if (bits != 0 && bits != 1 && bits != 2 && bits != 4 && bits != 8)
      throw Error(fmt::format("compile: {}: {} bits, expected 8, 4, 2 or 1",
                              bits == request.weight_bits ? "weights" : "activations", bits));
  request.precision = fields.text("precision", "");
  request.range_method = fields.text("calibration_method", request.range_method);
  request.bias_correction = fields.flag("bias_correction", false);
  request.range_method = quant::with_steps(
      request.range_method, "compile: calibration_steps:", fields.texts("calibration_steps"));
  request.prune = fields.texts("prune");
  request.mapping = fields.text("mapping", "");
  request.timing_only = fields.flag("timing_only", false);
  std::vector<std::string> set = fields.texts("set");
  request.choices = choices::take_choices(set);
  if (!set.empty())
    throw Error(fmt::format("compile: set: '{}' is no choice of the compiler", set[0]));
}

Json outputs_json(const pipeline::NetworkPlan& plan) {
  Json outputs = Json::array();
  for (const pipeline::PlanTensor& output : plan.outputs)
    outputs.push_back({{"name", output.name},
                       {"shape", output.type.dims},
                       {"constant", plan.constants.contains(output.name)}});
  return outputs;
}

Json inputs_json(const std::vector<data::NetworkInput>& inputs) {
  Json result = Json::array();
  for (const data::NetworkInput& input : inputs) result.push_back(input_json(input));
  return result;
}

Json program_json(const Compiled& compiled) {
  const session::CompiledNetwork& network = compiled.network;
  const pipeline::NetworkPlan& plan = network.plan;
  size_t instructions = 0;
  for (const program::Program& program : network.programs) instructions += program.code.size();
  Json layers = Json::array();
  for (const program::Program& program : network.programs)
    for (const program::LayerInfo& layer : program.layers)
      layers.push_back({{"name", layer.name}, {"operator", layer.op}});
  const auto graphs = plan.graphs();
  return {{"name", plan.name},
          {"batch", plan.batch / compiled.request.repeat},
          {"repeat", compiled.request.repeat},
          {"inputs",
           inputs_json(compiled.request.is_program() ? session::run_inputs(network.programs.at(0))
                                                     : inputs_of(plan))},
          {"outputs", outputs_json(plan)},
          {"stages", plan.stages.size()},
          {"instructions", instructions},
          {"widths", graphs.empty() ? "" : report::widths_text(graphs)},
          {"layers", layers},
          {"warnings", network.warnings}};
}

}  // namespace

Json load_network(Task& task) {
  std::unique_ptr<Network> network = load_file(task);
  task.fields.refuse_others();
  Json result = {{"inputs", inputs_json(network->inputs)},
                 {"program_file", network->request.is_program()}};
  result["handle"] = task.state.networks.add(std::move(network), task.state.last_handle);
  return result;
}

Json compile_program(Task& task) {
  const Network& network = task.find(task.state.networks, "network");
  const arch::ArchConfig& arch = task.find(task.state.archs, "arch");
  auto compiled = std::make_unique<Compiled>();
  compiled->request = network.request;
  read_choices(task.fields, compiled->request);
  task.fields.refuse_others();
  compiled->arch = arch;
  compiled->network = session::compile_network(compiled->request, arch, false, task.watch);
  compiled->request.repeat = compiled->network.is_lone() ? compiled->network.programs[0].repeat : 1;
  Json result = program_json(*compiled);
  result["handle"] = task.state.programs.add(std::move(compiled), task.state.last_handle);
  return result;
}

Json quantise_network(Task& task) {
  const Network& network = task.find(task.state.networks, "network");
  const arch::ArchConfig& arch = task.find(task.state.archs, "arch");
  session::NetworkRequest request = network.request;
  if (request.is_program())
    throw Error(request.network.string() + ": is compiled already, expected an ONNX file");
  read_choices(task.fields, request);
  const std::string file = task.fields.text("file"), masks = task.fields.text("masks", "");
  const int64_t opset =
      task.fields.integer("opset", session::kOldestWrittenOpset, session::kNewestWrittenOpset,
                          session::kNewestWrittenOpset);
  task.fields.refuse_others();
  const session::WrittenNetwork written =
      session::write_quantised(request, arch, opset, false, task.watch);
  session::save_whole(file, written.file.onnx);
  if (!masks.empty()) session::save_whole(masks, session::masks_npz(written.file));
  return {{"layers", written.file.layers},
          {"weighted", written.file.masks.size()},
          {"opset", written.file.opset},
          {"warnings", written.warnings}};
}

Json save_program(Task& task) {
  const Compiled& compiled = task.find(task.state.programs, "program");
  const std::string file = task.fields.text("file");
  task.fields.refuse_others();
  if (!compiled.network.is_lone())
    throw Error(fmt::format("{}: the network has {} stages, expected one: a program file holds one",
                            file, compiled.network.plan.stages.size()));
  compiled.network.programs[0].save(file);
  return Json::object();
}

}  // namespace systole::serve
