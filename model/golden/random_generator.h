// SPDX-License-Identifier: Apache-2.0
// The draws behind random_program: instructions whose operands exist, found in hostile places.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/golden/program_builder.h"
#include "model/golden/random_program.h"

namespace systole::golden {

/// How far the last of n*h*w steps lies behind the first.
inline int64_t reach(int64_t n, int64_t s0, int64_t h, int64_t s1, int64_t w, int64_t s2) {
  return (n - 1) * s0 + (h - 1) * s1 + (w - 1) * s2;
}

/// Positions that `count` steps of a kernel of `taps` taps touch.
inline uint16_t covering(int64_t count, int64_t stride, int64_t taps, int64_t dilation) {
  return static_cast<uint16_t>(
      std::min<int64_t>((count - 1) * stride + (taps - 1) * dilation + 1, 65535));
}

/// Each draw_* function appends an instruction and, before it, whatever it needs: data that it
/// reads, parameters, weights. The builder orders them. Sizes are limited by an estimate of the
/// cycles left.
class RandomGenerator {
 public:
  RandomGenerator(const isa::HwParams& hw, uint64_t seed, const RandomOptions& options);
  program::Program generate();

 private:
  // random_program.cpp: layout of DRAM, the sequence of instructions, the end.
  void lay_out_memory();
  void fill_memory(program::Program& program);
  void draw_instruction();
  void draw_epilogue();
  // random_fault.cpp
  void draw_fault();
  void draw_bus_error();
  isa::Words faulty_instruction(isa::Fault fault);

  // random_dma.cpp: loads, stores, parameters, weights, and what other instructions need.
  void draw_load();
  void draw_load_window();
  void draw_store();
  void draw_sync();
  void draw_load_tables();
  void load_params(int64_t row);
  void draw_load_codebook();
  bool load_weights(int64_t positions, int64_t channels, bool structured);
  void draw_holes(isa::LoadWeights& op);
  bool place_stream(isa::LoadWeights& op);
  std::vector<uint8_t> masked_stream(const isa::LoadWeights& op);
  bool load_diagonals(isa::LoadWeights op);
  void load_full_tiles(int64_t count);
  void ensure_ub(int64_t first_word, int64_t last_word);
  int64_t ensure_params();
  void ensure_table(int index);
  void store_words(int64_t first_word, int64_t last_word);

  // random_matmul.cpp and random_vector.cpp
  void draw_matmul();
  void emit_matmul(isa::Matmul op);
  void provide_tiles(isa::Matmul& op);
  void release_tiles();
  void ensure_acc(int64_t first_row, int64_t last_row);
  void draw_vector(bool from_acc);
  void draw_vector_set();
  isa::Vector draw_window(bool from_acc, int64_t size);
  void emit_vector(isa::Vector op);
  bool place_vector(isa::Vector& op);
  void requantise_sums();

  /// Width of activations: 8 >> what is returned bits, 8 most of the time.
  uint8_t draw_narrow() {
    uint8_t narrow = 0;
    while (8 >> (narrow + 1) >= g_.act_bits && random_.chance(35)) ++narrow;
    return narrow;
  }

  /// How much narrower they are in UB than the array takes them.
  uint8_t draw_expand(int narrow) {
    uint8_t expand = 0;
    while (8 >> (narrow + expand + 1) >= g_.act_bits && random_.chance(40)) ++expand;
    return expand;
  }

  bool append(const isa::AnyInstruction& op) { return builder_.append(op); }
  /// draw(size) with ever smaller sizes until it fits; draw(0) always does.
  template <typename Draw, typename Fits>
  auto draw_fitting(int64_t size, const Draw& draw, const Fits& fits) {
    for (; size > 0; size = size * 3 / 4)
      for (int attempt = 0; attempt < 3; ++attempt) {
        const auto op = draw(size);
        if (fits(op)) return op;
      }
    return draw(0);
  }

  /// 1, or up to 1 + size.
  int64_t some(int64_t size) { return random_.chance(40) ? 1 : 1 + random_.below(size + 1); }
  /// A stride: `dense`, 0, one off, or anything up to `limit`.
  int64_t stride(int64_t dense, int64_t limit);
  /// First of `span` items in [0, size): at the ends, across a multiple of `boundary`, or anywhere.
  int64_t place(int64_t span, int64_t size, int64_t boundary);
  int64_t place_ub(int64_t span);
  int64_t place_acc(int64_t rows);
  uint32_t place_dram(int64_t span);
  float draw_scale();
  /// A size for the next instruction: mostly small, sometimes as large as the cycles allow.
  int64_t draw_size();
  int64_t dma_cycles(int64_t runs, int64_t bytes, int64_t steps) const;
  bool affordable(int64_t cycles) const { return cycles <= cycles_left_ / 4; }

  const isa::HwParams hw_;
  const arch::Geometry g_;
  const RandomOptions options_;
  SeededRandom random_;
  ProgramBuilder builder_;
  int64_t cycles_left_;

  uint32_t code_addr_ = 0;
  uint32_t params_addr_ = 0;  ///< rows of biases and scales in turn
  int64_t param_rows_ = 0;
  uint32_t data_begin_ = 0, data_end_ = 0;  ///< loaded, stored and used as weights
  uint32_t streams_begin_ = 0;              ///< masked weights; nothing is stored there
  std::vector<uint8_t> streams_;
  uint64_t dram_bytes_ = 0;

  enum class Row : uint8_t { kNone, kBias, kScale };
  int64_t span_cap_ = 0;      ///< UB words that one operand may span
  int64_t max_tiles_ = 0;     ///< weight tiles of one matmul, and loaded at once
  std::vector<int64_t> hot_;  ///< UB windows that most operands are drawn from
  int64_t hot_words_ = 0;
  std::vector<bool> ub_full_;  ///< words with every lane written
  std::vector<bool> acc_written_;
  std::vector<Row> pb_rows_;
  std::array<bool, 4> table_loaded_{};
  bool scalars_set_ = false;
  isa::VectorSet scalars_;
  std::vector<std::pair<int64_t, int64_t>> results_;  ///< UB words worth storing: first, last
  std::vector<std::pair<int64_t, int64_t>> sums_;     ///< ACC rows of the matmuls: first, last
};

}  // namespace systole::golden
