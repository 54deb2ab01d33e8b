// SPDX-License-Identifier: Apache-2.0
// Maps array, memories and bandwidth; the rest has no counterpart and is told.
#include "sim/scale_sim/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <set>

#include "model/base/ceil_div.h"
#include "model/base/error.h"
#include "model/isa/isa.h"
#include "sim/scale_sim/ini_file.h"

namespace systole::scale_sim {
namespace {

constexpr const char* kArray = "architecture_presets";
constexpr const char* kLayout = "layout";
constexpr const char* kSparsity = "sparsity";
constexpr int64_t kWidestBus = 64;  // bytes: axi.data_bits is 512 at most
constexpr int64_t kNarrowestBus = 4;
constexpr int64_t kMostUbKib = 65536;                  // ub.kib
constexpr int64_t kFewestTiles = 2, kMostTiles = 256;  // wb.tiles

/// Keys of SCALE-Sim that change nothing here, and why.
struct Without {
  const char* keys;  ///< for people
  const char* why;
  std::vector<std::pair<const char*, const char*>> which;  ///< section, key
};
const std::vector<Without>& without_counterpart() {
  static const std::vector<Without> list = {
      {"IfmapOffset, FilterOffset, OfmapOffset",
       "the compiler places tensors",
       {{kArray, "IfmapOffset"}, {kArray, "FilterOffset"}, {kArray, "OfmapOffset"}}},
      {"MemoryBanks",
       "ub.banks and the channels of the DRAM (--memory) are the architecture's",
       {{kArray, "MemoryBanks"}}},
      {"ReadRequestBuffer, WriteRequestBuffer",
       "axi.outstanding says how many bursts are in flight",
       {{kArray, "ReadRequestBuffer"}, {kArray, "WriteRequestBuffer"}}},
      {"the layout's banks, ports and custom layouts",
       "the compiler places what it reads together in one word",
       {{kLayout, "IfmapCustomLayout"},
        {kLayout, "FilterCustomLayout"},
        {kLayout, "IfmapSRAMBankNum"},
        {kLayout, "IfmapSRAMBankPort"},
        {kLayout, "FilterSRAMBankNum"},
        {kLayout, "FilterSRAMBankPort"}}},
      {"SparseRep, OptimizedMapping, BlockSize, RandomNumberGeneratorSeed",
       "weights are masked or 2:4 (docs/pruning.md), and the topology's column Sparsity says which "
       "are zero",
       {{kSparsity, "SparseRep"},
        {kSparsity, "OptimizedMapping"},
        {kSparsity, "BlockSize"},
        {kSparsity, "RandomNumberGeneratorSeed"}}},
      {"UseRamulatorTrace",
       "the DRAM is simulated with the run (--memory)",
       {{"run_presets", "UseRamulatorTrace"}}},
      {"TopologyCsvLoc", "--topology names the file", {{"network_presets", "TopologyCsvLoc"}}},
  };
  return list;
}

class ConfigReader {
 public:
  explicit ConfigReader(const std::filesystem::path& file) : ini_(file) {}

  Config read() {
    config_.run_name = ini_.at("general", "run_name").text;
    check_dataflow();
    map_array();
    map_memories();
    map_sparsity();
    map_bandwidth();
    tell_rest();
    config_.text = fmt::format("{}, a configuration of SCALE-Sim\n", ini_.name()) + config_.text;
    return std::move(config_);
  }

 private:
  int64_t number(const char* section, const char* key, int64_t most) {
    return arch::to_integer(key, ini_.at(section, key), 1, most);
  }

  void say(const std::string& from, const std::string& to) {
    config_.text += fmt::format("  {:<40} {}\n", from, to);
  }

  /// Also told: one override, or several.
  void map(const std::string& from, const std::vector<std::string>& overrides,
           const std::string& why = "") {
    config_.overrides.insert(config_.overrides.end(), overrides.begin(), overrides.end());
    say(from, fmt::format("{}{}{}", fmt::join(overrides, " "), why.empty() ? "" : ": ", why));
  }

  void check_dataflow() {
    const arch::YamlValue& flow = ini_.at(kArray, "Dataflow");
    if (flow.text == "ws") return;
    const char* name = flow.text == "os"   ? " (output stationary)"
                       : flow.text == "is" ? " (input stationary)"
                                           : "";
    throw Error(fmt::format("{}: Dataflow: {}{}, expected ws: this array is weight stationary",
                            flow.where, flow.text, name));
  }

  void map_array() {
    rows_ = number(kArray, "ArrayHeight", 256);
    cols_ = number(kArray, "ArrayWidth", 256);
    map(fmt::format("ArrayHeight {}, ArrayWidth {}", rows_, cols_),
        {fmt::format("array.rows={}", rows_), fmt::format("array.cols={}", cols_)});
  }

