// SPDX-License-Identifier: Apache-2.0
// From values to bytes, and on to the tensor that holds them.
#include "model/program/tensor_map.h"

namespace systole::program {

int64_t TensorMap::storage_byte(size_t tensor, int64_t n, int64_t h, int64_t w,
                                int64_t byte) const {
  const MappedTensor& t = tensors[tensor];
  const MappedTensor& base = tensors[t.storage];
  const auto [items, rows, columns, pixel] = t.bytes;
  const int64_t repetition = n / items;
  n %= items;
  int64_t at = ((n * rows + h) * columns + w) * pixel + byte;
  if (t.storage != tensor && !t.box.whole)
    at = ((n * base.bytes[1] + t.box.h + h * t.box.step_h) * base.bytes[2] + t.box.w +
          w * t.box.step_w) *
             base.bytes[3] +
         t.box.c + byte;
  return repetition * base.repetition_bytes() + at;
}

int64_t TensorMap::storage_byte_of(size_t tensor, int64_t index, int64_t part) const {
  const MappedTensor& t = tensors[tensor];
  const int64_t channels = t.info.shape.back();
  const int64_t stated_pixel = t.sums() ? 4 * channels : t.type.row_bytes(channels);
  const int64_t in_pixel =
      t.sums() ? part * channels + index % channels : index % channels >> t.type.narrow();
  int64_t byte = index / channels * stated_pixel + in_pixel;
  const auto [items, rows, columns, pixel] = t.bytes;
  const int64_t in_row = byte % pixel;
  byte /= pixel;
  return storage_byte(tensor, byte / (rows * columns), byte / columns % rows, byte % columns,
                      in_row);
}

uint64_t TensorMap::dram_address(size_t tensor, int64_t storage_byte) const {
  const MappedTensor& base = tensors[tensors[tensor].storage];
  const int64_t at = base.apart ? storage_byte : storage_byte % base.repetition_bytes();
  return base.info.addr + static_cast<uint64_t>(at);
}

std::optional<int64_t> TensorMap::byte_at(size_t storage, uint64_t address,
                                          int64_t repetition) const {
  const MappedTensor& t = tensors[storage];
  if (!t.in_dram || address < t.info.addr) return std::nullopt;
  const auto at = static_cast<int64_t>(address - t.info.addr);
  if (at >= t.repetition_bytes() * (t.apart ? t.repetitions : 1)) return std::nullopt;
  return t.apart ? at : repetition * t.repetition_bytes() + at;
}

TensorMap tensors_of(const Program& program) {
  TensorMap map;
  const auto add = [&](const TensorInfo& info, MappedTensor::Role role) {
    MappedTensor& t = map.tensors.emplace_back();
    t.role = role;
    t.info = info;
    t.type = info.type();
    t.bytes = {info.shape[0], info.shape[1], info.shape[2], info.shape[3]};
    if (t.sums()) t.bytes[3] *= 4;
    t.storage = map.tensors.size() - 1;
    t.in_dram = t.apart = true;
  };
  for (const TensorInfo& info : program.inputs) add(info, MappedTensor::Role::kInput);
  for (const TensorInfo& info : program.outputs) add(info, MappedTensor::Role::kOutput);
  return map;
}

}  // namespace systole::program
