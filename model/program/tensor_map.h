// SPDX-License-Identifier: Apache-2.0
// The tensors of a compiled network, those between its layers too: where each is kept, and what of
// it every instruction makes. For those who look into a run; nothing that runs needs it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/isa/element_type.h"
#include "model/program/program.h"

namespace systole::program {

/// A place in the unified buffer, in words.
struct WordRange {
  int64_t first = 0, count = 0;
};

/// Rows of a tensor that is never whole in the unified buffer: a band of them at a time, in buffers
/// that are used in turn.
struct BandedRows {
  int64_t rows = 0;  ///< of a buffer, at most
  std::vector<WordRange> buffers;
};

/// The box of another tensor's bytes that a tensor is: rows and columns may be several of that
/// tensor's apart.
struct TensorBox {
  int64_t h = 0, w = 0, c = 0;  ///< where it begins
  int64_t step_h = 1, step_w = 1;
  bool whole = false;  ///< all of the bytes in their order, whatever the sizes
};

struct MappedTensor {
  enum class Role : uint8_t { kInput, kOutput, kBetween };
  Role role = Role::kBetween;
  /// As the network states it. Its shape counts values, also those that share a byte, of all
  /// repetitions; its address: of the bytes of `storage`, if they are in DRAM.
  TensorInfo info;
  isa::ElementType type;  ///< of a value
  std::string layer;      ///< that makes it; empty: none
  /// Stored bytes of one repetition: items, rows, columns, bytes of a pixel. Of several columns
  /// that the plan takes for one the columns are fewer, their pixels longer; the bytes are the
  /// same.
  std::array<int64_t, 4> bytes{1, 1, 1, 1};
  int64_t repetitions = 1;
  size_t storage = 0;    ///< the tensor whose bytes they are: itself, or one that it is a box of
  TensorBox box;         ///< of another's bytes
  bool in_dram = false;  ///< `storage` has an address
  bool apart = false;    ///< in DRAM each repetition has bytes of its own
  std::optional<WordRange> resident;  ///< kept whole in the unified buffer while it is needed
  std::optional<BandedRows> bands;    ///< or in bands
  bool sums() const { return type == isa::ElementType::kInt32; }
  int64_t repetition_bytes() const { return bytes[0] * bytes[1] * bytes[2] * bytes[3]; }
};

/// What an instruction makes of a tensor: its first value that the vector unit writes; a store puts
/// values of it where they belong in DRAM.
struct MadeValues {
  int32_t tensor = -1;          ///< none
  int64_t n = 0, h = 0, w = 0;  ///< pixel; items of all repetitions
  int64_t byte = 0;             ///< of the pixel
};

struct TensorMap {
  std::vector<MappedTensor> tensors;
  std::vector<MadeValues> made;  ///< by instruction

  /// The byte that pixel (n, h, w) of a tensor has at `byte` of it, counted in its storage over all
  /// repetitions.
  int64_t storage_byte(size_t tensor, int64_t n, int64_t h, int64_t w, int64_t byte) const;
  /// The same of a value that is the `index`-th as stored ([n, h, w, c] of all repetitions); of a
  /// sum of its byte `part`.
  int64_t storage_byte_of(size_t tensor, int64_t index, int64_t part = 0) const;
  /// Its address, if the storage is in DRAM.
  uint64_t dram_address(size_t tensor, int64_t storage_byte) const;
  /// The byte that stands at an address of DRAM while `repetition` runs; none if it is not of this
  /// tensor, which is its own storage.
  std::optional<int64_t> byte_at(size_t storage, uint64_t address, int64_t repetition) const;
};

/// Its inputs and outputs alone, for a program that nothing more is known of.
TensorMap tensors_of(const Program& program);

}  // namespace systole::program
