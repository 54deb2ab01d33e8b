// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <array>
#include <bit>
#include <cstdint>

#include "model/isa/words.h"

namespace systole::isa {

/// Wait and signal, nothing else.
struct SyncLda {
  static constexpr Opcode kOpcode = Opcode::kSyncLda;
  bool operator==(const SyncLda&) const = default;
  static constexpr SyncLda decode([[maybe_unused]] const Words& w) {
    SyncLda r;
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
  }
};

/// Copy activations from DRAM to the unified buffer, pixel by pixel.
struct Load {
  static constexpr Opcode kOpcode = Opcode::kLoad;
  uint32_t dram_addr = 0;  ///< First DRAM byte.
  uint32_t dram_stride0 = 0;  ///< DRAM bytes between steps of the outermost loop.
  uint32_t dram_stride1 = 0;  ///< DRAM bytes between steps of the middle loop.
  uint32_t dram_stride2 = 0;  ///< DRAM bytes between steps of the innermost loop.
  uint32_t ub_addr = 0;  ///< First UB word.
  uint32_t ub_stride0 = 0;  ///< UB words between steps of the outermost loop.
  uint32_t ub_stride1 = 0;  ///< UB words between steps of the middle loop.
  uint32_t ub_stride2 = 0;  ///< UB words between steps of the innermost loop.
  uint16_t count0 = 1;  ///< Steps of the outermost loop.
  uint16_t count1 = 1;  ///< Steps of the middle loop.
  uint16_t count2 = 1;  ///< Steps of the innermost loop.
  uint16_t pixels = 1;  ///< Pixels of one contiguous run of DRAM.
  uint16_t pixel_bytes = 1;  ///< Bytes of one pixel; a pixel starts a new UB word.
  uint16_t ub_pixel_stride = 0;  ///< UB words between pixels.
  bool operator==(const Load&) const = default;
  static constexpr Load decode([[maybe_unused]] const Words& w) {
    Load r;
    r.dram_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 32));
    r.dram_stride0 = static_cast<uint32_t>(get_bits(w, 3, 0, 32));
    r.dram_stride1 = static_cast<uint32_t>(get_bits(w, 4, 0, 32));
    r.dram_stride2 = static_cast<uint32_t>(get_bits(w, 5, 0, 32));
    r.ub_addr = static_cast<uint32_t>(get_bits(w, 6, 0, 24));
    r.ub_stride0 = static_cast<uint32_t>(get_bits(w, 7, 0, 24));
    r.ub_stride1 = static_cast<uint32_t>(get_bits(w, 8, 0, 24));
    r.ub_stride2 = static_cast<uint32_t>(get_bits(w, 9, 0, 24));
    r.count0 = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    r.count1 = static_cast<uint16_t>(get_bits(w, 10, 16, 16));
    r.count2 = static_cast<uint16_t>(get_bits(w, 11, 0, 16));
    r.pixels = static_cast<uint16_t>(get_bits(w, 11, 16, 16));
    r.pixel_bytes = static_cast<uint16_t>(get_bits(w, 12, 0, 16));
    r.ub_pixel_stride = static_cast<uint16_t>(get_bits(w, 12, 16, 16));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 32, static_cast<uint32_t>(dram_addr));
    set_bits(w, 3, 0, 32, static_cast<uint32_t>(dram_stride0));
    set_bits(w, 4, 0, 32, static_cast<uint32_t>(dram_stride1));
    set_bits(w, 5, 0, 32, static_cast<uint32_t>(dram_stride2));
    set_bits(w, 6, 0, 24, static_cast<uint32_t>(ub_addr));
    set_bits(w, 7, 0, 24, static_cast<uint32_t>(ub_stride0));
    set_bits(w, 8, 0, 24, static_cast<uint32_t>(ub_stride1));
    set_bits(w, 9, 0, 24, static_cast<uint32_t>(ub_stride2));
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(count0));
    set_bits(w, 10, 16, 16, static_cast<uint32_t>(count1));
    set_bits(w, 11, 0, 16, static_cast<uint32_t>(count2));
    set_bits(w, 11, 16, 16, static_cast<uint32_t>(pixels));
    set_bits(w, 12, 0, 16, static_cast<uint32_t>(pixel_bytes));
    set_bits(w, 12, 16, 16, static_cast<uint32_t>(ub_pixel_stride));
  }
};

