// SPDX-License-Identifier: Apache-2.0
// The storages of the golden executor and what each instruction does to them (docs/isa.md,
// pseudo-code).
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "model/golden/golden.h"
#include "model/golden/instruction.h"

namespace systole::golden {

/// DRAM behind the bus: bytes of the image, zeros up to the memory's size, errors from there on.
class GoldenMemory {
 public:
  GoldenMemory(std::vector<uint8_t>& image, uint64_t memory_bytes)
      : image_(image), size_(std::max<uint64_t>(memory_bytes, image.size())) {}
  /// False if a byte is beyond the memory; such bytes read as zero.
  bool read(uint64_t addr, std::span<uint8_t> bytes) const;
  bool write(uint64_t addr, std::span<const uint8_t> bytes);

 private:
  std::vector<uint8_t>& image_;
  uint64_t size_;
};

/// Unified buffer, accumulators, parameter buffer, tables, weight ring and vector scalars. Every
/// method executes one instruction (or one tile of it) and tells whether the memory answered
/// without error.
class GoldenState {
 public:
  GoldenState(const isa::HwParams& hw, GoldenMemory memory);

  bool execute(const isa::Load& op);
  bool execute(const isa::LoadWindow& op);
  bool execute(const isa::LoadParam& op);
  bool execute(const isa::LoadCodebook& op);
  bool execute(const isa::Store& op);
  bool execute(const isa::Vector& op);
  bool execute(const isa::VectorSet& op);
  /// `index`: of the tile in the shape of the instruction. `count`: tiles that it appended or used
  /// before.
  bool append_tile(const isa::LoadWeights& op, int64_t index, int64_t count);
  void use_tile(const isa::Matmul& op, int64_t index, int64_t count);
  /// Takes the ring's first tile, which `op` appended, and counts its weights other than 0.
  int64_t take_nonzero_weights(const isa::LoadWeights& op);

  /// Tiles in the ring.
  size_t tiles() const { return ring_.size(); }
  /// Bytes of the unified buffer, W of a word.
  std::span<const uint8_t> ub() const { return ub_; }
  /// Sums of the accumulators, COLS of a row.
  std::span<const int32_t> acc() const { return acc_; }

 private:
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Bytes = Eigen::Matrix<uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  struct Tile {
    Bytes weights;
    Bytes select;  ///< two bits for each weight of a byte: which of four channels it meets
  };

  /// Value `index` of bytes that hold 1 << narrow values each, cut from the lowest bits up; a
  /// single bit tells 1 from -1.
  static int narrow_value(const uint8_t* bytes, int64_t index, int narrow);
  bool append_diagonal(const isa::LoadWeights& op, int64_t position, int64_t first_row, Tile& tile);
  /// The next tile of a stream, at stream_at_.
  bool append_stream_tile(const isa::LoadWeights& op, int rows, Tile& tile);
  /// The weights of a tile as a matrix of the values of `lanes` bytes.
  Matrix weights_of(const Tile& tile, const isa::Matmul& op, int lanes) const;
  /// What a row of weights in DRAM gives the tile in `column`.
  uint8_t tile_byte(const uint8_t* row, int64_t column, const isa::LoadWeights& op) const;
  /// Value of a UB word. Bytes beyond the word's lanes read as 0; a legal program reads none.
  int ub_value(int64_t word, int64_t index, int narrow) const;
  /// Values from `first` of a word on; the rest of the last byte is filled with 0 bits.
  void write_values(int64_t word, int64_t first, int narrow, const std::vector<int8_t>& values);
  void read_channels(int64_t word, std::span<uint8_t> pixel) const;
  void write_channels(int64_t word, int64_t lane, std::span<const uint8_t> pixel);
  /// The window of one output, reduced, of every lane written.
  void reduce_window(const isa::Vector& op, int64_t b, int64_t i, int64_t j,
                     std::vector<int32_t>& sums) const;

  arch::Geometry g_;
  GoldenMemory memory_;
  std::vector<uint8_t> ub_;
  std::vector<int32_t> acc_;
  std::vector<uint8_t> pb_;
  std::array<uint8_t, 4 * 256> tables_{};
  std::array<uint8_t, 16> codebook_{};
  std::deque<Tile> ring_;
  uint64_t stream_at_ = 0;  ///< DRAM address of the next tile of the running load_weights
  isa::VectorSet scalars_;
};

}  // namespace systole::golden
