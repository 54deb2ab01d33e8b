// SPDX-License-Identifier: Apache-2.0
// Memories as text.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/debug/show.h"

namespace systole::debug {

using golden::Storage;

namespace {

constexpr size_t kBytesOfLine = 16;

std::string hex(std::span<const uint8_t> bytes) {
  return fmt::format("{:02x}", fmt::join(bytes, " "));
}

std::string dram_text(const Place& place, Target& target) {
  const std::vector<uint8_t> bytes = target.dram(place.begin, place.end - place.begin);
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += kBytesOfLine)
    text +=
        fmt::format("{:#010x}: {}\n", place.begin + at,
                    hex(std::span(bytes).subspan(at, std::min(kBytesOfLine, bytes.size() - at))));
  return text;
}

std::string ub_text(const Place& place, Target& target, const arch::Geometry& g) {
  const auto word_bytes = static_cast<uint64_t>(g.word_bytes);
  if (place.end - place.begin == 1) {
    const auto value = static_cast<int8_t>(target.ub(place.begin, 1).front());
    return fmt::format("{}: {}\n", golden::storage_address(Storage::kUb, place.begin, g), value);
  }
  std::string text;
  for (uint64_t word = place.begin / word_bytes; word * word_bytes < place.end; ++word)
    text += fmt::format("{:#06x}: {}\n", word,
                        hex(target.ub(word * word_bytes, static_cast<size_t>(g.lanes))));
  return text;
}

}  // namespace

std::string writers_text(const Place& place, const Moment& now, const Surroundings& around) {
  std::string text;
  for (const uint32_t pc : around.footprints.writing(now, place))
    text += fmt::format("{} is writing here: it may have written a part\n",
                        around.words.instruction(pc));
  return text;
}

std::string memory_text(const Place& place, Target& target, const Surroundings& around) {
  std::string text;
  switch (place.storage) {
    case Storage::kUb:
      text = ub_text(place, target, around.footprints.geometry());
      break;
    case Storage::kAcc:
      for (uint64_t row = place.begin; row < place.end; ++row)
        text += fmt::format("{:>6}: {}\n", row, fmt::join(target.acc(row), " "));
      break;
    default:
      text = dram_text(place, target);
  }
  return text + writers_text(place, target.now(), around);
}

}  // namespace systole::debug