/// Read rows once and write overlapping windows of them: packs kernel rows, kernel columns and channels of a first layer into lanes.
struct LoadWindow {
  static constexpr Opcode kOpcode = Opcode::kLoadWindow;
  uint32_t dram_addr = 0;  ///< First DRAM byte.
  uint32_t dram_stride0 = 0;  ///< DRAM bytes between steps of the outer loop.
  uint32_t dram_stride1 = 0;  ///< DRAM bytes between steps of the middle loop.
  uint32_t dram_stride2 = 0;  ///< DRAM bytes between rows that are packed together.
  uint32_t ub_addr = 0;  ///< First UB word.
  uint32_t ub_stride0 = 0;  ///< UB words between steps of the outer loop.
  uint32_t ub_stride1 = 0;  ///< UB words between steps of the middle loop.
  uint16_t ub_stride2 = 0;  ///< Whole UB words between rows that are packed together.
  uint16_t window_words = 1;  ///< UB words between windows.
  uint16_t count0 = 1;  ///< Steps of the outer loop.
  uint16_t count1 = 1;  ///< Steps of the middle loop.
  uint16_t row_bytes = 1;  ///< Bytes of a row; at most the line buffer.
  uint16_t windows = 1;  ///< Windows of a row.
  uint16_t size = 1;  ///< Bytes of a window.
  uint16_t step = 1;  ///< Bytes between window starts.
  uint16_t pad_left = 0;  ///< Bytes of padding before the row.
  int8_t pad_byte = 0;  ///< Value of bytes outside the row.
  uint8_t lane = 0;  ///< Lane of the first byte of a window; below L.
  uint8_t count2 = 1;  ///< Rows that are packed together.
  uint8_t lane_stride = 0;  ///< Lanes beyond ub_stride2 between rows that are packed together; below L.
  bool operator==(const LoadWindow&) const = default;
  static constexpr LoadWindow decode([[maybe_unused]] const Words& w) {
    LoadWindow r;
    r.dram_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 32));
    r.dram_stride0 = static_cast<uint32_t>(get_bits(w, 3, 0, 32));
    r.dram_stride1 = static_cast<uint32_t>(get_bits(w, 4, 0, 32));
    r.dram_stride2 = static_cast<uint32_t>(get_bits(w, 5, 0, 32));
    r.ub_addr = static_cast<uint32_t>(get_bits(w, 6, 0, 24));
    r.ub_stride0 = static_cast<uint32_t>(get_bits(w, 7, 0, 24));
    r.ub_stride1 = static_cast<uint32_t>(get_bits(w, 8, 0, 24));
    r.ub_stride2 = static_cast<uint16_t>(get_bits(w, 9, 0, 16));
    r.window_words = static_cast<uint16_t>(get_bits(w, 9, 16, 16));
    r.count0 = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    r.count1 = static_cast<uint16_t>(get_bits(w, 10, 16, 16));
    r.row_bytes = static_cast<uint16_t>(get_bits(w, 11, 0, 16));
    r.windows = static_cast<uint16_t>(get_bits(w, 11, 16, 16));
    r.size = static_cast<uint16_t>(get_bits(w, 12, 0, 16));
    r.step = static_cast<uint16_t>(get_bits(w, 12, 16, 16));
    r.pad_left = static_cast<uint16_t>(get_bits(w, 13, 0, 16));
    r.pad_byte = static_cast<int8_t>(sign_extend(get_bits(w, 13, 16, 8), 8));
    r.lane = static_cast<uint8_t>(get_bits(w, 13, 24, 8));
    r.count2 = static_cast<uint8_t>(get_bits(w, 14, 0, 8));
    r.lane_stride = static_cast<uint8_t>(get_bits(w, 14, 8, 8));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 32, static_cast<uint32_t>(dram_addr));
    set_bits(w, 3, 0, 32, static_cast<uint32_t>(dram_stride0));
    set_bits(w, 4, 0, 32, static_cast<uint32_t>(dram_stride1));
    set_bits(w, 5, 0, 32, static_cast<uint32_t>(dram_stride2));
    set_bits(w, 6, 0, 24, static_cast<uint32_t>(ub_addr));
    set_bits(w, 7, 0, 24, static_cast<uint32_t>(ub_stride0));
    set_bits(w, 8, 0, 24, static_cast<uint32_t>(ub_stride1));
    set_bits(w, 9, 0, 16, static_cast<uint32_t>(ub_stride2));
    set_bits(w, 9, 16, 16, static_cast<uint32_t>(window_words));
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(count0));
    set_bits(w, 10, 16, 16, static_cast<uint32_t>(count1));
    set_bits(w, 11, 0, 16, static_cast<uint32_t>(row_bytes));
    set_bits(w, 11, 16, 16, static_cast<uint32_t>(windows));
    set_bits(w, 12, 0, 16, static_cast<uint32_t>(size));
    set_bits(w, 12, 16, 16, static_cast<uint32_t>(step));
    set_bits(w, 13, 0, 16, static_cast<uint32_t>(pad_left));
    set_bits(w, 13, 16, 8, static_cast<uint32_t>(pad_byte));
    set_bits(w, 13, 24, 8, static_cast<uint32_t>(lane));
    set_bits(w, 14, 0, 8, static_cast<uint32_t>(count2));
    set_bits(w, 14, 8, 8, static_cast<uint32_t>(lane_stride));
  }
};

