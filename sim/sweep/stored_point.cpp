// SPDX-License-Identifier: Apache-2.0
// Sets every parameter, and checks by its identity that none was missed.
#include "sim/sweep/stored_point.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "compiler/choices/choices.h"
#include "model/base/error.h"
#include "sim/sweep/identity.h"

namespace systole::sweep {
namespace {

using Json = nlohmann::json;

arch::MemoryConfig memory_of(const Json& parameters) {
  arch::MemoryConfig memory;
  memory.kind = parameters.at("kind");
  memory.size_mib = parameters.at("size_mib");
  if (memory.kind == "ideal") {
    memory.bytes_per_cycle = parameters.at("bytes_per_cycle");
    memory.latency_cycles = parameters.at("latency_cycles");
  } else if (memory.kind == "random") {
    memory.seed = parameters.at("seed");
  } else {
    memory.ddr.preset = memory.ddr.name = parameters.at("preset");
    memory.ddr.mapping = parameters.at("mapping");
    for (const arch::DdrKey& key : arch::ddr_keys())
      memory.ddr.*key.member = parameters.at(key.key);
    const Json& energy = parameters.at("energy");
    memory.ddr.energy.read_byte.value = energy.at("read_byte_pj");
    memory.ddr.energy.write_byte.value = energy.at("write_byte_pj");
    memory.ddr.energy.activation.value = energy.at("activation_pj");
  }
  return memory;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

}  // namespace

SweepPoint point_of(const results::Configuration& configuration,
                    const std::filesystem::path& file) {
  if (!configuration.precision.empty())
    throw Error(fmt::format(
        "{}: has widths by the policy {}, which the database does not hold, expected a point "
        "without one",
        configuration.network.name, configuration.precision));
  SweepPoint point;
  point.network = configuration.network.name;
  point.file = file;
  point.arch = configuration.machine.name;
  point.widths.weights = configuration.weights;
  point.widths.activations = configuration.activations;
  point.prune = configuration.prune;
  point.batch = configuration.batch;
  point.repeat = configuration.repeat;
  point.shapes = words_of(configuration.shape);
  point.calib_method = configuration.calib_method;
  point.host_fallback = configuration.host_fallback;
  std::vector<std::string> off = words_of(configuration.choices);
  point.choices = choices::take_choices(off);
  return point;
}

arch::ArchConfig StoredMachines::arch_of(const results::Machine& machine) {
  arch::ArchConfig arch;
  arch.name = machine.name;
  arch.clock_mhz = machine.clock_mhz;
  arch.clock_node_nm = static_cast<int>(machine.clock_node_nm);
  std::string identity;
  try {
    const Json parameters = Json::parse(machine.parameters);
    for (const isa::HwParamInfo& parameter : isa::kHwParams)
      arch.hw.*parameter.member = parameters.at(parameter.key);
    if (machine.memory) {
      const auto [known, fresh] = memories_.try_emplace(machine.memory->identity);
      if (fresh) known->second = memory_of(Json::parse(machine.memory->parameters));
      arch.memory = known->second;
      if (!fresh) identity = machine_identity(arch, machine.memory->identity);
    }
  } catch (const Json::exception&) {  // told below
  }
  if ((identity.empty() ? machine_identity(arch) : identity) != machine.identity)
    throw Error(fmt::format("{}: the parameters in the database are not those of its machine",
                            machine.name));
  return arch;
}

arch::ArchConfig arch_of(const results::Machine& machine) {
  return StoredMachines().arch_of(machine);
}

}  // namespace systole::sweep
