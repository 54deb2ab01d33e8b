// SPDX-License-Identifier: Apache-2.0
// Tells the table of --energy from the words around it.
#include "sim/cli/energy_option.h"

#include <filesystem>

#include "sim/energy/energy.h"

namespace systole::cli {
namespace {

bool looks_like_table(const std::string& word) {
  const std::string extension = std::filesystem::path(word).extension().string();
  return !word.starts_with('-') &&
         (extension.empty() || extension == ".yaml" || extension == ".yml");
}

}  // namespace

std::vector<std::string> join_energy_words(const std::vector<std::string>& arguments) {
  std::vector<std::string> joined;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] != "--energy")
      joined.push_back(arguments[i]);
    else if (i + 1 < arguments.size() && looks_like_table(arguments[i + 1]))
      joined.push_back("--energy=" + arguments[++i]);
    else
      joined.push_back(std::string("--energy=") + energy::kDefaultEnergyTable);
  }
  return joined;
}

std::optional<energy::EnergyTable> energy_option_table(const std::string& name,
                                                       const arch::ArchConfig& arch) {
  if (name.empty()) return std::nullopt;
  energy::EnergyTable table = energy::load_energy_table(name);
  energy::event_costs(table, arch);  // throws if something is missing
  return table;
}

}  // namespace systole::cli