/// Copy bias and scale rows to the parameter buffer, or 256-entry tables to the table memory.
struct LoadParam {
  static constexpr Opcode kOpcode = Opcode::kLoadParam;
  uint32_t dram_addr = 0;  ///< First DRAM byte.
  uint16_t row = 0;  ///< First parameter row, or first table.
  bool target = false;  ///< 0: parameter buffer. 1: table memory.
  uint16_t count = 1;  ///< Parameter rows, or tables.
  bool operator==(const LoadParam&) const = default;
  static constexpr LoadParam decode([[maybe_unused]] const Words& w) {
    LoadParam r;
    r.dram_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 32));
    r.row = static_cast<uint16_t>(get_bits(w, 6, 0, 16));
    r.target = get_bits(w, 6, 31, 1) != 0;
    r.count = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 32, static_cast<uint32_t>(dram_addr));
    set_bits(w, 6, 0, 16, static_cast<uint32_t>(row));
    set_bits(w, 6, 31, 1, static_cast<uint32_t>(target));
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(count));
  }
};

/// Wait and signal, nothing else.
struct SyncLdw {
  static constexpr Opcode kOpcode = Opcode::kSyncLdw;
  bool operator==(const SyncLdw&) const = default;
  static constexpr SyncLdw decode([[maybe_unused]] const Words& w) {
    SyncLdw r;
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
  }
};

