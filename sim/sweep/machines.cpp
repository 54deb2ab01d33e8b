// SPDX-License-Identifier: Apache-2.0
// Hardware parameters are put into what clock and memory come to, and checked as load_arch does.
#include "sim/sweep/machines.h"

#include <charconv>

#include "model/arch/geometry.h"
#include "model/base/error.h"

namespace systole::sweep {
namespace {

const isa::HwParamInfo* parameter_of(std::string_view assignment) {
  const std::string_view key = assignment.substr(0, assignment.find('='));
  for (const isa::HwParamInfo& parameter : isa::kHwParams)
    if (key == parameter.key) return &parameter;
  return nullptr;
}

bool put(const isa::HwParamInfo& parameter, std::string_view assignment, isa::HwParams& hw) {
  const std::string_view text = assignment.substr(assignment.find('=') + 1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  if (value < parameter.min || value > parameter.max) return false;
  hw.*parameter.member = static_cast<int>(value);
  return true;
}

}  // namespace

const arch::ArchConfig* Machines::load(const std::string& arch,
                                       const std::vector<std::string>& set) {
  std::string name = arch;
  for (const std::string& assignment : set) name += '\n' + assignment;
  const auto [known, fresh] = known_.try_emplace(std::move(name));
  if (!fresh) return known->second.get();
  try {
    known->second = std::make_unique<const arch::ArchConfig>(arch::load_arch(arch, set));
  } catch (const Error&) {  // the point's own result
  }
  return known->second.get();
}

const arch::ArchConfig* Machines::original(const std::string& arch) { return load(arch, {}); }

const arch::ArchConfig* Machines::base(const SweepPoint& point) {
  std::vector<std::string> others;
  for (const std::string& assignment : point.set)
    if (parameter_of(assignment) == nullptr) others.push_back(assignment);
  const arch::ArchConfig* base = load(point.arch, others);
  // A derived clock follows from the parameters, and what counts in cycles follows from it.
  const bool derived = base != nullptr && base->clock_node_nm != 0;
  return derived && others.size() < point.set.size() ? load(point.arch, point.set) : base;
}

arch::ArchConfig Machines::config(const SweepPoint& point) {
  const std::optional<Hardware> hardware = find(point);
  const arch::ArchConfig* plain = original(point.arch);
  if (!hardware || plain == nullptr) return arch::load_arch(point.arch, point.set);
  arch::ArchConfig made = *hardware->base;
  made.hw = hardware->parameters;
  made.name = arch::overridden_name(plain->name, point.set);
  return made;
}

std::optional<Hardware> Machines::find(const SweepPoint& point) {
  Hardware made{base(point), {}};
  if (made.base == nullptr) return std::nullopt;
  made.parameters = made.base->hw;
  // The last of several overrides of a key holds, and it alone is looked at.
  for (size_t i = 0; i < point.set.size(); ++i) {
    const isa::HwParamInfo* parameter = parameter_of(point.set[i]);
    if (parameter == nullptr) continue;
    bool replaced = false;
    for (size_t j = i + 1; j < point.set.size() && !replaced; ++j)
      replaced = parameter_of(point.set[j]) == parameter;
    if (!replaced && !put(*parameter, point.set[i], made.parameters)) return std::nullopt;
  }
  if (!arch::check_params(made.parameters).empty()) return std::nullopt;
  return made;
}

}  // namespace systole::sweep
