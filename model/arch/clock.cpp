// SPDX-License-Identifier: Apache-2.0
// Adds up the longest paths of the units.
#include "model/arch/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>

#include "model/arch/config_directories.h"
#include "model/arch/figure_reader.h"
#include "model/arch/geometry.h"
#include "model/base/error.h"

namespace systole::arch {
namespace {

constexpr const char* kClockFolder = "clocks";
constexpr const char* kClockTable = "core";
constexpr int kClockDepth = 3;  // path.element.value
constexpr double kReferenceKib = 128, kKib = 1024, kLineBytes = 4096, kAllTableBytes = 1024;
const std::string kAuto = "auto";

struct ClockTable {
  std::map<int, double> level_ps;  // by node in nm
  double flip_flop = 0, choice = 0, fan_out = 0;
  double memory_levels = 0, memory_power = 0;
  double element = 0, element_structured = 0, element_narrow = 0, accumulate = 0, edge = 0,
         float_multiply = 0, float_add = 0, float_round = 0, checker = 0, address = 0, shift = 0;
};

ClockTable load_clock_table() {
  const std::filesystem::path file = find_config(kClockFolder, kClockTable, "table of clocks");
  FigureReader reader(read_yaml_keys(file, kClockDepth), file.string(), "a table of clocks");
  ClockTable t;
  reader.find("description");
  for (const int node : {45, 28, 16, 7})
    t.level_ps[node] = reader.figure(fmt::format("level_ps.nm{}", node)).value;
  const std::vector<std::pair<const char*, double*>> figures = {
      {"levels.flip_flop", &t.flip_flop},
      {"levels.choice", &t.choice},
      {"levels.fan_out", &t.fan_out},
      {"memory.levels", &t.memory_levels},
      {"memory.power", &t.memory_power},
      {"path.element", &t.element},
      {"path.element_narrow", &t.element_narrow},
      {"path.element_structured", &t.element_structured},
      {"path.accumulate", &t.accumulate},
      {"path.edge", &t.edge},
      {"path.float_multiply", &t.float_multiply},
      {"path.float_add", &t.float_add},
      {"path.float_round", &t.float_round},
      {"path.checker", &t.checker},
      {"path.address", &t.address},
      {"path.shift", &t.shift}};
  for (const auto& [key, value] : figures) *value = reader.figure(key).value;
  reader.finish();
  return t;
}

const ClockTable& clock_table() {
  static const ClockTable table = load_clock_table();
  return table;
}

/// Reads of memories and levels of gates of one core.
class PathFinder {
 public:
  PathFinder(const ClockTable& table, const isa::HwParams& hw, int node)
      : t_(table), hw_(hw), geo_(hw), level_ps_(table.level_ps.at(node)) {}

  std::vector<TimingPath> find() {
    const double banks = hw_.ub_banks, word = geo_.word_bytes;
    gates("processing element", t_.element + (geo_.act_bits < 8 ? t_.element_narrow : 0) +
                                    (hw_.structured ? t_.element_structured : 0));
    // One net lets all elements move.
    const double elements = 1.0 * hw_.rows * hw_.cols;
    gates("enable of the array", std::log(elements * kElementBits) / std::log(t_.fan_out));
    after_read("accumulators", 4.0 * hw_.cols * hw_.acc_rows / 2, t_.accumulate);
    after_read("unified buffer", 1024.0 * hw_.ub_kib / banks,
               choices(banks) + choices(geo_.row_slices) + t_.edge);
    after_read("weight ring", 1.0 * hw_.wb_tiles * hw_.rows * hw_.cols, 0);
    gates("float multiplication", t_.float_multiply);
    gates("float addition", t_.float_add);
    gates("float rounding", t_.float_round);
    gates("tables", choices(kAllTableBytes));
    const double slots = std::max<double>(geo_.axi_bytes, word);
    // A step of the shift for each doubling of the word, three at 8 bytes.
    gates("burst slots", choices(1.0 * hw_.outstanding * geo_.burst_bytes / slots) + t_.shift +
                             choices(slots / 8));
    gates("line of windows", choices(kLineBytes / word) + t_.shift + choices(word / 8));
    gates("instruction queues", choices(hw_.queue_depth) + t_.flip_flop);
    gates("instruction checker", t_.checker);
    gates("address generators", t_.address);
    std::stable_sort(paths_.begin(), paths_.end(),
                     [](const TimingPath& a, const TimingPath& b) { return a.ps > b.ps; });
    return std::move(paths_);
  }

 private:
  static constexpr double kElementBits = 48;

  double choices(double of) const { return of > 1 ? t_.choice * std::ceil(std::log2(of)) : 0; }
  void add(const char* name, double levels, double memory_ps) {
    levels += t_.flip_flop;
    paths_.push_back({name, levels, memory_ps, levels * level_ps_ + memory_ps});
  }
  void gates(const char* name, double levels) { add(name, levels, 0); }
  void after_read(const char* name, double bytes, double levels) {
    const double size = std::pow(bytes / kKib / kReferenceKib, t_.memory_power);
    add(name, levels, t_.memory_levels * size * level_ps_);
  }

  const ClockTable& t_;
  const isa::HwParams& hw_;
  const Geometry geo_;
  const double level_ps_;
  std::vector<TimingPath> paths_;
};

}  // namespace

bool has_clock_node(int node_nm) { return clock_table().level_ps.contains(node_nm); }

DerivedClock derive_clock(const isa::HwParams& hw, int node_nm) {
  const ClockTable& table = clock_table();
  DerivedClock clock{0, node_nm, PathFinder(table, hw, node_nm).find()};
  clock.mhz = 1e6 / clock.paths.front().ps;
  return clock;
}

bool is_auto_clock(const std::string& text) { return text.starts_with(kAuto); }

int clock_node_of(const YamlValue& value) {
  if (value.text == kAuto) return kClockNode;
  for (const auto& [node, ps] : clock_table().level_ps)
    if (value.text == fmt::format("{}-{}nm", kAuto, node)) return node;
  throw Error(
      fmt::format("{}: clock_mhz: '{}' is no derived clock, expected auto or auto-NODE with "
                  "a node of 45nm, 28nm, 16nm, 7nm",
                  value.where, value.text));
}

}  // namespace systole::arch
