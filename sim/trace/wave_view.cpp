// SPDX-License-Identifier: Apache-2.0
// Rewrites the widths, the head and the first group of a view.
#include "sim/trace/wave_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "model/arch/geometry.h"
#include "sim/report/format.h"
#include "sim/trace/names.h"
#include "sim/trace/wave_words.h"

namespace systole::trace {
namespace {

constexpr size_t kLetters = 26;  ///< markers that GTKWave has

/// Bits of an index into `n` things, as sys_geom_pkg::idx_width.
int index_width(uint64_t n) { return n > 1 ? std::bit_width(n - 1) : 1; }

/// Bits of the signals whose width follows the hardware.
std::map<std::string, int, std::less<>> widths_of(const isa::HwParams& hw) {
  const arch::Geometry g(hw);
  const int ub = index_width(static_cast<uint64_t>(g.ub_words));
  const int acc = index_width(static_cast<uint64_t>(hw.acc_rows));
  return {{"lda_ub_addr", ub},
          {"sto_ub_addr", ub},
          {"mxu_ub_addr", ub},
          {"vpu_ub_raddr", ub},
          {"vpu_ub_waddr", ub},
          {"acc_addr", acc},
          {"row_addr", acc},
          {"edge_lanes", 8 * hw.rows * (hw.structured != 0 ? 2 : 1)},
          {"wb_ready", std::bit_width(static_cast<unsigned>(hw.wb_tiles))},
          {"wb_slot", index_width(static_cast<uint64_t>(hw.wb_tiles))},
          {"wb_rrow", index_width(static_cast<uint64_t>(hw.rows))}};
}

/// "sys_core.wb_slot[2:0]" with the width that `widths` has for it.
std::string fitted_line(const std::string& line,
                        const std::map<std::string, int, std::less<>>& widths) {
  const size_t bracket = line.rfind('[');
  const size_t dot = line.rfind('.', bracket);
  if (bracket == std::string::npos || dot == std::string::npos || line[0] == '[') return line;
  const auto width = widths.find(line.substr(dot + 1, bracket - dot - 1));
  if (width == widths.end()) return line;
  return fmt::format("{}[{}:0]", line.substr(0, bracket), width->second - 1);
}

uint64_t time_of(Cycle cycle, double cycle_ps) {
  return static_cast<uint64_t>(std::llround(static_cast<double>(cycle) * cycle_ps));
}

/// GTKWave shows 2^-zoom units of time on 200 pixels.
double zoom_of(const WaveView& view) {
  constexpr double kFrames = 5;  // about a thousand pixels
  const double span = static_cast<double>(view.to - view.from + 1) * view.cycle_ps;
  return -std::log2(std::max(1.0, span / kFrames));
}

/// The line of zoom, cursor and markers, and their names.
std::string marker_lines(const WaveView& view) {
  std::string line = fmt::format("*{:.6f} {}", zoom_of(view),
                                 time_of(view.cursor.value_or(view.from), view.cycle_ps));
  std::string names;
  for (size_t i = 0; i < kLetters + 1; ++i) {  // one more is the base marker's
    const bool is_set = i < std::min(view.markers.size(), kLetters);
    line += is_set ? fmt::format(" {}", time_of(view.markers[i].cycle, view.cycle_ps)) : " -1";
    if (is_set)
      names += fmt::format("[markername] {}{}\n", static_cast<char>('A' + i), view.markers[i].name);
  }
  return line + "\n" + names;
}

std::string words_group(const WaveView& view) {
  constexpr const char* kEnum = "@100000028\n";  // TR_ENUM, binary, right-justified
  const auto bits = [](size_t texts) { return texts > 1 ? std::bit_width(texts - 1) - 1 : 0; };
  const size_t layer = bits(view.words.layers.size());
  std::string text = "@800200\n-in words\n";
  const auto add = [&](const std::string& label, const std::string& signal, size_t top) {
    text += fmt::format("{}+{{{}}} story.{}[{}:0]\n", kEnum, label, signal, top);
  };
  for (const isa::Unit unit : isa::kEveryUnit) {
    const std::string name = isa::unit_name(unit);
    add(name + " layer", name + ".layer", layer);
    if (unit == isa::Unit::kFetch) continue;
    constexpr const char* kFilter = "@2024\n";  // TR_FTRANSLATED, decimal, right-justified
    text += fmt::format("{}^1 {}\n+{{{}}} sys_core.unit_pc_o[{}][31:0]\n", kFilter,
                        view.instructions, name, static_cast<int>(unit));
  }
  const size_t tensors = bits(view.words.tensors.size());
  add("DRAM reads", "dram.reads", tensors);
  add("DRAM writes", "dram.writes", tensors);
  return text + "@1000200\n-in words\n";
}

}  // namespace

std::vector<WaveMarker> wave_markers(const TracedRun& run, Cycle from, Cycle to, uint16_t shown) {
  struct Span {
    Cycle first = kNever, last = 0;
  };
  std::map<uint16_t, Span> layers;
  std::vector<WaveMarker> markers, instructions;
  const LayerNames names(run.program);
  std::map<uint16_t, std::string> layer_name;
  for (const core::RetireEvent& event : run.result.retired) {
    Span& span = layers[event.tag];
    span.first = std::min(span.first, event.start);
    span.last = std::max(span.last, event.end);
    layer_name.emplace(event.tag, report::printable(names.of(event.pc)));
    if (event.tag == shown && event.start >= from && event.start <= to)
      instructions.push_back(
          {event.start,
           fmt::format("{} {}", event.pc, isa::opcode_name(opcode_at(run.program, event.pc)))});
  }
  const auto add = [&](Cycle cycle, const std::string& name) {
    if (cycle >= from && cycle <= to) markers.push_back({cycle, name});
  };
  for (const auto& [tag, span] : layers) {
    if (layer_name[tag].empty()) continue;
    add(span.first, layer_name[tag] + " begins");
    add(span.last, layer_name[tag] + " ends");
  }
  const auto earlier = [](const WaveMarker& a, const WaveMarker& b) { return a.cycle < b.cycle; };
  std::stable_sort(markers.begin(), markers.end(), earlier);
  std::stable_sort(instructions.begin(), instructions.end(), earlier);
  for (const WaveMarker& one : instructions)
    if (markers.size() < kLetters) markers.push_back(one);
  if (markers.size() > kLetters) markers.resize(kLetters);
  std::stable_sort(markers.begin(), markers.end(), earlier);
  return markers;
}

std::string filter_text(const TracedRun& run, Cycle from, Cycle to) {
  std::string text;
  for (const uint32_t pc : instructions_in(run, from, to))
    text += fmt::format("{} {}\n", pc, instruction_text(run.program, pc));
  return text;
}

std::string fitted_view(std::string_view text, const WaveView& view, bool words) {
  const auto widths = widths_of(view.hw);
  std::istringstream lines{std::string(text)};
  std::string out;
  bool open = words;  // until the words stand behind the first group
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('*')) {
      out += marker_lines(view);
    } else if (line.starts_with("[timestart]")) {
      out += fmt::format("[timestart] {}\n", time_of(view.from, view.cycle_ps));
    } else {
      out += fitted_line(line, widths) + "\n";
    }
    const bool end_of_group = out.ends_with("@1000200\n-time\n");
    if (open && end_of_group) {
      out += words_group(view);
      open = false;
    }
  }
  return out;
}

}  // namespace systole::trace
