// SPDX-License-Identifier: Apache-2.0
// Keys of the hardware parameters, of the memory, and the clock.
#include "model/arch/arch_keys.h"

#include "model/arch/memory_reader.h"
#include "model/isa/isa.h"

namespace systole::arch {

const std::vector<std::string>& arch_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> result = {"name", "description", "clock_mhz"};
    for (const auto& param : isa::kHwParams) result.emplace_back(param.key);
    for (std::string& key : memory_keys()) result.push_back(std::move(key));
    return result;
  }();
  return keys;
}

std::vector<std::string> override_keys() {
  std::vector<std::string> keys = arch_keys();
  std::erase_if(keys, [](const std::string& k) { return k == "name" || k == "description"; });
  return keys;
}

KeyKind kind_of_key(const std::string& key) {
  if (key == "memory.kind" || key == "memory.preset" || key == "memory.mapping")
    return KeyKind::kText;
  if (key == "clock_mhz" || key == "memory.bytes_per_cycle" || key == "memory.gb_per_s")
    return KeyKind::kNumber;
  return KeyKind::kWhole;
}

}  // namespace systole::arch