/// Append weight tiles to the weight buffer ring from one contiguous stream: tile by tile, row by row, or the diagonals of depthwise tiles.
struct LoadWeights {
  static constexpr Opcode kOpcode = Opcode::kLoadWeights;
  uint32_t dram_addr = 0;  ///< First DRAM byte.
  uint32_t stream_bytes = 0;  ///< Bytes of the stream if it has holes or prefixes; else 0: they follow from the shape.
  std::array<uint32_t, 8> holes{};  ///< Tiles that are zeros and not in the stream: bit t % 32 of word t / 32 is tile t.
  uint16_t positions = 1;  ///< Kernel positions.
  uint16_t channels = 1;  ///< Input channels of a position; they are cut into groups as UB words are.
  uint16_t cols = 1;  ///< Weights of a tile row; at most COLS. Diagonal: weights of a position.
  bool diagonal = false;  ///< 1: each position gives the diagonals of its tiles; the channels are those of one UB word.
  uint8_t narrow = 0;  ///< Weights in DRAM have 8 >> narrow bits; if narrow exceeds pack, at least precision.weight_bits.
  uint8_t pack = 0;  ///< A byte of a tile holds 1 << pack weights of 8 >> pack bits, at least precision.activation_bits; at most narrow. Diagonal: 0.
  bool codebook = false;  ///< 1: the fields, of 4 bits, are indices of the codebook: narrow is 1, pack 0, and precision.codebook is 1.
  bool bitmask = false;  ///< 1: masks and the weights that they name; narrow is 0, and sparsity.bitmask is 1.
  bool structured = false;  ///< 1: two weights of four, and which; pack is 1 at most, and sparsity.structured is 1.
  uint8_t first = 0;  ///< Diagonal: channel of column 0; first + cols is at most channels. Else 0.
  bool operator==(const LoadWeights&) const = default;
  static constexpr LoadWeights decode([[maybe_unused]] const Words& w) {
    LoadWeights r;
    r.dram_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 32));
    r.stream_bytes = static_cast<uint32_t>(get_bits(w, 3, 0, 32));
    r.holes = {w[4], w[5], w[6], w[7], w[8], w[9], w[12], w[13]};
    r.positions = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    r.channels = static_cast<uint16_t>(get_bits(w, 10, 16, 16));
    r.cols = static_cast<uint16_t>(get_bits(w, 11, 0, 16));
    r.diagonal = get_bits(w, 11, 16, 1) != 0;
    r.narrow = static_cast<uint8_t>(get_bits(w, 11, 17, 2));
    r.pack = static_cast<uint8_t>(get_bits(w, 11, 19, 2));
    r.codebook = get_bits(w, 11, 21, 1) != 0;
    r.bitmask = get_bits(w, 11, 22, 1) != 0;
    r.structured = get_bits(w, 11, 23, 1) != 0;
    r.first = static_cast<uint8_t>(get_bits(w, 11, 24, 8));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 32, static_cast<uint32_t>(dram_addr));
    set_bits(w, 3, 0, 32, static_cast<uint32_t>(stream_bytes));
    w[4] = holes[0];
    w[5] = holes[1];
    w[6] = holes[2];
    w[7] = holes[3];
    w[8] = holes[4];
    w[9] = holes[5];
    w[12] = holes[6];
    w[13] = holes[7];
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(positions));
    set_bits(w, 10, 16, 16, static_cast<uint32_t>(channels));
    set_bits(w, 11, 0, 16, static_cast<uint32_t>(cols));
    set_bits(w, 11, 16, 1, static_cast<uint32_t>(diagonal));
    set_bits(w, 11, 17, 2, static_cast<uint32_t>(narrow));
    set_bits(w, 11, 19, 2, static_cast<uint32_t>(pack));
    set_bits(w, 11, 21, 1, static_cast<uint32_t>(codebook));
    set_bits(w, 11, 22, 1, static_cast<uint32_t>(bitmask));
    set_bits(w, 11, 23, 1, static_cast<uint32_t>(structured));
    set_bits(w, 11, 24, 8, static_cast<uint32_t>(first));
  }
};

/// Load the codebook, the 16 weights that load_weights expands indices to. It starts as zeros.
struct LoadCodebook {
  static constexpr Opcode kOpcode = Opcode::kLoadCodebook;
  uint32_t dram_addr = 0;  ///< First DRAM byte.
  bool operator==(const LoadCodebook&) const = default;
  static constexpr LoadCodebook decode([[maybe_unused]] const Words& w) {
    LoadCodebook r;
    r.dram_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 32));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 32, static_cast<uint32_t>(dram_addr));
  }
};

/// Wait and signal, nothing else.
struct SyncSto {
  static constexpr Opcode kOpcode = Opcode::kSyncSto;
  bool operator==(const SyncSto&) const = default;
  static constexpr SyncSto decode([[maybe_unused]] const Words& w) {
    SyncSto r;
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
  }
};

