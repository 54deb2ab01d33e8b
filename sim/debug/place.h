// SPDX-License-Identifier: Apache-2.0
// Places in DRAM, unified buffer and accumulators, by address or as values of a tensor.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/arch/geometry.h"
#include "model/golden/footprint.h"
#include "model/program/program.h"

namespace systole::debug {

/// An interval of a storage as golden::Access has it: bytes, or rows of the accumulators.
struct Place {
  golden::Storage storage = golden::Storage::kDram;
  uint64_t begin = 0, end = 0;

  bool overlaps(const golden::Access& access) const {
    return access.storage == storage && access.begin < end && begin < access.end;
  }
};

/// The value of a tensor at a coordinate that the network states.
struct Element {
  const program::TensorInfo& tensor;
  int64_t index;  ///< in the order in which the network states them
  uint64_t addr;  ///< of its byte, of a sum its lowest
};

/// The tensors of a program in the network's coordinates.
class Tensors {
 public:
  explicit Tensors(const program::Program& program) : program_(program) {}

  /// Throws Error.
  const program::TensorInfo& find(const std::string& name) const;
  std::vector<std::string> names() const;
  /// Dimensions of the whole batch as the network states them.
  static std::vector<int64_t> dims(const program::TensorInfo& tensor);
  static Element element(const program::TensorInfo& tensor, int64_t index);
  /// From the first of `tensor`'s bytes that a value has to the next: 1, of sums as many as
  /// channels.
  static uint64_t byte_step(const program::TensorInfo& tensor);
  /// "output y[0, 1, 2, 3]" of what stands at a DRAM address, if a tensor does.
  std::optional<std::string> name_of(uint64_t addr) const;

  /// "NAME" or "NAME[i, j]", of which the last coordinates may be left out: the tensor, and those
  /// that are given. Throws Error.
  struct Reference {
    const program::TensorInfo& tensor;
    std::vector<int64_t> at;
    /// The first of the values that are meant, and how many.
    int64_t first = 0, count = 0;
  };
  Reference parse(const std::string& text) const;

 private:
  const program::Program& program_;
};

/// "dram 0x40", "dram 0x40:0x80", "ub 0x12", "ub 0x12.3", "ub 0x12:0x20", "acc 3", "acc 3:5" (an
/// end is not included), or a tensor. `count`: how many words, rows or bytes are meant where no end
/// is given. Throws Error.
Place parse_place(std::span<const std::string> words, const Tensors& tensors,
                  const arch::Geometry& geometry, const isa::HwParams& hw, uint64_t dram_bytes);

/// "UB words 0x12 to 0x13", "ACC row 3", "DRAM bytes 0x40 to 0x7f".
std::string place_text(const Place& place, const arch::Geometry& geometry);

}  // namespace systole::debug
