// SPDX-License-Identifier: Apache-2.0
// Translates between the public values and the session's own.
#include "sim/library/systole.h"

#include <fmt/format.h>

#include <utility>

#include "compiler/onnx/inputs.h"
#include "model/arch/arch_text.h"
#include "model/base/error.h"
#include "model/program/program_file.h"
#include "sim/energy/table.h"
#include "sim/session/machine.h"
#include "sim/session/result.h"

namespace systole {
namespace {

/// Runs `task`; its errors become the public ones.
template <typename Task>
auto publicly(Task task) {
  try {
    return task();
  } catch (const Error& error) {
    throw Failure(error.what(), static_cast<int>(error.code()));
  }
}

session::NetworkRequest request_of(const Request& request) {
  session::NetworkRequest result;
  result.network = request.network;
  result.batch = request.batch;
  result.calibration = request.calibration;
  result.inputs = request.inputs;
  result.shapes = request.shapes;
  result.weight_bits = request.weights;
  result.activation_bits = request.activations;
  result.precision = request.precision;
  result.range_method = request.calibration_method;
  result.bias_correction = request.bias_correction;
  result.prune = request.prune;
  result.host_fallback = request.host_fallback;
  return result;
}

arch::ArchConfig load_machine(const Machine& machine, const session::NetworkRequest& request) {
  const std::string usual = "edge-16x16", &named = machine.architecture;
  if (named.empty() && request.is_program())
    return session::load_program_machine(request.network, usual, machine.memory, machine.set);
  return session::load_machine(named.empty() ? usual : named, machine.memory, machine.set);
}

std::vector<Tensor> tensors_of(const std::vector<pipeline::PlanTensor>& tensors) {
  std::vector<Tensor> result;
  result.reserve(tensors.size());
  for (const pipeline::PlanTensor& tensor : tensors)
    result.push_back({tensor.name, tensor.type.dims});
  return result;
}

size_t elements_of(const pipeline::PlanTensor& tensor) {
  size_t product = 1;
  for (const int64_t dim : tensor.type.dims) product *= static_cast<size_t>(dim);
  return product;
}

/// The user's arrays, cut into items.
data::Dataset dataset_of(const pipeline::NetworkPlan& plan, const Arrays& arrays) {
  data::Dataset data;
  data.items.resize(static_cast<size_t>(plan.batch));
  for (const pipeline::PlanTensor& input : plan.inputs) {
    const auto found = arrays.find(input.name);
    if (found == arrays.end())
      throw Error(fmt::format("inputs: nothing given for input '{}'", input.name));
    const size_t one = elements_of(input);
    const std::vector<float>& given = found->second;
    if (given.size() != one * data.items.size())
      throw Error(fmt::format("inputs: '{}' has {} elements, expected {} for a batch of {}",
                              input.name, given.size(), one * data.items.size(), plan.batch));
    data::check_elements(
        "inputs", {input.name, input.type.dims, importer::whole_numbers(input.type.type)}, given);
    for (size_t i = 0; i < data.items.size(); ++i) {
      const auto from = given.begin() + static_cast<std::ptrdiff_t>(i * one);
      data.items[i].emplace_back(from, from + static_cast<std::ptrdiff_t>(one));
    }
  }
  if (arrays.size() != plan.inputs.size())
    throw Error(fmt::format("inputs: {} arrays given, the network has {} inputs", arrays.size(),
                            plan.inputs.size()));
  return data;
}

Arrays arrays_of(const pipeline::NetworkPlan& plan, const session::NetworkRun& run) {
  Arrays arrays;
  for (size_t k = 0; k < plan.outputs.size() && !run.outputs.empty(); ++k)
    arrays[plan.outputs[k].name] = run.elements(plan, k);
  return arrays;
}

/// Throws Error if the run did not end as it should.
void check(const session::NetworkRun& run) {
  if (!run.divergence.empty())
    throw Error("RTL and model differ: " + run.divergence, ExitCode::kDifference);
  if (!run.wrong.empty()) throw Error(run.wrong, ExitCode::kDifference);
  if (!run.finished())
    throw Error(fmt::format("the run stopped after {} cycles", run.stages.back().result.cycles),
                ExitCode::kStopped);
}

}  // namespace

struct Network::Compiled {
  session::NetworkRequest request;
  arch::ArchConfig arch;
  session::CompiledNetwork network;
};

Network::Network(const Request& request, const Machine& machine)
    : compiled_(std::make_unique<Compiled>()) {
  publicly([&] {
    compiled_->request = request_of(request);
    compiled_->arch = load_machine(machine, compiled_->request);
    compiled_->network = session::compile_network(compiled_->request, compiled_->arch);
  });
}

Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

const std::vector<std::string>& Network::warnings() const { return compiled_->network.warnings; }
std::vector<Tensor> Network::inputs() const { return tensors_of(compiled_->network.plan.inputs); }
std::vector<Tensor> Network::outputs() const { return tensors_of(compiled_->network.plan.outputs); }

Result Network::run(const RunOptions& options) const {
  return publicly([&] {
    const auto& [request, arch, network] = *compiled_;
    if (options.engine != "model" && options.engine != "rtl" && options.engine != "both")
      throw Error(fmt::format("engine '{}': expected 'model', 'rtl' or 'both'", options.engine));
    std::optional<energy::EnergyTable> table;
    if (!options.energy_table.empty()) table = energy::load_energy_table(options.energy_table);
    session::NetworkRunOptions how;
    how.simulate.engine = options.engine;
    how.simulate.cycle_limit = options.cycle_limit;
    how.energy = table ? &*table : nullptr;
    const std::optional<data::Dataset> data = options.inputs.empty()
                                                  ? session::load_data(request, network)
                                                  : dataset_of(network.plan, options.inputs);
    const session::NetworkRun run = session::run_network(network, arch, data, how);
    check(run);
    const report::Report& report = run.report;
    session::ResultParts parts;
    parts.file = request.file();
    parts.compared = options.engine == "both";
    parts.energy = run.energy();
    if (request.host_fallback)
      parts.fallback = report::make_fallback_report(network.plan, run.parts(), report);
    Result result;
    result.cycles = report.cycles;
    result.latency_ms = report.latency_ms;
    result.mac_utilisation = report.mac_utilisation;
    result.dram_bytes = report.bytes.total();
    result.lower_bound_cycles = report.lower_bound.largest();
    if (parts.energy) result.energy_uj = parts.energy->energy.total() * 1e-6;
    result.outputs = arrays_of(network.plan, run);
    result.json = session::result_json(run, arch, parts).dump(1);
    return result;
  });
}

void Network::save(const std::string& file) const {
  publicly([&] {
    const session::CompiledNetwork& network = compiled_->network;
    if (!network.is_lone())
      throw Error(fmt::format("{}: the network has {} stages, a program file holds one", file,
                              network.plan.stages.size()));
    program::save_program(network.programs[0], file, arch::to_stored_yaml(compiled_->arch));
  });
}

const char* version() { return SYSTOLE_VERSION; }

}  // namespace systole
