// SPDX-License-Identifier: Apache-2.0
// Reads and prints the memory of an architecture (docs/configuration.md).
#include "model/arch/memory_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "model/arch/config_directories.h"
#include "model/base/error.h"

namespace systole::arch {
namespace {

constexpr double kMinBytesPerCycle = 0.01, kMaxBytesPerCycle = 4096;
constexpr double kMinGbPerS = 0.001, kMaxGbPerS = 40'000;
constexpr int64_t kMinLatency = 1, kMaxLatency = 1'000'000;
constexpr int64_t kMaxSizeMib = 4096;  // 32-bit addresses

class MemoryReader {
 public:
  MemoryReader(const YamlKeys& keys, const std::string& file, double clock_mhz)
      : keys_(keys), file_(file), clock_mhz_(clock_mhz) {}

  MemoryConfig read() {
    const YamlValue& kind = require("kind");
    const std::vector<std::string> kinds = {"ideal", "ddr", "random"};
    if (std::find(kinds.begin(), kinds.end(), kind.text) == kinds.end())
      throw Error(fmt::format("{}: memory.kind: '{}' is unknown, expected ideal, ddr or random",
                              kind.where, kind.text));
    memory_.kind = kind.text;
    read_bandwidth();
    if (const YamlValue* value = find_for_kind("latency_cycles", "ideal"))
      memory_.latency_cycles =
          static_cast<int>(to_integer("memory.latency_cycles", *value, kMinLatency, kMaxLatency));
    if (const YamlValue* value = find_for_kind("seed", "random"))
      memory_.seed = static_cast<uint64_t>(to_integer("memory.seed", *value, 0, INT64_MAX));
    if (const YamlValue* value = find("size_mib"))
      memory_.size_mib =
          static_cast<uint64_t>(to_integer("memory.size_mib", *value, 1, kMaxSizeMib));
    read_ddr();
    return memory_;
  }

 private:
  const YamlValue* find(const std::string& key) const {
    const auto found = keys_.find("memory." + key);
    return found == keys_.end() ? nullptr : &found->second;
  }

  const YamlValue& require(const std::string& key) const {
    if (const YamlValue* value = find(key)) return *value;
    throw Error(fmt::format("{}: memory.{}: missing, an architecture must state it", file_, key));
  }

  // A key of one memory kind under another kind is an error; but --set memory.kind=... drops the
  // file's.
  const YamlValue* find_for_kind(const std::string& key, const std::string& kind) const {
    const YamlValue* value = find(key);
    const YamlValue& chosen = require("kind");
    if (value == nullptr || chosen.text == kind) return value;
    if (value->from_file && !chosen.from_file) return nullptr;
    throw Error(fmt::format("{}: memory.{}: only a memory of kind {} has it, this one is {}",
                            value->where, key, kind, chosen.text));
  }

  void read_bandwidth() {
    const YamlValue* per_cycle = find_for_kind("bytes_per_cycle", "ideal");
    const YamlValue* per_second = find_for_kind("gb_per_s", "ideal");
    if (memory_.kind != "ideal") return;
    // One given on the command line replaces the other in the file.
    if (per_cycle && per_second && per_cycle->from_file != per_second->from_file)
      (per_cycle->from_file ? per_cycle : per_second) = nullptr;
    if (per_cycle && per_second)
      throw Error(
          fmt::format("{}: memory.gb_per_s: given together with memory.bytes_per_cycle, "
                      "expected one of them",
                      per_second->where));
    if (per_second) {
      const double bytes_per_second =
          1e9 * to_number("memory.gb_per_s", *per_second, kMinGbPerS, kMaxGbPerS);
      memory_.bytes_per_cycle = bytes_per_second / (1e6 * clock_mhz_);
      check_bytes_per_cycle(memory_.bytes_per_cycle, *per_second);
      return;
    }
    const YamlValue& value = per_cycle ? *per_cycle : require("bytes_per_cycle");
    memory_.bytes_per_cycle =
        to_number("memory.bytes_per_cycle", value, kMinBytesPerCycle, kMaxBytesPerCycle);
  }

  static void check_bytes_per_cycle(double bytes, const YamlValue& value) {
    if (bytes < kMinBytesPerCycle || bytes > kMaxBytesPerCycle)
      throw Error(
          fmt::format("{}: memory.gb_per_s: {} bytes per cycle at this clock are outside {}..{}",
                      value.where, bytes, kMinBytesPerCycle, kMaxBytesPerCycle));
  }

