// SPDX-License-Identifier: Apache-2.0
// Reads addresses and coordinates, with their legal ranges.
#include "sim/debug/place.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/base/error.h"
#include "sim/debug/program_words.h"
#include "sim/report/format.h"

namespace systole::debug {
namespace {

struct Interval {
  uint64_t begin, end;
};

/// "A" or "A:B" within [0, limit).
Interval parse_interval(const std::string& word, const std::string& what, uint64_t limit) {
  const size_t colon = word.find(':');
  const uint64_t begin = parse_number(word.substr(0, colon), what);
  const uint64_t end =
      colon == std::string::npos ? begin + 1 : parse_number(word.substr(colon + 1), what);
  if (begin >= end || end > limit)
    throw Error(fmt::format("{}: expected {} from 0 to {:#x}, the end behind the beginning",
                            report::printable(word), what, limit));
  return {begin, end};
}

}  // namespace

bool is_address(std::span<const std::string> words) {
  if (words.empty())
    throw Error("expected a place: dram ADDRESS, ub WORD[.LANE], acc ROW or TENSOR[...]");
  const bool named = words[0] == "dram" || words[0] == "ub" || words[0] == "acc";
  if (named != (words.size() == 2))
    throw Error(fmt::format("'{}': expected dram ADDRESS, ub WORD[.LANE], acc ROW or TENSOR[...]",
                            report::printable(fmt::format("{}", fmt::join(words, " ")))));
  return named;
}

Place parse_place(std::span<const std::string> words, const arch::Geometry& geometry,
                  const isa::HwParams& hw, uint64_t dram_bytes) {
  using golden::Storage;
  if (words[0] == "dram") {
    const Interval bytes = parse_interval(words[1], "a DRAM address", dram_bytes);
    return {Storage::kDram, bytes.begin, bytes.end};
  }
  if (words[0] == "acc") {
    const Interval rows =
        parse_interval(words[1], "a row of ACC", static_cast<uint64_t>(hw.acc_rows));
    return {Storage::kAcc, rows.begin, rows.end};
  }
  const auto bytes = static_cast<uint64_t>(geometry.word_bytes);
  const size_t dot = words[1].find('.');
  const Interval word = parse_interval(words[1].substr(0, dot), "a word of UB",
                                       static_cast<uint64_t>(geometry.ub_words));
  if (dot == std::string::npos) return {Storage::kUb, word.begin * bytes, word.end * bytes};
  const uint64_t lane = parse_number(words[1].substr(dot + 1), "a lane of a UB word");
  if (lane >= static_cast<uint64_t>(geometry.lanes))
    throw Error(fmt::format("lane {}: a UB word has {}", lane, geometry.lanes));
  return {Storage::kUb, word.begin * bytes + lane, word.begin * bytes + lane + 1};
}

std::string place_text(const Place& place, const arch::Geometry& geometry) {
  const auto bytes = static_cast<uint64_t>(geometry.word_bytes);
  const bool single = place.end - place.begin == 1;
  if (single) return golden::storage_address(place.storage, place.begin, geometry);
  switch (place.storage) {
    case golden::Storage::kUb: {
      const uint64_t first = place.begin / bytes, last = (place.end - 1) / bytes;
      return first == last ? fmt::format("UB word {:#x}", first)
                           : fmt::format("UB words {:#x} to {:#x}", first, last);
    }
    case golden::Storage::kAcc:
      return fmt::format("ACC rows {} to {}", place.begin, place.end - 1);
    default:
      return fmt::format("DRAM bytes {:#x} to {:#x}", place.begin, place.end - 1);
  }
}

}  // namespace systole::debug
