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
  const std::string address = address_text(one.storage, one.begin, around);
  const std::vector<core::RetireEvent>& retired = target.retired();
  const auto read = last_of(target, retired.size(), one, false, around.footprints);
  const std::string reader =
      read ? fmt::format("read last by {} {}\n", around.words.instruction(retired[*read].pc),
                         cycles_text(retired[*read]))
           : "";
  std::string writing;
  for (const uint32_t pc : around.footprints.writing(target.now(), one))
    writing += fmt::format("being written by {}\n", around.words.instruction(pc));
  const auto written = last_of(target, retired.size(), one, true, around.footprints);
  const bool has_value = written || one.storage == Storage::kDram;
  std::string text =
      has_value ? fmt::format("{} is {}\n{}", address, value_text(one, target), writing)
                : fmt::format("{} has not been written since the start\n{}", address, writing);
  if (!written)
    return text + (has_value ? "as it was at the start: the program's, or its input\n" : "") +
           reader;
  const core::RetireEvent writer = retired[*written];
  const bool is_first =
      one.storage != Storage::kDram && !last_of(target, *written, one, true, around.footprints);
  const std::string before = is_first ? "nothing" : value_before(writer, one, target, around);
  target.go_to(writer.end + 1);
  text +=
      fmt::format("written by {} {}: {} before, {} after\n", around.words.instruction(writer.pc),
                  cycles_text(writer), before, value_text(one, target));
  target.go_to(here);
  return text + reader;
}

}  // namespace systole::debug