/// Copy activations from the unified buffer to DRAM: load with source and destination exchanged.
struct Store {
  static constexpr Opcode kOpcode = Opcode::kStore;
  uint32_t dram_addr = 0;  ///< First DRAM byte.
  uint32_t dram_stride0 = 0;  ///< DRAM bytes between steps of the outermost loop.
  uint32_t dram_stride1 = 0;  ///< DRAM bytes between steps of the middle loop.
  uint32_t dram_stride2 = 0;  ///< DRAM bytes between steps of the innermost loop.
  uint32_t ub_addr = 0;  ///< First UB word.
  uint32_t ub_stride0 = 0;  ///< UB words between steps of the outermost loop.
  uint32_t ub_stride1 = 0;  ///< UB words between steps of the middle loop.
  uint32_t ub_stride2 = 0;  ///< UB words between steps of the innermost loop.
  uint16_t count0 = 1;  ///< Steps of the outermost loop.
  uint16_t count1 = 1;  ///< Steps of the middle loop.
  uint16_t count2 = 1;  ///< Steps of the innermost loop.
  uint16_t pixels = 1;  ///< Pixels of one contiguous run of DRAM.
  uint16_t pixel_bytes = 1;  ///< Bytes of one pixel; a pixel starts a new UB word.
  uint16_t ub_pixel_stride = 0;  ///< UB words between pixels.
  bool operator==(const Store&) const = default;
  static constexpr Store decode([[maybe_unused]] const Words& w) {
    Store r;
    r.dram_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 32));
    r.dram_stride0 = static_cast<uint32_t>(get_bits(w, 3, 0, 32));
    r.dram_stride1 = static_cast<uint32_t>(get_bits(w, 4, 0, 32));
    r.dram_stride2 = static_cast<uint32_t>(get_bits(w, 5, 0, 32));
    r.ub_addr = static_cast<uint32_t>(get_bits(w, 6, 0, 24));
    r.ub_stride0 = static_cast<uint32_t>(get_bits(w, 7, 0, 24));
    r.ub_stride1 = static_cast<uint32_t>(get_bits(w, 8, 0, 24));
    r.ub_stride2 = static_cast<uint32_t>(get_bits(w, 9, 0, 24));
    r.count0 = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    r.count1 = static_cast<uint16_t>(get_bits(w, 10, 16, 16));
    r.count2 = static_cast<uint16_t>(get_bits(w, 11, 0, 16));
    r.pixels = static_cast<uint16_t>(get_bits(w, 11, 16, 16));
    r.pixel_bytes = static_cast<uint16_t>(get_bits(w, 12, 0, 16));
    r.ub_pixel_stride = static_cast<uint16_t>(get_bits(w, 12, 16, 16));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 32, static_cast<uint32_t>(dram_addr));
    set_bits(w, 3, 0, 32, static_cast<uint32_t>(dram_stride0));
    set_bits(w, 4, 0, 32, static_cast<uint32_t>(dram_stride1));
    set_bits(w, 5, 0, 32, static_cast<uint32_t>(dram_stride2));
    set_bits(w, 6, 0, 24, static_cast<uint32_t>(ub_addr));
    set_bits(w, 7, 0, 24, static_cast<uint32_t>(ub_stride0));
    set_bits(w, 8, 0, 24, static_cast<uint32_t>(ub_stride1));
    set_bits(w, 9, 0, 24, static_cast<uint32_t>(ub_stride2));
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(count0));
    set_bits(w, 10, 16, 16, static_cast<uint32_t>(count1));
    set_bits(w, 11, 0, 16, static_cast<uint32_t>(count2));
    set_bits(w, 11, 16, 16, static_cast<uint32_t>(pixels));
    set_bits(w, 12, 0, 16, static_cast<uint32_t>(pixel_bytes));
    set_bits(w, 12, 16, 16, static_cast<uint32_t>(ub_pixel_stride));
  }
};

}  // namespace systole::isa
