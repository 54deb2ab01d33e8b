// SPDX-License-Identifier: Apache-2.0
// Looks values up where their bytes are.
#include "sim/debug/tensor_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/error.h"
#include "sim/report/format.h"

namespace systole::debug {

using golden::Storage;

TensorValues::TensorValues(size_t tensor, Target& target, const Surroundings& around)
    : tensor_(tensor),
      target_(target),
      around_(around),
      bytes_(around.whereabouts.bytes_of(around.tensors.at(tensor).storage, target)) {}

Standing TensorValues::standing(int64_t index) const {
  return around_.whereabouts.of_value(tensor_, index, bytes_);
}

uint8_t TensorValues::byte(int64_t index, int64_t part) const {
  const Standing& at = bytes_[static_cast<size_t>(around_.tensors.byte_of(tensor_, index, part))];
  return at.storage == Storage::kUb ? target_.ub(at.address, 1).front()
                                    : target_.dram(at.address, 1).front();
}

int64_t TensorValues::stored(int64_t index) const {
  const program::MappedTensor& tensor = around_.tensors.at(tensor_);
  if (tensor.sums()) {
    uint32_t sum = 0;
    for (int64_t part = 0; part < 4; ++part) sum |= uint32_t{byte(index, part)} << 8 * part;
    return static_cast<int32_t>(sum);
  }
  const int64_t channel = around_.tensors.stored_index(tensor_, index) % tensor.info.shape.back();
  const int64_t in_byte = channel % (int64_t{1} << tensor.type.narrow());
  return tensor.type.value_of(byte(index, 0) >> in_byte * tensor.type.bits());
}

double TensorValues::real(int64_t index, int64_t stored) const {
  const program::TensorInfo& info = around_.tensors.at(tensor_).info;
  if (info.channel_scale.empty())
    return static_cast<double>(info.scale) * static_cast<double>(stored - info.zero_point);
  const auto channel =
      static_cast<size_t>(around_.tensors.stored_index(tensor_, index) % info.shape.back());
  return static_cast<double>(info.channel_scale[channel]) * static_cast<double>(stored);
}

std::string missing_text(size_t tensor, int64_t index, const Standing& standing,
                         const Surroundings& around) {
  const std::string name = around.tensors.value_name(tensor, index);
  const auto address = [&] {
    return golden::storage_address(standing.storage, standing.address,
                                   around.footprints.geometry());
  };
  switch (standing.presence) {
    case Presence::kThere:
      return "";
    case Presence::kNotYet: {
      const std::vector<uint32_t> makers = around.whereabouts.makers(
          around.tensors.at(tensor).storage, {around.tensors.byte_of(tensor, index)});
      return makers.empty() ? fmt::format("{} is not made by any instruction\n", name)
                            : fmt::format("{} is not there yet: {} is to put it there\n", name,
                                          around.words.instruction(makers.front()));
    }
    case Presence::kUnderWay:
      return fmt::format("{} is under way: {} writes it to {}\n", name,
                         around.words.instruction(standing.pc), address());
    case Presence::kGone: {
      const uint32_t over = around.whereabouts.last_writer(standing.storage, standing.address);
      const std::string what = over == standing.pc ? "which is being written"
                                                   : fmt::format("where {} has written since",
                                                                 around.words.instruction(over));
      return fmt::format("{} is gone: {} wrote it to {}, {}\n", name,
                         around.words.instruction(standing.pc), address(), what);
    }
  }
  return "";
}

Place place_of(const Tensors::Reference& values, Target& target, const Surroundings& around) {
  const Tensors& tensors = around.tensors;
  const size_t tensor = values.tensor;
  const bool in_dram = tensors.at(tensor).in_dram;
  std::optional<TensorValues> now;
  if (!in_dram) now.emplace(tensor, target, around);
  std::optional<Place> place;
  for (const int64_t index : tensors.values_of(values)) {
    Storage storage = Storage::kDram;
    uint64_t address = 0;
    if (in_dram) {
      address = tensors.map().dram_address(tensor, tensors.byte_of(tensor, index));
    } else {
      const Standing one = now->standing(index);
      if (one.presence != Presence::kThere) {
        std::string why = missing_text(tensor, index, one, around);
        why.pop_back();
        throw Error(why);
      }
      storage = one.storage;
      address = one.address;
    }
    if (!place) place = Place{storage, address, address + 1};
    if (place->storage != storage)
      throw Error(fmt::format("{}: its values are not together",
                              report::printable(tensors.at(tensor).info.name)));
    place->begin = std::min(place->begin, address);
    place->end = std::max(place->end, address + 1);
  }
  return *place;
}

Condition writes_of(const std::string& text, const Surroundings& around) {
  const Tensors& tensors = around.tensors;
  const Tensors::Reference values = tensors.parse(text);
  const size_t tensor = values.tensor;
  std::vector<int64_t> bytes;
  for (const int64_t index : tensors.values_of(values))
    bytes.push_back(tensors.byte_of(tensor, index));
  std::sort(bytes.begin(), bytes.end());
  bytes.erase(std::unique(bytes.begin(), bytes.end()), bytes.end());
  const bool together = bytes.back() - bytes.front() + 1 == std::ssize(bytes);
  if (tensors.at(tensor).in_dram && (together || !tensors.knows_makers())) {
    const uint64_t first = tensors.map().dram_address(tensor, bytes.front());
    return AtWrite{
        {Storage::kDram, first, first + static_cast<uint64_t>(bytes.back() - bytes.front()) + 1},
        text};
  }
  std::vector<uint32_t> makers = around.whereabouts.makers(tensors.at(tensor).storage, bytes);
  if (makers.empty())
    throw Error(fmt::format("{}: no instruction writes it", report::printable(text)));
  return AtMade{values, std::move(makers), text};
}

}  // namespace systole::debug
