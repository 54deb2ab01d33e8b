// SPDX-License-Identifier: Apache-2.0
// The data of the core: UB, ACC, parameters, tables, weight ring, and what instructions do to them,
// in bulk.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "model/arch/geometry.h"
#include "model/core/events.h"
#include "model/isa/isa.h"

namespace systole::core {

/// Calls come in the order of the event-driven units; their arguments passed the checks of
/// dispatch. All storage is zero at first.
class Datapath {
 public:
  /// `switching`: where matmul_tile counts, or null.
  explicit Datapath(const isa::HwParams& hw, MacsByTag* switching = nullptr);

  // --- lda: `offset` is that of bytes[0] in the run, `ub` the run's first word
  // --------------------
  void load(const isa::Load& load, uint32_t ub, uint64_t offset, const uint8_t* bytes,
            uint32_t count);
  void fill_line(uint64_t offset, const uint8_t* bytes, uint32_t count);
  /// `step2`: which of the rows that are packed together.
  void emit_windows(const isa::LoadWindow& load, uint32_t ub, uint32_t step2);
  void load_param(const isa::LoadParam& load, uint64_t offset, const uint8_t* bytes,
                  uint32_t count);
  // --- ldw: `offset` is that of bytes[0] in the tile as it stands in DRAM, row by row
  // ------------------
  void load_codebook(uint32_t offset, const uint8_t* bytes, uint32_t count);
  void load_weights(size_t slot, const isa::LoadWeights& load, uint32_t offset,
                    const uint8_t* bytes, uint32_t count);
  /// Row `row` of a tile of a stream: its bytes, and the block's prefix, of which it is row
  /// `block_row`.
  void load_row(size_t slot, const isa::LoadWeights& load, int row, const uint8_t* prefix,
                int block_row, const uint8_t* bytes);
  /// The whole tile of channel group `group`; `bytes`: a position, its diagonals.
  void load_diagonal(size_t slot, const isa::LoadWeights& load, int64_t group,
                     const uint8_t* bytes);
  // --- mxu: one tile (kernel position y, x; channel group) with the weights in `slot`
  // --------------
  void matmul_tile(const isa::Matmul& m, uint16_t tag, int y, int x, int64_t group, size_t slot,
                   bool overwrite);
  // --- vpu
  // -----------------------------------------------------------------------------------------
  void vector(const isa::Vector& v);
  void vector_set(const isa::VectorSet& set) { set_ = set; }
  // --- sto
  // -----------------------------------------------------------------------------------------
  void store(const isa::Store& store, uint32_t ub, uint64_t offset, uint8_t* bytes,
             uint32_t count) const;

  /// The bytes of a UB word and the sums of an ACC row, for tests.
  const int8_t* word(uint64_t address) const { return ub_.get() + address * word_bytes_; }
  const int32_t* acc_row(uint64_t row) const { return acc_.get() + row * acc_stride_; }

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  /// calloc leaves the zero pages of a large buffer untouched until they are used.
  template <typename T>
  using Buffer = std::unique_ptr<T[], Free>;
  template <typename T>
  static Buffer<T> make_buffer(size_t count);

  int8_t* word_at(uint64_t address) { return ub_.get() + address * word_bytes_; }
  int32_t* acc_at(uint64_t row) { return acc_.get() + row * acc_stride_; }
  void gather(const isa::Vector& v, int64_t image, int64_t h, int64_t w, int32_t* sums) const;
  void narrow_rows(const isa::Matmul& m, size_t lanes, size_t first, bool add);
  /// Of the packed tile and the rows at row_pointers_.
  int64_t count_switching(const isa::Matmul& m, size_t lanes, size_t first, size_t slot);
  void spread_row(const isa::Matmul& m, const int8_t* row, size_t first, size_t count);
  void spread_values(const int8_t* bytes, size_t first, size_t count, int narrow);
  void pack_tile(const int8_t* tile, size_t lanes, int narrow);
  void pack_structured_tile(size_t slot, size_t lanes, int narrow);
  void read_slice(uint64_t address, int slice, int narrow, int8_t* lanes) const;
  void write_slice(uint64_t address, int slice, int narrow, size_t count, const int8_t* lanes);

  const isa::HwParams hw_;
  const arch::Geometry geo_;
  const size_t word_bytes_;
  const size_t acc_stride_;  ///< int32 of a row: COLS, rounded up to whole vector registers
  Buffer<int8_t> ub_;
  Buffer<int32_t> acc_;
  Buffer<uint8_t> params_;
  Buffer<int8_t> tables_;
  int8_t expand_byte(const uint8_t* row, uint32_t column, const isa::LoadWeights& load) const;
  void clear_selects(size_t slot);
  size_t tile_at(size_t slot) const {
    return slot * static_cast<size_t>(hw_.rows) * static_cast<size_t>(hw_.cols);
  }

  MacsByTag* const switching_;
  std::array<uint8_t, 16> codebook_{};
  Buffer<int8_t> weights_;   ///< [slot][row][COLS]
  Buffer<uint8_t> selects_;  ///< the same, if the array is structured: two bits for each weight
  std::vector<uint8_t> line_;
  isa::VectorSet set_;

  // Scratch of one instruction.
  std::vector<const int8_t*> row_pointers_;
  std::vector<int16_t> packed_weights_;
  std::vector<int8_t> values_;  ///< of a row of narrow activations
  std::vector<int8_t> pad_word_, lanes_, residual_;
  std::vector<int32_t> sums_, bias_;
  std::vector<float> scale_;
};

}  // namespace systole::core
