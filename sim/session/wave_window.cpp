// SPDX-License-Identifier: Apache-2.0
// Looks into the logs of a run.
#include "sim/session/wave_window.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"
#include "sim/report/format.h"

namespace systole::session {
namespace {

constexpr Cycle kMargin = 32;

/// When the bytes of instruction `pc` were asked for, if the run came to that.
std::optional<Cycle> fetch_of(const program::Program& program, const platform::RunResult& result,
                              uint32_t pc) {
  const int bus_bytes = program.hw.axi_bits / 8;
  const uint64_t addr = program.code_addr + uint64_t{pc} * isa::kInstructionBytes;
  for (const core::DramEvent& burst : result.dram)
    if (!burst.write && burst.addr <= addr &&
        addr < burst.addr + static_cast<uint64_t>(burst.beats) * static_cast<uint64_t>(bus_bytes))
      return burst.cycle;
  return std::nullopt;
}

/// Of the instructions that `is_one` holds for, of which `first_pc` is the first.
template <class IsOne>
WaveWindow find_window(const program::Program& program, const platform::RunResult& result,
                       uint32_t first_pc, IsOne is_one, const std::string& option) {
  const std::optional<Cycle> fetched = fetch_of(program, result, first_pc);
  WaveWindow window;
  window.first = result.cycles;
  for (const core::RetireEvent& event : result.retired) {
    if (!is_one(event)) continue;
    window.first = std::min(window.first, event.start);
    window.last = std::max(window.last, event.end);
  }
  if (!fetched || window.last == 0)
    throw Error(fmt::format("{}: the run ended after {} cycles and did not come to it", option,
                            result.cycles));
  window.fetched = *fetched;
  window.from = *fetched > kMargin ? *fetched - kMargin : 0;
  window.to = window.last + kMargin;
  return window;
}

}  // namespace

std::vector<std::string> layers_in(const program::Program& program,
                                   const platform::RunResult& result, Cycle from, Cycle to) {
  std::set<uint16_t> tags;
  for (const core::RetireEvent& event : result.retired)
    if (event.start <= to && event.end >= from) tags.insert(event.tag);
  std::vector<std::string> names;
  for (const program::LayerInfo& layer : program.layers)
    if (tags.count(layer.tag) != 0) names.push_back(report::printable(layer.name));
  return names;
}

WaveWindow window_of_layer(const program::Program& program, const platform::RunResult& result,
                           const std::string& name, const std::string& option) {
  const auto layer = std::find_if(program.layers.begin(), program.layers.end(),
                                  [&](const program::LayerInfo& l) { return l.name == name; });
  if (layer == program.layers.end()) {
    std::vector<std::string> names;
    for (const program::LayerInfo& l : program.layers) names.push_back(l.name);
    throw Error(fmt::format("{}: unknown, {}", option, expected_one_of(name, names)));
  }
  uint32_t first = 0;
  while (first < program.code.size() && isa::Header::decode(program.code[first]).tag != layer->tag)
    ++first;
  WaveWindow window = find_window(
      program, result, first,
      [&](const core::RetireEvent& event) { return event.tag == layer->tag; }, option);
  window.others = layers_in(program, result, window.from, window.to);
  std::erase(window.others, report::printable(name));
  return window;
}

WaveWindow window_of_instruction(const program::Program& program, const platform::RunResult& result,
                                 uint32_t pc, const std::string& option) {
  if (pc >= program.code.size())
    throw Error(fmt::format("{}: expected 0 to {}, the program has {} instructions", option,
                            program.code.size() - 1, program.code.size()));
  WaveWindow window = find_window(
      program, result, pc, [&](const core::RetireEvent& event) { return event.pc == pc; }, option);
  window.others = layers_in(program, result, window.from, window.to);
  return window;
}

std::string window_text(const WaveWindow& window, const std::string& what) {
  return fmt::format("cycles {} to {}: {} fetched from cycle {}, at work from {} to {}{}",
                     window.from, window.to, what, window.fetched, window.first, window.last,
                     window.others.empty()
                         ? ""
                         : fmt::format("; in them also {}", fmt::join(window.others, ", ")));
}

}  // namespace systole::session
