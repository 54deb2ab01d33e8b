// SPDX-License-Identifier: Apache-2.0
// Reads the DRAM presets: files of configs/memory (docs/memory.md).
#include <fmt/format.h>

#include "model/arch/config_directories.h"
#include "model/arch/ddr.h"
#include "model/arch/dram_clock.h"
#include "model/arch/yaml_keys.h"
#include "model/base/error.h"

namespace systole::arch {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "memory";
constexpr int kDepth = 2;  // energy.activation.value
constexpr const char* kFigures[] = {"energy.read_byte", "energy.write_byte", "energy.activation"};
const std::string kMapping = "organisation.mapping";

/// What a preset calls a key: memory.tccd_l_ps of an architecture is timing.tccd_l.
std::string key_in_file(const DdrKey& key) {
  std::string name = key.key;
  if (key.section == DdrSection::kOrganisation) return "organisation." + name;
  return "timing." + name.substr(0, name.size() - std::string("_ps").size());
}

std::vector<DdrKey> file_keys() {
  std::vector<DdrKey> keys;
  for (const DdrKey& key : ddr_keys())
    if (key.section != DdrSection::kController) keys.push_back(key);
  return keys;
}

std::vector<std::string> known_keys(const YamlKeys& keys) {
  std::vector<std::string> known = {"description", "standard", "base", "clock_mhz"};
  for (const DdrKey& key : file_keys()) known.push_back(key_in_file(key));
  known.push_back(kMapping);
  for (const std::string figure : kFigures)
    for (const char* part : {".value", ".source", ".how", ".extrapolated"})
      known.push_back(figure + part);
  for (const auto& [key, value] : keys)
    if (key.starts_with("sources.")) known.push_back(key);
  return known;
}

fs::path find_base(const YamlValue& base) {
  try {
    return find_ddr_preset(base.text);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: base: {}", base.where, error.what()));
  }
}

/// The keys of `file`, and those of its base that it does not give itself.
YamlKeys read_keys(const fs::path& file) {
  YamlKeys keys = read_yaml_keys(file, kDepth);
  refuse_unknown_keys(keys, known_keys(keys));
  const auto base = keys.find("base");
  if (base == keys.end()) return keys;
  const fs::path base_file = find_base(base->second);
  YamlKeys inherited = read_yaml_keys(base_file, kDepth);
  refuse_unknown_keys(inherited, known_keys(inherited));
  if (inherited.contains("base"))
    throw Error(fmt::format("{}: base: '{}' has a base itself, expected one that has none",
                            base->second.where, base->second.text));
  keys.merge(inherited);
  return keys;
}

DramClock to_clock(const YamlValue& mhz) {
  const std::optional<DramClock> clock = DramClock::parse(mhz.text);
  if (!clock)
    throw Error(
        fmt::format("{}: clock_mhz: '{}' is not a clock in 1..10000 MHz such as 1200 or 3200/3",
                    mhz.where, mhz.text));
  return *clock;
}

class PresetReader {
 public:
  PresetReader(YamlKeys keys, const std::string& file)
      : reader_(std::move(keys), file, "a memory") {}

  DdrConfig read() {
    reader_.require("description");
    reader_.require("standard");
    reader_.find("base");
    const DramClock clock = to_clock(reader_.require("clock_mhz"));
    DdrConfig ddr;
    for (const DdrKey& key : file_keys()) read_key(key, clock, ddr);
    read_mapping(ddr);
    check(ddr);
    ddr.energy = {reader_.figure(kFigures[0]), reader_.figure(kFigures[1]),
                  reader_.figure(kFigures[2])};
    reader_.finish();
    return ddr;
  }

 private:
  void read_key(const DdrKey& key, const DramClock& clock, DdrConfig& ddr) {
    const std::string name = key_in_file(key);
    const YamlValue* value = key.optional ? reader_.find(name) : &reader_.require(name);
    if (value == nullptr) return;
    ddr.*key.member = key.section == DdrSection::kTiming
                          ? to_time(name, *value, clock, key)
                          : to_integer(name, *value, key.min, key.max);
  }

  static int64_t to_time(const std::string& name, const YamlValue& value, const DramClock& clock,
                         const DdrKey& key) {
    const std::optional<int64_t> ps = clock.picoseconds(value.text);
    if (!ps)
      throw Error(
          fmt::format("{}: {}: '{}' is not a time, expected a sum of times such as 17 nCK, "
                      "13.75 ns, 260000 ps or max(4 nCK, 7.5 ns)",
                      value.where, name, value.text));
    if (*ps < key.min || *ps > key.max)
      throw Error(fmt::format("{}: {}: {} ps is outside {}..{} ps", value.where, name, *ps, key.min,
                              key.max));
    return *ps;
  }

  void read_mapping(DdrConfig& ddr) {
    const YamlValue* value = reader_.find(kMapping);
    if (value == nullptr) return;
    ddr.mapping = value->text;
    try {
      parse_ddr_mapping(value->text);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}: {}", value->where, kMapping, error.what()));
    }
  }

  void check(const DdrConfig& ddr) {
    const std::optional<DdrProblem> problem = check_ddr(ddr);
    if (!problem) return;
    for (const DdrKey& key : file_keys()) {
      if (key.key != problem->key) continue;
      const YamlValue* value = reader_.find(key_in_file(key));
      throw Error(fmt::format("{}: {}: {}", value ? value->where : reader_.file(), key_in_file(key),
                              problem->text));
    }
  }

  FigureReader reader_;
};

}  // namespace

std::vector<std::string> ddr_preset_names() { return config_names(kFolder); }

fs::path find_ddr_preset(const std::string& name_or_path) {
  return find_config(kFolder, name_or_path, "memory");
}

DdrConfig ddr_preset(const std::string& name_or_path) {
  const fs::path file = find_ddr_preset(name_or_path);
  DdrConfig ddr = PresetReader(read_keys(file), file.string()).read();
  ddr.preset = name_or_path;
  ddr.name = file.stem().string();
  return ddr;
}

DramClock ddr_preset_clock(const std::string& name_or_path) {
  return to_clock(read_keys(find_ddr_preset(name_or_path)).at("clock_mhz"));
}

std::string ddr_preset_description(const std::string& name_or_path) {
  return read_keys(find_ddr_preset(name_or_path)).at("description").text;
}

}  // namespace systole::arch
