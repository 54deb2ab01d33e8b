// SPDX-License-Identifier: Apache-2.0
// Tensors as text: what there are, where they are kept, how much of each is there, and its values.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "sim/debug/show.h"
#include "sim/debug/tensor_values.h"
#include "sim/report/format.h"

namespace systole::debug {
namespace {

using golden::Storage;
using program::MappedTensor;

constexpr size_t kMostValues = 1024;

/// By Presence: what stands for a value that is not there, and what it is called.
constexpr std::array<const char*, 4> kMarks = {".", "~", "", "x"};
constexpr std::array<const char*, 4> kPresences = {"not yet", "under way", "there", "gone"};

using Counts = std::array<int64_t, 4>;

int64_t& count_of(Counts& counts, Presence presence) {
  return counts[static_cast<size_t>(presence)];
}

Counts count_values(const std::vector<int64_t>& values, const TensorValues& now) {
  Counts counts{};
  for (const int64_t index : values) ++count_of(counts, now.standing(index).presence);
  return counts;
}

/// "complete", "not yet", "gone", or of each how many.
std::string counts_text(const Counts& counts, bool with_marks) {
  const int64_t all = counts[0] + counts[1] + counts[2] + counts[3];
  std::string text;
  for (const Presence p :
       {Presence::kThere, Presence::kUnderWay, Presence::kNotYet, Presence::kGone}) {
    const auto at = static_cast<size_t>(p);
    if (counts[at] == all && !with_marks)
      return p == Presence::kThere ? "complete" : kPresences[at];
    if (counts[at] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[at], kPresences[at]);
    if (with_marks && p != Presence::kThere) text += fmt::format(" ({})", kMarks[at]);
  }
  return text;
}

std::string words_text(const program::WordRange& words) {
  return fmt::format("UB words {:#x} to {:#x}", words.first, words.first + words.count - 1);
}

/// "DRAM 0x400", "UB words 0x0 to 0x7f", "UB in bands of 4 rows, DRAM 0x400".
std::string home_text(size_t index, const Tensors& tensors) {
  const MappedTensor& t = tensors.at(index);
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (t.resident) add(words_text(*t.resident));
  if (t.bands)
    add(fmt::format("UB in bands of {} row{}", t.bands->rows, t.bands->rows == 1 ? "" : "s"));
  if (t.in_dram)
    add(fmt::format("DRAM {:#x}", tensors.map().dram_address(index, tensors.byte_of(index, 0))));
  if (t.storage != index)
    text += fmt::format(", in {}", report::printable(tensors.at(t.storage).info.name));
  return text;
}

std::string codes_text(const MappedTensor& t) {
  if (!t.info.channel_scale.empty()) return "int32 sums, a scale for each channel";
  return fmt::format("{}, {:.6g} * (stored - {})", t.type.name(), t.info.scale, t.info.zero_point);
}

const char* role_text(MappedTensor::Role role) {
  return role == MappedTensor::Role::kInput    ? "input"
         : role == MappedTensor::Role::kOutput ? "output"
                                               : "tensor";
}

std::string place_text_of(const Standing& at, const Surroundings& around) {
  return at.storage == Storage::kDram
             ? fmt::format("DRAM {:#x}", at.address)
             : golden::storage_address(at.storage, at.address, around.footprints.geometry());
}

std::string single_text(size_t tensor, int64_t index, Target& target, const Surroundings& around) {
  const TensorValues now(tensor, target, around);
  const Standing at = now.standing(index);
  if (at.presence != Presence::kThere) return missing_text(tensor, index, at, around);
  const int64_t stored = now.stored(index);
  const Place place{at.storage, at.address, at.address + 1};
  return fmt::format("{} = {}, stored {} at {}\n{}", around.tensors.value_name(tensor, index),
                     now.real(index, stored), stored, place_text_of(at, around),
                     writers_text(place, target.now(), around));
}

/// "y[0,1,2]:" of the row that begins with a value, "y[0,1,2,4:8]:" if it is a part of one.
std::string row_name(const Tensors::Reference& part, int64_t index, const Tensors& tensors) {
  const std::string name = tensors.value_name(part.tensor, index);
  const int64_t first = part.first.back(), count = part.count.back();
  if (count != tensors.dims(part.tensor).back())
    return fmt::format("{}:{}]:", name.substr(0, name.size() - 1), first + count);
  const size_t last = name.find_last_of(",[");
  return name.substr(0, name[last] == '[' ? last + 1 : last) + "]:";
}

}  // namespace

std::string tensors_text(Target& target, const Surroundings& around) {
  const Tensors& tensors = around.tensors;
  std::string text;
  for (const size_t t : tensors.in_order()) {
    const MappedTensor& tensor = tensors.at(t);
    text += fmt::format("{:<6} {} [{}] at {}, {}", role_text(tensor.role),
                        report::printable(tensor.info.name), fmt::join(tensors.dims(t), ","),
                        home_text(t, tensors), codes_text(tensor));
    if (tensors.knows_makers()) {
      const TensorValues now(t, target, around);
      text += ": " + counts_text(count_values(tensors.values_of(tensors.whole(t)), now), false);
    }
    text += "\n";
  }
  return text.empty() ? "the program names no tensors\n" : text;
}

std::string tensor_text(const std::string& reference, bool real, Target& target,
                        const Surroundings& around) {
  const Tensors& tensors = around.tensors;
  const Tensors::Reference part = tensors.parse(reference);
  std::vector<int64_t> values = tensors.values_of(part);
  if (values.size() == 1) return single_text(part.tensor, values[0], target, around);
  const TensorValues now(part.tensor, target, around);
  const Counts counts = count_values(values, now);
  const size_t all = values.size();
  values.resize(std::min(all, kMostValues));
  const int64_t columns = part.count.back();
  std::string text;
  for (size_t i = 0; i < values.size(); ++i) {
    if (static_cast<int64_t>(i) % columns == 0)
      text += (i == 0 ? "" : "\n") + row_name(part, values[i], tensors);
    const Presence presence = now.standing(values[i]).presence;
    if (presence != Presence::kThere) {
      text += fmt::format(" {}", kMarks[static_cast<size_t>(presence)]);
      continue;
    }
    const int64_t stored = now.stored(values[i]);
    text += real ? fmt::format(" {:.4g}", now.real(values[i], stored)) : fmt::format(" {}", stored);
  }
  text += "\n";
  if (all > kMostValues)
    text += fmt::format("{} values more: name coordinates\n", all - kMostValues);
  if (counts[static_cast<size_t>(Presence::kThere)] != static_cast<int64_t>(all))
    text += counts_text(counts, true) + "\n";
  return text;
}

}  // namespace systole::debug
