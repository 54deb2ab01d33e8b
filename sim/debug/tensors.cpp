// SPDX-License-Identifier: Apache-2.0
// Coordinates to bytes, and back by trying.
#include "sim/debug/tensors.h"

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

using Role = program::MappedTensor::Role;

int64_t product(const std::vector<int64_t>& dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
}

/// Where the value `index` of an item, as the network states it, stands among the stored ones.
int64_t stored_in_item(const program::TensorInfo& tensor, int64_t index) {
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

/// Coordinates "I", "A:B" or ":" below `limit`: the first, and how many.
std::pair<int64_t, int64_t> parse_range(const std::string& word, int64_t limit,
                                        const std::string& outside) {
  const size_t colon = word.find(':');
  const auto number = [&](const std::string& text, int64_t otherwise) {
    if (colon != std::string::npos && text.empty()) return otherwise;
    const uint64_t value = parse_number(text, "a coordinate of a tensor");
    if (value > static_cast<uint64_t>(limit)) throw Error(outside);
    return static_cast<int64_t>(value);
  };
  const int64_t first = number(word.substr(0, colon), 0);
  const int64_t end =
      colon == std::string::npos ? first + 1 : number(word.substr(colon + 1), limit);
  if (first >= end || end > limit) throw Error(outside);
  return {first, end - first};
}

}  // namespace

size_t Tensors::find(const std::string& name) const {
  for (const Role role : {Role::kOutput, Role::kInput, Role::kBetween})
    for (size_t t = 0; t < map_.tensors.size(); ++t)
      if (at(t).role == role && at(t).info.name == name) return t;
  throw Error(fmt::format("tensor {}: unknown, {}", report::printable(name),
                          expected_one_of(name, names())));
}

std::vector<size_t> Tensors::in_order() const {
  std::vector<size_t> order;
  for (const Role role : {Role::kInput, Role::kBetween, Role::kOutput})
    for (size_t t = 0; t < map_.tensors.size(); ++t)
      if (at(t).role == role) order.push_back(t);
  return order;
}

std::vector<std::string> Tensors::names() const {
  std::vector<std::string> names;
  for (const size_t t : in_order()) names.push_back(at(t).info.name);
  return names;
}

std::vector<int64_t> Tensors::dims(size_t tensor) const {
  const program::TensorInfo& info = at(tensor).info;
  std::vector<int64_t> dims = info.onnx_shape;
  if (dims.empty()) dims = {1};
  const int64_t all = product(info.shape), stated = product(dims);
  if (stated > 0 && all % stated == 0) {
    dims[0] *= all / stated;
    return dims;
  }
  const std::vector<int64_t>& nhwc = info.shape;
  return info.channels_last ? nhwc : std::vector<int64_t>{nhwc[0], nhwc[3], nhwc[1], nhwc[2]};
}

int64_t Tensors::stored_index(size_t tensor, int64_t index) const {
  const program::TensorInfo& info = at(tensor).info;
  const int64_t item = product(info.shape) / info.shape[0];
  return index / item * item + stored_in_item(info, index % item);
}

std::string Tensors::value_name(size_t tensor, int64_t index) const {
  const std::vector<int64_t> dims = this->dims(tensor);
  std::vector<int64_t> at(dims.size());
  for (size_t d = dims.size(); d-- > 0; index /= dims[d]) at[d] = index % dims[d];
  return fmt::format("{}[{}]", report::printable(this->at(tensor).info.name), fmt::join(at, ","));
}

std::optional<std::string> Tensors::name_in(size_t tensor, int64_t byte) const {
  const int64_t values = product(at(tensor).info.shape);
  for (int64_t index = 0; index < values; ++index)
    for (int64_t part = 0; part < parts(tensor); ++part) {
      if (byte_of(tensor, index, part) != byte) continue;
      const Role role = at(tensor).role;
      const char* kind = role == Role::kOutput  ? "output"
                         : role == Role::kInput ? "input"
                                                : "tensor";
      return fmt::format("{} {}", kind, value_name(tensor, index));
    }
  return std::nullopt;
}

std::optional<std::string> Tensors::name_of(uint64_t addr) const {
  for (const Role role : {Role::kOutput, Role::kInput, Role::kBetween})
    for (size_t t = 0; t < map_.tensors.size(); ++t) {
      if (at(t).role != role || (role == Role::kBetween && at(t).storage != t)) continue;
      if (const auto byte = map_.byte_at(at(t).storage, addr, 0))
        if (auto name = name_in(t, *byte)) return name;
    }
  return std::nullopt;
}

Tensors::Reference Tensors::parse(const std::string& text) const {
  const size_t bracket = text.ends_with(']') ? text.rfind('[') : std::string::npos;
  Reference reference;
  reference.tensor = find(text.substr(0, bracket));
  const std::vector<int64_t> dims = this->dims(reference.tensor);
  std::vector<std::string> words;
  if (bracket != std::string::npos) {
    const std::string inside = text.substr(bracket + 1, text.size() - bracket - 2);
    for (size_t begin = 0; begin <= inside.size();) {
      const size_t comma = std::min(inside.find(',', begin), inside.size());
      words.push_back(inside.substr(begin, comma - begin));
      begin = comma + 1;
    }
    if (words.size() + 1 == dims.size() && dims[0] == 1) words.insert(words.begin(), "0");
  }
  if (words.size() > dims.size())
    throw Error(fmt::format("{}: has {} coordinates, expected at most {}", report::printable(text),
                            words.size(), dims.size()));
  words.resize(dims.size(), ":");
  const std::string outside =
      fmt::format("{}: outside of [{}]", report::printable(text), fmt::join(dims, ", "));
  for (size_t d = 0; d < dims.size(); ++d) {
    const auto [first, count] = parse_range(words[d], dims[d], outside);
    reference.first.push_back(first);
    reference.count.push_back(count);
  }
  return reference;
}

Tensors::Reference Tensors::whole(size_t tensor) const {
  const std::vector<int64_t> dims = this->dims(tensor);
  return {tensor, std::vector<int64_t>(dims.size()), dims};
}

std::vector<int64_t> Tensors::values_of(const Reference& reference) const {
  const auto& [tensor, first, count] = reference;
  const std::vector<int64_t> dims = this->dims(tensor);
  std::vector<int64_t> values(static_cast<size_t>(product(count)));
  for (size_t k = 0; k < values.size(); ++k) {
    auto rest = static_cast<int64_t>(k);
    for (size_t d = dims.size(); d-- > 0; rest /= count[d]) {
      const int64_t step = product({dims.begin() + static_cast<ptrdiff_t>(d) + 1, dims.end()});
      values[k] += (first[d] + rest % count[d]) * step;
    }
  }
  return values;
}

}  // namespace systole::debug