  // A single value of a DRAM; --set memory.preset=... drops those that the file gives.
  const YamlValue* find_for_preset(const std::string& key, const YamlValue* preset) const {
    const YamlValue* value = find_for_kind(key, "ddr");
    if (value != nullptr && preset != nullptr && value->from_file && !preset->from_file)
      return nullptr;
    return value;
  }

  void read_ddr() {
    const YamlValue* preset = find_for_kind("preset", "ddr");
    if (memory_.kind == "ddr") {
      if (preset == nullptr)
        throw Error(fmt::format("{}: memory.preset: missing, expected one of {}", file_,
                                fmt::join(ddr_preset_names(), ", ")));
      memory_.ddr = ddr_preset(find_preset(*preset));
      // What is printed as YAML may be read from another folder.
      if (names_a_file(memory_.ddr.preset))
        memory_.ddr.preset = std::filesystem::absolute(memory_.ddr.preset).string();
    }
    for (const DdrKey& key : ddr_keys())
      if (const YamlValue* value = find_for_preset(key.key, preset))
        memory_.ddr.*key.member =
            to_integer(fmt::format("memory.{}", key.key), *value, key.min, key.max);
    if (const YamlValue* value = find_for_preset("mapping", preset)) {
      memory_.ddr.mapping = value->text;
      located(*value, "mapping", [&] { parse_ddr_mapping(value->text); });
    }
    if (memory_.kind != "ddr") return;
    if (const std::optional<DdrProblem> problem = check_ddr(memory_.ddr))
      throw Error(
          fmt::format("{}: memory.{}: {}", place_of(problem->key), problem->key, problem->text));
    const auto capacity = static_cast<uint64_t>(memory_.ddr.bytes()) >> 20;
    if (memory_.size_mib > capacity)
      throw Error(fmt::format("{}: memory.size_mib: {} is more than the {} MiB that the DRAM has",
                              place_of("size_mib"), memory_.size_mib, capacity));
  }

  // A path in a file starts from that file's folder.
  std::string find_preset(const YamlValue& preset) const {
    if (preset.from_file && names_a_file(preset.text))
      return (std::filesystem::path(file_).parent_path() / preset.text).lexically_normal().string();
    located(preset, "preset", [&] { find_ddr_preset(preset.text); });
    return preset.text;
  }

  template <class Action>
  static void located(const YamlValue& value, const char* key, Action action) {
    try {
      action();
    } catch (const Error& error) {
      throw Error(fmt::format("{}: memory.{}: {}", value.where, key, error.what()));
    }
  }

  std::string place_of(const std::string& key) const {
    const YamlValue* value = find(key);
    return value == nullptr ? file_ : value->where;
  }

  const YamlKeys& keys_;
  const std::string& file_;
  const double clock_mhz_;
  MemoryConfig memory_;
};

}  // namespace

std::vector<std::string> memory_keys() {
  std::vector<std::string> keys = {
      "memory.kind", "memory.bytes_per_cycle", "memory.gb_per_s", "memory.latency_cycles",
      "memory.seed", "memory.size_mib",        "memory.preset",   "memory.mapping"};
  for (const DdrKey& key : ddr_keys()) keys.push_back(std::string("memory.") + key.key);
  return keys;
}

MemoryConfig read_memory(const YamlKeys& keys, const std::string& file, double clock_mhz) {
  return MemoryReader(keys, file, clock_mhz).read();
}

std::string memory_yaml(const MemoryConfig& memory) {
  std::string text = fmt::format("memory:\n  kind: {}\n", memory.kind);
  if (memory.kind == "ideal")
    text += fmt::format("  bytes_per_cycle: {}\n  latency_cycles: {}\n", memory.bytes_per_cycle,
                        memory.latency_cycles);
  if (memory.kind == "random") text += fmt::format("  seed: {}\n", memory.seed);
  if (memory.kind == "ddr") {
    text += fmt::format("  preset: {}\n  mapping: {}\n", memory.ddr.preset, memory.ddr.mapping);
    for (const DdrKey& key : ddr_keys())
      text += fmt::format("  {}: {}\n", key.key, memory.ddr.*key.member);
  }
  return text + fmt::format("  size_mib: {}\n", memory.size_mib);
}

}  // namespace systole::arch