  void map_memories() {
    const int64_t ifmap = number(kArray, "IfmapSramSzkB", kMostUbKib);
    const int64_t ofmap = number(kArray, "OfmapSramSzkB", kMostUbKib);
    const std::string both = fmt::format("IfmapSramSzkB {} + OfmapSramSzkB {}", ifmap, ofmap);
    if (ifmap + ofmap > kMostUbKib)
      throw Error(
          fmt::format("{}: {}, expected at most {} kB together", ini_.name(), both, kMostUbKib));
    map(both, {fmt::format("ub.kib={}", ifmap + ofmap)},
        "one buffer holds inputs and results; partial sums have acc.rows, the architecture's");

    const int64_t filter = number(kArray, "FilterSramSzkB", int64_t{1} << 30);
    const int64_t tile = rows_ * cols_;
    const int64_t fit = filter * 1024 / tile;
    const int64_t tiles = std::clamp(fit, kFewestTiles, kMostTiles);
    map(fmt::format("FilterSramSzkB {}", filter), {fmt::format("wb.tiles={}", tiles)},
        fmt::format("tiles of {} bytes{}", tile,
                    fit > tiles   ? fmt::format("; {} would fit, but a ring has no more", fit)
                    : fit < tiles ? "; a ring has no fewer"
                                  : ""));
  }

  bool flag(const char* section, const char* key) {
    const arch::YamlValue* value = ini_.find(section, key);
    if (value == nullptr) return false;
    std::string text = value->text;
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (text != "true" && text != "false")
      throw Error(
          fmt::format("{}: {}: '{}', expected true or false", value->where, key, value->text));
    return text == "true";
  }

  void map_sparsity() {
    if (ini_.find(kSparsity, "SparsitySupport") == nullptr) return;
    const bool on = flag(kSparsity, "SparsitySupport");
    map(fmt::format("SparsitySupport {}", on),
        {fmt::format("sparsity.structured={:d}", on), fmt::format("sparsity.bitmask={:d}", on)});
  }

  /// Words of a byte in a cycle over all three interfaces, and what they are made of. v2 gives each
  /// the first number of Bandwidth; v3 has those of reads in its layout.
  int64_t sum_of_bandwidths(std::string& from) {
    const arch::YamlValue& list = ini_.at(kArray, "Bandwidth");
    arch::YamlValue first = list;
    first.text = first.text.substr(0, first.text.find(','));
    first.text.erase(first.text.find_last_not_of(" \t") + 1);
    const int64_t store = arch::to_integer("Bandwidth", first, 1, 1 << 20);
    int64_t ifmap = store, filter = store;
    if (ini_.has_section(kLayout)) {
      ifmap = number(kLayout, "IfmapSRAMBankBandwidth", 1 << 20);
      filter = number(kLayout, "FilterSRAMBankBandwidth", 1 << 20);
    }
    from = fmt::format("bandwidths {} + {} + {}", ifmap, filter, store);
    return ifmap + filter + store;
  }

  void map_bandwidth() {
    const arch::YamlValue& mode = ini_.at("run_presets", "InterfaceBandwidth");
    int64_t asked = kWidestBus;
    std::string from = "InterfaceBandwidth CALC", why = "the widest bus, as CALC never stalls";
    if (mode.text == "USER") {
      asked = sum_of_bandwidths(from);
      why = "one bus for inputs, weights and results";
      if (asked > kWidestBus) why += fmt::format("; {} bytes a cycle are the most", kWidestBus);
    } else if (mode.text != "CALC") {
      throw Error(fmt::format("{}: InterfaceBandwidth: '{}', expected USER or CALC", mode.where,
                              mode.text));
    }
    const int64_t bytes = std::min(asked, kWidestBus);
    const auto bus = std::max<uint64_t>(kNarrowestBus, std::bit_ceil(static_cast<uint64_t>(bytes)));
    config_.memory = {"memory.kind=ideal", fmt::format("memory.bytes_per_cycle={}", bytes)};
    config_.overrides.push_back(fmt::format("axi.data_bits={}", 8 * bus));
    say(from, fmt::format("{} {}: {}", config_.overrides.back(), config_.memory.back(), why));
  }

  void tell_rest() {
    std::set<std::string> known;
    for (const char* key : {"ArrayHeight", "ArrayWidth", "IfmapSramSzkB", "FilterSramSzkB",
                            "OfmapSramSzkB", "Bandwidth", "Dataflow"})
      know(known, kArray, key);
    for (const char* key : {"IfmapSRAMBankBandwidth", "FilterSRAMBankBandwidth"})
      know(known, kLayout, key);
    know(known, kSparsity, "SparsitySupport");
    know(known, "general", "run_name");
    know(known, "run_presets", "InterfaceBandwidth");
    config_.text += "  without a counterpart here:\n";
    for (const Without& rest : without_counterpart()) {
      bool there = false;
      for (const auto& [section, key] : rest.which) there = know(known, section, key) || there;
      if (there) config_.text += fmt::format("    {}: {}\n", rest.keys, rest.why);
    }
    for (const auto& [key, value] : ini_.values())
      if (!known.contains(value.where))
        config_.text += fmt::format("    {} ({}): unknown\n", key, value.where);
  }

  /// Whether the file has it.
  bool know(std::set<std::string>& known, const char* section, const char* key) const {
    const arch::YamlValue* value = ini_.find(section, key);
    if (value != nullptr) known.insert(value->where);
    return value != nullptr;
  }

  const IniFile ini_;
  Config config_;
  int64_t rows_ = 0, cols_ = 0;
};

}  // namespace

Config read_config(const std::filesystem::path& cfg) { return ConfigReader(cfg).read(); }

}  // namespace systole::scale_sim
