// SPDX-License-Identifier: Apache-2.0
// Hashes what a point is made of.
#include "sim/sweep/identity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>

#include "compiler/data/dataset.h"
#include "compiler/onnx/external_files.h"
#include "sim/energy/gates.h"
#include "sim/energy/table_file.h"
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/provenance.h"
#include "sim/sweep/front_half.h"

namespace systole::sweep {
namespace {

using Ordered = nlohmann::ordered_json;

results::Memory memory_of(const arch::ArchConfig& arch) {
  Ordered parameters = report::architecture_json(arch).at("memory");
  results::Memory memory;
  memory.name = arch.memory.kind == "ddr" ? arch.memory.ddr.name : arch.memory.kind;
  if (arch.memory.kind == "ddr") {
    const arch::DramEnergy& energy = arch.memory.ddr.energy;
    parameters["energy"] = {{"read_byte_pj", energy.read_byte.value},
                            {"write_byte_pj", energy.write_byte.value},
                            {"activation_pj", energy.activation.value}};
  }
  memory.parameters = parameters.dump();
  memory.identity = identity_of(memory.parameters);
  return memory;
}

/// As JSON; a hundred thousand points take no library for that.
std::string parameters_of(const isa::HwParams& hw) {
  std::string text;
  for (const isa::HwParamInfo& parameter : isa::kHwParams) {
    text += text.empty() ? "{\"" : ",\"";
    text += parameter.key;
    text += "\":" + std::to_string(hw.*parameter.member);
  }
  return text + "}";
}

/// Not the name counts; `clocked`: what its clock is, and where it comes from.
std::string hardware_identity(const std::string& parameters, const arch::ArchConfig& clocked,
                              const std::string& memory) {
  const int node = clocked.clock_node_nm;
  return identity_of(fmt::format("{} {}{} {}", parameters, clocked.clock_mhz,
                                 node == 0 ? "" : fmt::format(" derived {}", node), memory));
}

/// What is known of hardware that cannot be made.
std::string unmade(const SweepPoint& point) {
  return Ordered{{"architecture", report::printable(point.arch)}, {"set", hardware_text(point)}}
      .dump();
}

}  // namespace

std::string identity_of(const std::string& content) {
  return report::sha256_of(content).substr(0, 32);
}

std::string hardware_text(const SweepPoint& point) {
  std::string text = report::printable(point.arch);
  for (const std::string& assignment : point.set)
    text += fmt::format(" {}", report::printable(assignment));
  return text;
}

std::string network_identity(const std::filesystem::path& file) {
  std::string content = report::sha256_of_file(file);
  bool beside = false;
  if (file.extension() == ".onnx")
    for (const std::filesystem::path& external : importer::external_files(file)) {
      beside = true;
      content += external.filename().string();
      // One that is missing, or no file, is the point's own failure.
      if (std::filesystem::is_regular_file(external)) content += report::sha256_of_file(external);
    }
  return beside ? identity_of(content) : content.substr(0, 32);
}

std::string machine_identity(const arch::ArchConfig& arch) {
  return machine_identity(arch, memory_of(arch).identity);
}

std::string machine_identity(const arch::ArchConfig& arch, const std::string& memory) {
  return hardware_identity(parameters_of(arch.hw), arch, memory);
}

results::Part energy_table_part(const std::string& name_or_path) {
  const std::filesystem::path file = energy::find_energy_table(name_or_path);
  const std::string name = file.stem().string();  // rows tell it
  const std::filesystem::path gates = energy::find_gate_table(energy::kGateTable);
  return {identity_of(name + report::sha256_of_file(file) + report::sha256_of_file(gates)), name};
}

std::string configuration_identity(const results::Configuration& made) {
  std::string text =
      fmt::format("{} {} {} {} W{}A{} batch {} {} {}\n{}", made.network.identity,
                  made.network.name.ends_with(".csv") ? "topology" : "onnx", made.machine.identity,
                  made.energy_table.identity, made.weights, made.activations, made.batch,
                  made.calib_method, made.host_fallback ? "host" : "", made.prune);
  std::istringstream shapes(made.shape);
  for (std::string shape; shapes >> shape;) text += "\n" + shape;
  text += made.choices;
  if (!made.precision.empty()) text += " precision " + made.precision;
  if (made.repeat != 1) text += fmt::format(" repeat {}", made.repeat);
  if (!made.evaluation.empty()) text += " data " + made.evaluation;
  return identity_of(text);
}

results::Network Identifier::network(const SweepPoint& point) {
  std::string& identity = files_[point.file.native()];
  if (identity.empty()) identity = network_identity(point.file);
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(point.file, error);
  return {{identity, report::printable(point.file.filename().string())},
          (error ? point.file : path.lexically_normal()).string()};
}

const std::string& Identifier::dataset(const std::filesystem::path& file) {
  std::string& identity = datasets_[file.native()];
  if (!identity.empty()) return identity;
  std::string content;
  for (const std::filesystem::path& part : data::dataset_files(file))
    content += std::filesystem::is_regular_file(part) ? report::sha256_of_file(part) : "missing";
  return identity = identity_of(content);
}

std::string Identifier::evaluation(const SweepPoint& point, const std::string& network) {
  if (point.data.empty()) return "";
  const auto hardware = machines_.find(point);
  std::string text = fmt::format(
      "{} {} {} {}", network, dataset(point.data), point.calib.empty() ? "" : dataset(point.calib),
      quantised_key(point, hardware ? hardware->parameters : isa::HwParams()));
  text += precision(point);
  if (point.data_limit != 0) text += fmt::format(" first {}", point.data_limit);
  if (point.bias_correction) text += " bias correction";
  if (!point.metric.empty()) text += " metric " + point.metric;
  if (!point.metric_command.empty()) text += " metric command " + point.metric_command;
  return identity_of(text);
}

std::string Identifier::precision(const SweepPoint& point) {
  if (point.precision.empty()) return "";
  std::string& known = policies_[point.precision.native()];
  if (known.empty())
    known = fmt::format("{} {}", report::printable(point.precision.filename().string()),
                        report::sha256_of_file(point.precision).substr(0, 32));
  return known;
}

const results::Part& Identifier::energy_table(const SweepPoint& point) {
  results::Part& table = tables_[point.energy_table];
  if (table.identity.empty()) table = energy_table_part(point.energy_table);
  return table;
}

const results::Memory& Identifier::memory(const arch::ArchConfig& arch) {
  const auto [known, fresh] = memories_.try_emplace(&arch);
  if (fresh) known->second = memory_of(arch);
  return known->second;
}

std::string Identifier::machine_identity(const SweepPoint& point) {
  if (const auto hardware = machines_.find(point))
    return hardware_identity(parameters_of(hardware->parameters), *hardware->base,
                             memory(*hardware->base).identity);
  return identity_of(unmade(point));
}

results::Machine Identifier::machine(const SweepPoint& point) {
  results::Machine machine;
  if (const auto hardware = machines_.find(point)) {
    machine.parameters = parameters_of(hardware->parameters);
    machine.memory = memory(*hardware->base);
    machine.clock_mhz = hardware->base->clock_mhz;
    machine.clock_node_nm = hardware->base->clock_node_nm;
    machine.array_rows = hardware->parameters.rows;
    machine.array_cols = hardware->parameters.cols;
    machine.ub_kib = hardware->parameters.ub_kib;
  } else {  // the point's own result
    machine.parameters = unmade(point);
  }
  machine.identity = machine_identity(point);
  machine.name = hardware_text(point);
  return machine;
}

std::string Identifier::identity(const SweepPoint& point) {
  return identity(point, machine_identity(point));
}

std::string Identifier::identity(const SweepPoint& point, const std::string& machine) {
  std::string& network = files_[point.file.native()];
  if (network.empty()) network = Identifier::network(point).identity;
  results::Configuration parts;
  describe(point, parts);
  parts.network.identity = network;
  parts.network.name = point.file.extension().string();
  parts.machine.identity = machine;
  parts.evaluation = evaluation(point, network);
  return configuration_identity(parts);
}

void Identifier::describe(const SweepPoint& point, results::Configuration& made) {
  made.energy_table = energy_table(point);
  made.weights = point.widths.weights;
  made.activations = point.widths.activations;
  made.precision = precision(point);
  made.prune = report::printable(point.prune);
  made.batch = point.batch;
  made.repeat = point.repeat;
  made.shape = report::printable(fmt::format("{}", fmt::join(point.shapes, " ")));
  made.calib_method = point.calib_method;
  made.host_fallback = point.host_fallback;
  made.choices = choices::to_text(point.choices);
}

results::Configuration Identifier::configuration(const SweepPoint& point) {
  results::Configuration made;
  describe(point, made);
  made.network = network(point);
  made.machine = machine(point);
  made.data = report::printable(point.data.filename().string());
  made.calib = report::printable(point.calib.filename().string());
  made.evaluation = evaluation(point, made.network.identity);
  made.identity = configuration_identity(made);
  return made;
}

}  // namespace systole::sweep
