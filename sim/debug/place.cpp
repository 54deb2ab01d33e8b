// SPDX-License-Identifier: Apache-2.0
// Reads addresses and coordinates, with their legal ranges.
#include "sim/debug/place.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"
#include "sim/debug/program_words.h"
#include "sim/report/format.h"

namespace systole::debug {
namespace {

int64_t product(std::span<const int64_t> dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
}

/// Where the value `index` of an item, as the network states it, stands among the stored ones.
int64_t stored_index(const program::TensorInfo& tensor, int64_t index) {
  if (!tensor.order.empty()) {
    int64_t stored = 0;
    for (auto loop = tensor.order.rbegin(); loop != tensor.order.rend(); ++loop) {
      stored += index % loop->count * loop->stride;
      index /= loop->count;
    }
    return stored;
  }
  if (tensor.channels_last || tensor.shape.size() != 4) return index;
  const int64_t h = tensor.shape[1], w = tensor.shape[2], c = tensor.shape[3];
  return index % (h * w) * c + index / (h * w);
}

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

const program::TensorInfo& Tensors::find(const std::string& name) const {
  for (const auto* tensors : {&program_.outputs, &program_.inputs})
    for (const program::TensorInfo& tensor : *tensors)
      if (tensor.name == name) return tensor;
  throw Error(fmt::format("tensor {}: unknown, {}", report::printable(name),
                          expected_one_of(name, names())));
}

std::vector<std::string> Tensors::names() const {
  std::vector<std::string> names;
  for (const auto* tensors : {&program_.inputs, &program_.outputs})
    for (const program::TensorInfo& tensor : *tensors) names.push_back(tensor.name);
  return names;
}

std::vector<int64_t> Tensors::dims(const program::TensorInfo& tensor) {
  std::vector<int64_t> dims = tensor.onnx_shape;
  if (dims.empty()) dims = {1};
  dims[0] *= product(tensor.shape) / std::max<int64_t>(1, product(dims));
  return dims;
}

uint64_t Tensors::byte_step(const program::TensorInfo& tensor) {
  return tensor.channel_scale.empty() ? 1 : static_cast<uint64_t>(tensor.shape.back());
}

Element Tensors::element(const program::TensorInfo& tensor, int64_t index) {
  const int64_t item = product(tensor.shape) / tensor.shape[0];
  const int64_t stored = index / item * item + stored_index(tensor, index % item);
  const int64_t channels = tensor.shape.back();
  const int64_t byte =
      tensor.channel_scale.empty() ? stored : stored / channels * channels * 4 + stored % channels;
  return {tensor, index, tensor.addr + static_cast<uint64_t>(byte)};
}

std::optional<std::string> Tensors::name_of(uint64_t addr) const {
  for (const auto* tensors : {&program_.outputs, &program_.inputs})
    for (const program::TensorInfo& tensor : *tensors) {
      if (addr < tensor.addr || addr >= tensor.addr + static_cast<uint64_t>(tensor.bytes()))
        continue;
      const char* kind = tensors == &program_.outputs ? "output" : "input";
      const std::vector<int64_t> dims = Tensors::dims(tensor);
      for (int64_t index = 0; index < product(dims); ++index) {
        const Element one = element(tensor, index);
        const uint64_t step = byte_step(tensor);
        const uint64_t last = one.addr + (tensor.channel_scale.empty() ? 0 : 3 * step);
        if (addr < one.addr || addr > last || (addr - one.addr) % step != 0) continue;
        std::vector<int64_t> at(dims.size());
        int64_t rest = index;
        for (size_t d = dims.size(); d-- > 0; rest /= dims[d]) at[d] = rest % dims[d];
        return fmt::format("{} {}[{}]", kind, report::printable(tensor.name), fmt::join(at, ","));
      }
    }
  return std::nullopt;
}

Tensors::Reference Tensors::parse(const std::string& text) const {
  const size_t bracket = text.ends_with(']') ? text.rfind('[') : std::string::npos;
  const program::TensorInfo& tensor = find(text.substr(0, bracket));
  const std::vector<int64_t> dims = Tensors::dims(tensor);
  Reference reference{tensor, {}, 0, 0};
  if (bracket != std::string::npos) {
    std::string inside = text.substr(bracket + 1, text.size() - bracket - 2);
    for (size_t begin = 0; begin <= inside.size();) {
      const size_t comma = std::min(inside.find(',', begin), inside.size());
      reference.at.push_back(static_cast<int64_t>(
          parse_number(inside.substr(begin, comma - begin), "a coordinate of a tensor")));
      begin = comma + 1;
    }
  }
  if (reference.at.size() + 1 == dims.size() && dims[0] == 1 && !reference.at.empty())
    reference.at.insert(reference.at.begin(), 0);  // [c,y,x] of the only item
  if (reference.at.size() > dims.size())
    throw Error(fmt::format("{}: has {} coordinates, expected at most {}", report::printable(text),
                            reference.at.size(), dims.size()));
  for (size_t d = 0; d < reference.at.size(); ++d) {
    if (reference.at[d] >= dims[d])
      throw Error(
          fmt::format("{}: outside of [{}]", report::printable(text), fmt::join(dims, ", ")));
    reference.first = reference.first * dims[d] + reference.at[d];
  }
  reference.count = product(std::span(dims).subspan(reference.at.size()));
  reference.first *= reference.count;
  return reference;
}

Place parse_place(std::span<const std::string> words, const Tensors& tensors,
                  const arch::Geometry& geometry, const isa::HwParams& hw, uint64_t dram_bytes) {
  using golden::Storage;
  if (words.empty())
    throw Error("expected a place: dram ADDRESS, ub WORD[.LANE], acc ROW or TENSOR[...]");
  const bool named = words[0] == "dram" || words[0] == "ub" || words[0] == "acc";
  if (named != (words.size() == 2))
    throw Error(fmt::format("'{}': expected dram ADDRESS, ub WORD[.LANE], acc ROW or TENSOR[...]",
                            report::printable(fmt::format("{}", fmt::join(words, " ")))));
  if (!named) {
    const Tensors::Reference reference = tensors.parse(words[0]);
    uint64_t first = ~uint64_t{0}, last = 0;
    for (int64_t i = reference.first; i < reference.first + reference.count; ++i) {
      const uint64_t addr = Tensors::element(reference.tensor, i).addr;
      first = std::min(first, addr);
      last = std::max(last, addr);
    }
    return {Storage::kDram, first, last + 1};
  }
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
