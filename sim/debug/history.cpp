// SPDX-License-Identifier: Apache-2.0
// Looks through what has ended, the newest first, and goes back to see the value.
#include "sim/debug/history.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

namespace systole::debug {
namespace {

using golden::Storage;

std::string value_text(const Place& place, Target& target) {
  switch (place.storage) {
    case Storage::kAcc:
      return fmt::format("[{}]", fmt::join(target.acc(place.begin), " "));
    case Storage::kUb:
      return fmt::to_string(static_cast<int8_t>(target.ub(place.begin, 1).front()));
    default:
      return fmt::to_string(static_cast<int8_t>(target.dram(place.begin, 1).front()));
  }
}

/// The last that ended before `count` others and touches `place`.
std::optional<size_t> last_of(const Target& target, size_t count, const Place& place, bool write,
                              Footprints& footprints) {
  for (size_t i = count; i-- > 0;)
    if (footprints.touches(target.retired()[i].pc, place, write)) return i;
  return std::nullopt;
}

std::string cycles_text(const core::RetireEvent& event) {
  return fmt::format("in cycles {} to {}", event.start, event.end);
}

/// The value in the cycle before the writer started, unless another was still writing it.
std::string value_before(const core::RetireEvent& writer, const Place& place, Target& target,
                         const Surroundings& around) {
  target.go_to(writer.start == 0 ? 0 : writer.start - 1);
  const auto others = around.footprints.writing(target.now(), place);
  if (!others.empty())
    return fmt::format("not settled, {} was writing it", around.words.instruction(others.front()));
  return value_text(place, target);
}

}  // namespace

std::string who_text(const Place& place, Target& target, const Surroundings& around) {
  const Cycle here = target.now().cycle;
  // The first byte stands for all of the place.
  const Place one{place.storage, place.begin, place.begin + 1};
  std::string text = fmt::format("{} is {}\n", address_text(one.storage, one.begin, around),
                                 value_text(one, target));
  for (const uint32_t pc : around.footprints.writing(target.now(), one))
    text += fmt::format("being written by {}\n", around.words.instruction(pc));
  const size_t ended = target.retired().size();
  const auto read = last_of(target, ended, one, false, around.footprints);
  const std::string reader = read
                                 ? fmt::format("read last by {} {}\n",
                                               around.words.instruction(target.retired()[*read].pc),
                                               cycles_text(target.retired()[*read]))
                                 : "";
  const auto written = last_of(target, ended, one, true, around.footprints);
  if (!written) {
    text += one.storage == Storage::kDram ? "not written since the start: it is the program's\n"
                                          : "not written since the start\n";
    return text + reader;
  }
  const core::RetireEvent writer = target.retired()[*written];
  const std::string before = value_before(writer, one, target, around);
  target.go_to(writer.end + 1);
  text +=
      fmt::format("written by {} {}: {} before, {} after\n", around.words.instruction(writer.pc),
                  cycles_text(writer), before, value_text(one, target));
  target.go_to(here);
  return text + reader;
}

}  // namespace systole::debug
