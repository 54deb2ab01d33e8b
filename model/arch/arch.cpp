// SPDX-License-Identifier: Apache-2.0
// Finds, reads, checks and prints architectures.
#include "model/arch/arch.h"

#include <fmt/format.h>

#include "model/arch/arch_keys.h"
#include "model/arch/arch_text.h"
#include "model/arch/clock.h"
#include "model/arch/config_directories.h"
#include "model/arch/geometry.h"
#include "model/arch/memory_reader.h"
#include "model/arch/yaml_keys.h"
#include "model/base/error.h"

namespace systole::arch {
namespace {

namespace fs = std::filesystem;

// Legal ranges of the keys that are not hardware parameters (docs/configuration.md).
constexpr double kMinClockMhz = 1, kMaxClockMhz = 10'000;

// Reads the keys of one architecture; `file` names it where no line can be given.
class ArchReader {
 public:
  ArchReader(YamlKeys keys, std::string file) : keys_(std::move(keys)), file_(std::move(file)) {}

  ArchConfig read() {
    refuse_unknown_keys(keys_, arch_keys());
    ArchConfig arch;
    arch.name = fs::path(file_).stem().string();
    if (const YamlValue* name = find("name")) arch.name = name->text;
    if (const YamlValue* text = find("description")) arch.description = text->text;
    read_hardware(arch.hw);
    read_clock(arch);
    arch.memory = read_memory(keys_, file_, arch.clock_mhz);
    return arch;
  }

 private:
  const YamlValue* find(const std::string& key) const {
    const auto found = keys_.find(key);
    return found == keys_.end() ? nullptr : &found->second;
  }

  const YamlValue& require(const std::string& key) const {
    if (const YamlValue* value = find(key)) return *value;
    throw Error(fmt::format("{}: {}: missing, an architecture must state it", file_, key));
  }

  /// Of an architecture whose parameters are read.
  void read_clock(ArchConfig& arch) const {
    const YamlValue& clock = require("clock_mhz");
    if (!is_auto_clock(clock.text)) {
      arch.clock_mhz = to_number("clock_mhz", clock, kMinClockMhz, kMaxClockMhz);
      return;
    }
    arch.clock_node_nm = clock_node_of(clock);
    arch.clock_mhz = derive_clock(arch.hw, arch.clock_node_nm).mhz;
  }

  void read_hardware(isa::HwParams& hw) const {
    require("array.rows");
    require("array.cols");
    for (const auto& param : isa::kHwParams)
      if (const YamlValue* value = find(param.key))
        hw.*param.member = static_cast<int>(to_integer(param.key, *value, param.min, param.max));
    const std::string problem = check_params(hw);
    if (problem.empty()) return;
    const YamlValue* value = find(problem.substr(0, problem.find(':')));
    throw Error(fmt::format("{}: {}", value ? value->where : file_, problem));
  }

  const YamlKeys keys_;
  const std::string file_;
};

ArchConfig read_arch(YamlKeys keys, const std::string& file,
                     const std::vector<std::string>& overrides) {
  for (const std::string& assignment : overrides) override_key(keys, assignment);
  ArchConfig arch = ArchReader(std::move(keys), file).read();
  arch.name = overridden_name(std::move(arch.name), overrides);
  return arch;
}

std::string quote(const std::string& text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string yaml_with_clock(const ArchConfig& arch, const std::string& clock) {
  std::string text = fmt::format("name: {}\n", quote(arch.name));
  if (!arch.description.empty()) text += fmt::format("description: {}\n", quote(arch.description));
  text += fmt::format("clock_mhz: {}\n", clock);
  std::string section;
  for (const auto& param : isa::kHwParams) {  // declared section by section
    const std::string key = param.key;
    const size_t dot = key.find('.');
    if (key.substr(0, dot) != section) {
      section = key.substr(0, dot);
      text += section + ":\n";
    }
    text += fmt::format("  {}: {}\n", key.substr(dot + 1), arch.hw.*param.member);
  }
  return text + memory_yaml(arch.memory);
}

}  // namespace

std::string overridden_name(std::string name, const std::vector<std::string>& overrides) {
  for (const std::string& assignment : overrides)  // the memory has a name of its own
    if (!assignment.starts_with("memory.kind=") && !assignment.starts_with("memory.preset="))
      name += "+" + assignment;
  return name;
}

ArchConfig load_arch(const std::string& name_or_path, const std::vector<std::string>& overrides) {
  const fs::path file = find_config("", name_or_path, "architecture");
  return read_arch(read_yaml_keys(file), file.string(), overrides);
}

ArchConfig parse_arch(const std::string& text, const std::string& file,
                      const std::vector<std::string>& overrides) {
  return read_arch(parse_yaml_keys(text, file), file, overrides);
}

std::vector<std::string> list_archs() { return config_names(""); }

std::string to_yaml(const ArchConfig& arch) {
  return yaml_with_clock(arch, fmt::format("{}", arch.clock_mhz));
}

std::string to_stored_yaml(const ArchConfig& arch) {
  if (arch.clock_node_nm == 0) return to_yaml(arch);
  return yaml_with_clock(arch, fmt::format("auto-{}nm", arch.clock_node_nm));
}

}  // namespace systole::arch
