// SPDX-License-Identifier: Apache-2.0
// The tensors of a program by the network's names and in its coordinates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/program/tensor_map.h"

namespace systole::debug {

class Tensors {
 public:
  /// `map` outlives it.
  explicit Tensors(const program::TensorMap& map) : map_(map) {}

  const program::TensorMap& map() const { return map_; }
  /// Whether it is known what the instructions make: of a program file it is not.
  bool knows_makers() const { return !map_.made.empty(); }
  const program::MappedTensor& at(size_t tensor) const { return map_.tensors[tensor]; }

  /// Throws Error.
  size_t find(const std::string& name) const;
  /// In the order in which they are told: inputs, those between layers, outputs.
  std::vector<size_t> in_order() const;
  std::vector<std::string> names() const;

  /// Dimensions of all batches as the network states them.
  std::vector<int64_t> dims(size_t tensor) const;
  /// Where the value stands among the stored ones ([n, h, w, c]) whose place in the order of the
  /// network is `index`.
  int64_t stored_index(size_t tensor, int64_t index) const;
  /// The byte of the tensor's storage that holds it; of a sum byte `part` of four.
  int64_t byte_of(size_t tensor, int64_t index, int64_t part = 0) const {
    return map_.storage_byte_of(tensor, stored_index(tensor, index), part);
  }
  /// The bytes of a value: 1, of sums 4.
  int64_t parts(size_t tensor) const { return at(tensor).sums() ? 4 : 1; }
  /// "output y[0,1,2,3]" of its first value of which `byte` of the storage is a part; none if it
  /// has none.
  std::optional<std::string> name_in(size_t tensor, int64_t byte) const;
  /// The same of what stands at a DRAM address; of a part of another tensor the other's.
  std::optional<std::string> name_of(uint64_t addr) const;
  /// "y[0,1,2,3]".
  std::string value_name(size_t tensor, int64_t index) const;

  /// "NAME" or "NAME[I,...]", each I a coordinate, A:B without B, or ':'; the last ones may be left
  /// out, and the first where there is one item.
  struct Reference {
    size_t tensor = 0;
    std::vector<int64_t> first, count;  ///< by dimension
  };
  Reference whole(size_t tensor) const;
  /// Throws Error.
  Reference parse(const std::string& text) const;
  /// The indices of its values in the order of the network, ascending.
  std::vector<int64_t> values_of(const Reference& reference) const;

 private:
  const program::TensorMap& map_;
};

}  // namespace systole::debug
