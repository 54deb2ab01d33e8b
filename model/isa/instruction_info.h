// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "model/isa/instructions.h"
#include "model/isa/names.h"

namespace systole::isa {

enum class FieldKind : uint8_t { kUnsigned, kSigned, kFloat };

/// Place, kind and legal range of a field (kFloat: range unused).
struct FieldInfo {
  const char* name; uint8_t word; uint8_t lsb; uint8_t width; FieldKind kind;
  int64_t min; int64_t max; const char* doc;
};

/// Name, opcode, unit, fields and used bits of an instruction.
struct InstructionInfo {
  const char* name; Opcode opcode; Unit unit; const char* summary;
  std::span<const FieldInfo> fields; Words used;
};

inline constexpr std::array<FieldInfo, 4> kHeaderFields{{
    {"opcode", 0, 0, 8, FieldKind::kUnsigned, 0, 255, "High nibble: unit. Low nibble: operation."},
    {"tag", 0, 16, 16, FieldKind::kUnsigned, 0, 65535, "Free label (the compiler's layer number); appears in the retire log."},
    {"wait", 1, 0, 16, FieldKind::kUnsigned, 0, 65535, "Wait set: bit p takes one token from semaphore (p, this unit)."},
    {"signal", 1, 16, 16, FieldKind::kUnsigned, 0, 65535, "Signal set: bit c gives one token to semaphore (this unit, c) when the instruction ends."},
}};
inline constexpr std::array<FieldInfo, 14> kLoadFields{{
    {"dram_addr", 2, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "First DRAM byte."},
    {"dram_stride0", 3, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the outermost loop."},
    {"dram_stride1", 4, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the middle loop."},
    {"dram_stride2", 5, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the innermost loop."},
    {"ub_addr", 6, 0, 24, FieldKind::kUnsigned, 0, 16777215, "First UB word."},
    {"ub_stride0", 7, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the outermost loop."},
    {"ub_stride1", 8, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the middle loop."},
    {"ub_stride2", 9, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the innermost loop."},
    {"count0", 10, 0, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the outermost loop."},
    {"count1", 10, 16, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the middle loop."},
    {"count2", 11, 0, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the innermost loop."},
    {"pixels", 11, 16, 16, FieldKind::kUnsigned, 1, 65535, "Pixels of one contiguous run of DRAM."},
    {"pixel_bytes", 12, 0, 16, FieldKind::kUnsigned, 1, 65535, "Bytes of one pixel; a pixel starts a new UB word."},
    {"ub_pixel_stride", 12, 16, 16, FieldKind::kUnsigned, 0, 65535, "UB words between pixels."},
}};
inline constexpr std::array<FieldInfo, 20> kLoadWindowFields{{
    {"dram_addr", 2, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "First DRAM byte."},
    {"dram_stride0", 3, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the outer loop."},
    {"dram_stride1", 4, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the middle loop."},
    {"dram_stride2", 5, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between rows that are packed together."},
    {"ub_addr", 6, 0, 24, FieldKind::kUnsigned, 0, 16777215, "First UB word."},
    {"ub_stride0", 7, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the outer loop."},
    {"ub_stride1", 8, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the middle loop."},
    {"ub_stride2", 9, 0, 16, FieldKind::kUnsigned, 0, 65535, "Whole UB words between rows that are packed together."},
    {"window_words", 9, 16, 16, FieldKind::kUnsigned, 1, 65535, "UB words between windows."},
    {"count0", 10, 0, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the outer loop."},
    {"count1", 10, 16, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the middle loop."},
    {"row_bytes", 11, 0, 16, FieldKind::kUnsigned, 1, 4096, "Bytes of a row; at most the line buffer."},
    {"windows", 11, 16, 16, FieldKind::kUnsigned, 1, 65535, "Windows of a row."},
    {"size", 12, 0, 16, FieldKind::kUnsigned, 1, 4096, "Bytes of a window."},
    {"step", 12, 16, 16, FieldKind::kUnsigned, 1, 65535, "Bytes between window starts."},
    {"pad_left", 13, 0, 16, FieldKind::kUnsigned, 0, 65535, "Bytes of padding before the row."},
    {"pad_byte", 13, 16, 8, FieldKind::kSigned, -128, 127, "Value of bytes outside the row."},
    {"lane", 13, 24, 8, FieldKind::kUnsigned, 0, 255, "Lane of the first byte of a window; below L."},
    {"count2", 14, 0, 8, FieldKind::kUnsigned, 1, 255, "Rows that are packed together."},
    {"lane_stride", 14, 8, 8, FieldKind::kUnsigned, 0, 255, "Lanes beyond ub_stride2 between rows that are packed together; below L."},
}};
inline constexpr std::array<FieldInfo, 4> kLoadParamFields{{
    {"dram_addr", 2, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "First DRAM byte."},
    {"row", 6, 0, 16, FieldKind::kUnsigned, 0, 65535, "First parameter row, or first table."},
    {"target", 6, 31, 1, FieldKind::kUnsigned, 0, 1, "0: parameter buffer. 1: table memory."},
    {"count", 10, 0, 16, FieldKind::kUnsigned, 1, 65535, "Parameter rows, or tables."},
}};
inline constexpr std::array<FieldInfo, 20> kLoadWeightsFields{{
    {"dram_addr", 2, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "First DRAM byte."},
    {"stream_bytes", 3, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "Bytes of the stream if it has holes or prefixes; else 0: they follow from the shape."},
    {"holes0", 4, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "Tiles that are zeros and not in the stream: bit t % 32 of word t / 32 is tile t."},
    {"holes1", 5, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "Tiles that are zeros and not in the stream: bit t % 32 of word t / 32 is tile t."},
    {"holes2", 6, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "Tiles that are zeros and not in the stream: bit t % 32 of word t / 32 is tile t."},
    {"holes3", 7, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "Tiles that are zeros and not in the stream: bit t % 32 of word t / 32 is tile t."},
    {"holes4", 8, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "Tiles that are zeros and not in the stream: bit t % 32 of word t / 32 is tile t."},
    {"holes5", 9, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "Tiles that are zeros and not in the stream: bit t % 32 of word t / 32 is tile t."},
    {"holes6", 12, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "Tiles that are zeros and not in the stream: bit t % 32 of word t / 32 is tile t."},
    {"holes7", 13, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "Tiles that are zeros and not in the stream: bit t % 32 of word t / 32 is tile t."},
    {"positions", 10, 0, 16, FieldKind::kUnsigned, 1, 65535, "Kernel positions."},
    {"channels", 10, 16, 16, FieldKind::kUnsigned, 1, 65535, "Input channels of a position; they are cut into groups as UB words are."},
    {"cols", 11, 0, 16, FieldKind::kUnsigned, 1, 65535, "Weights of a tile row; at most COLS. Diagonal: weights of a position."},
    {"diagonal", 11, 16, 1, FieldKind::kUnsigned, 0, 1, "1: each position gives the diagonals of its tiles; the channels are those of one UB word."},
    {"narrow", 11, 17, 2, FieldKind::kUnsigned, 0, 3, "Weights in DRAM have 8 >> narrow bits; if narrow exceeds pack, at least precision.weight_bits."},
    {"pack", 11, 19, 2, FieldKind::kUnsigned, 0, 3, "A byte of a tile holds 1 << pack weights of 8 >> pack bits, at least precision.activation_bits; at most narrow. Diagonal: 0."},
    {"codebook", 11, 21, 1, FieldKind::kUnsigned, 0, 1, "1: the fields, of 4 bits, are indices of the codebook: narrow is 1, pack 0, and precision.codebook is 1."},
    {"bitmask", 11, 22, 1, FieldKind::kUnsigned, 0, 1, "1: masks and the weights that they name; narrow is 0, and sparsity.bitmask is 1."},
    {"structured", 11, 23, 1, FieldKind::kUnsigned, 0, 1, "1: two weights of four, and which; pack is 1 at most, and sparsity.structured is 1."},
    {"first", 11, 24, 8, FieldKind::kUnsigned, 0, 255, "Diagonal: channel of column 0; first + cols is at most channels. Else 0."},
}};
inline constexpr std::array<FieldInfo, 1> kLoadCodebookFields{{
    {"dram_addr", 2, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "First DRAM byte."},
}};
inline constexpr std::array<FieldInfo, 25> kMatmulFields{{
    {"ub_addr", 2, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB word of input row 0, column 0, first channel word."},
    {"accumulate", 2, 24, 1, FieldKind::kUnsigned, 0, 1, "1: the first tile adds to ACC instead of overwriting it."},
    {"keep", 2, 25, 1, FieldKind::kUnsigned, 0, 1, "1: the tiles stay in the ring for the next instruction."},
    {"ub_stride0", 3, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between batch items."},
    {"ub_stride1", 4, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between input rows."},
    {"ub_stride2", 5, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between input columns."},
    {"h0", 6, 0, 16, FieldKind::kSigned, -32768, 32767, "Input row of output row 0, kernel row 0."},
    {"w0", 6, 16, 16, FieldKind::kSigned, -32768, 32767, "Input column of output column 0, kernel column 0."},
    {"height", 7, 0, 16, FieldKind::kUnsigned, 1, 65535, "Input rows held in UB; outside them is padding."},
    {"width", 7, 16, 16, FieldKind::kUnsigned, 1, 65535, "Input columns held in UB; outside them is padding."},
    {"n", 8, 0, 16, FieldKind::kUnsigned, 1, 65535, "Batch items."},
    {"oh", 8, 16, 16, FieldKind::kUnsigned, 1, 65535, "Output rows."},
    {"ow", 9, 0, 16, FieldKind::kUnsigned, 1, 65535, "Output columns."},
    {"channels", 9, 16, 16, FieldKind::kUnsigned, 1, 65535, "Lanes (bytes) of input channels, as expanded, from lane 0 of the first word."},
    {"kh", 10, 0, 8, FieldKind::kUnsigned, 1, 255, "Kernel rows."},
    {"kw", 10, 8, 8, FieldKind::kUnsigned, 1, 255, "Kernel columns."},
    {"stride_h", 10, 16, 8, FieldKind::kUnsigned, 1, 255, "Row stride."},
    {"stride_w", 10, 24, 8, FieldKind::kUnsigned, 1, 255, "Column stride."},
    {"dil_h", 11, 0, 8, FieldKind::kUnsigned, 1, 255, "Row dilation."},
    {"dil_w", 11, 8, 8, FieldKind::kUnsigned, 1, 255, "Column dilation."},
    {"pad_byte", 11, 16, 8, FieldKind::kSigned, -128, 127, "Activation byte outside the input, as expanded."},
    {"narrow", 11, 24, 2, FieldKind::kUnsigned, 0, 3, "The array multiplies activations and weights of 8 >> narrow bits, at least precision.activation_bits."},
    {"structured", 11, 26, 1, FieldKind::kUnsigned, 0, 1, "1: the tiles select two channels of four; narrow is 1 at most, and sparsity.structured is 1."},
    {"expand", 11, 27, 2, FieldKind::kUnsigned, 0, 3, "Activations have 8 >> (narrow + expand) bits in UB, at least precision.activation_bits, and are expanded."},
    {"acc_addr", 12, 0, 16, FieldKind::kUnsigned, 0, 65535, "First ACC row."},
}};
inline constexpr std::array<FieldInfo, 35> kVectorFields{{
    {"src_addr", 2, 0, 24, FieldKind::kUnsigned, 0, 16777215, "Word (UB) or row (ACC) of source row 0, column 0."},
    {"src_ub", 2, 24, 1, FieldKind::kUnsigned, 0, 1, "0: the source is ACC. 1: the source is UB."},
    {"reduce_sum", 2, 25, 1, FieldKind::kUnsigned, 0, 1, "0: maximum over the window. 1: sum over it."},
    {"residual", 2, 26, 1, FieldKind::kUnsigned, 0, 1, "1: a second operand is read from UB."},
    {"src_narrow", 2, 27, 2, FieldKind::kUnsigned, 0, 3, "A UB source has values of 8 >> src_narrow bits, at least precision.activation_bits."},
    {"res_narrow", 2, 29, 2, FieldKind::kUnsigned, 0, 3, "The residual has values of 8 >> res_narrow bits, at least precision.activation_bits."},
    {"src_stride0", 3, 0, 24, FieldKind::kUnsigned, 0, 16777215, "Source words between batch items."},
    {"pad_byte", 3, 24, 8, FieldKind::kSigned, -128, 127, "Padding value of a sum."},
    {"src_stride1", 4, 0, 16, FieldKind::kUnsigned, 0, 65535, "Source words between rows."},
    {"src_stride2", 4, 16, 16, FieldKind::kUnsigned, 0, 65535, "Source words between columns."},
    {"dst_addr", 5, 0, 24, FieldKind::kUnsigned, 0, 16777215, "First UB word written."},
    {"dst_slice", 5, 24, 8, FieldKind::kUnsigned, 0, 255, "Slice of COLS lanes written."},
    {"dst_stride0", 6, 0, 24, FieldKind::kUnsigned, 0, 16777215, "Destination words between batch items."},
    {"src_slice", 6, 24, 8, FieldKind::kUnsigned, 0, 255, "Slice of COLS lanes read (UB source)."},
    {"dst_stride1", 7, 0, 16, FieldKind::kUnsigned, 0, 65535, "Destination words between rows."},
    {"dst_stride2", 7, 16, 16, FieldKind::kUnsigned, 0, 65535, "Destination words between columns."},
    {"res_addr", 8, 0, 24, FieldKind::kUnsigned, 0, 16777215, "First UB word of the residual."},
    {"res_slice", 8, 24, 8, FieldKind::kUnsigned, 0, 255, "Slice of COLS lanes of the residual."},
    {"res_stride0", 9, 0, 24, FieldKind::kUnsigned, 0, 16777215, "Residual words between batch items."},
    {"lanes_m1", 9, 24, 8, FieldKind::kUnsigned, 0, 255, "Lanes written, less one."},
    {"res_stride1", 10, 0, 16, FieldKind::kUnsigned, 0, 65535, "Residual words between rows."},
    {"res_stride2", 10, 16, 16, FieldKind::kUnsigned, 0, 65535, "Residual words between columns."},
    {"h0", 11, 0, 16, FieldKind::kSigned, -32768, 32767, "Source row of output row 0, window row 0."},
    {"w0", 11, 16, 16, FieldKind::kSigned, -32768, 32767, "Source column of output column 0, window column 0."},
    {"height", 12, 0, 16, FieldKind::kUnsigned, 1, 65535, "Source rows; outside them is padding."},
    {"width", 12, 16, 16, FieldKind::kUnsigned, 1, 65535, "Source columns; outside them is padding."},
    {"n", 13, 0, 16, FieldKind::kUnsigned, 1, 65535, "Batch items."},
    {"oh", 13, 16, 16, FieldKind::kUnsigned, 1, 65535, "Output rows."},
    {"ow", 14, 0, 16, FieldKind::kUnsigned, 1, 65535, "Output columns."},
    {"param_row", 14, 16, 14, FieldKind::kUnsigned, 0, 16383, "Parameter row of the bias; the scale is in the next."},
    {"dst_narrow", 14, 30, 2, FieldKind::kUnsigned, 0, 3, "Results are written with 8 >> dst_narrow bits, at least precision.activation_bits."},
    {"kh", 15, 0, 8, FieldKind::kUnsigned, 1, 255, "Window rows."},
    {"kw", 15, 8, 8, FieldKind::kUnsigned, 1, 255, "Window columns."},
    {"stride_h", 15, 16, 8, FieldKind::kUnsigned, 1, 255, "Row stride."},
    {"stride_w", 15, 24, 8, FieldKind::kUnsigned, 1, 255, "Column stride."},
}};
inline constexpr std::array<FieldInfo, 15> kVectorSetFields{{
    {"two_roundings", 2, 0, 1, FieldKind::kUnsigned, 0, 1, "Residual form. 0: one rounding. 1: two."},
    {"use_table", 2, 1, 1, FieldKind::kUnsigned, 0, 1, "1: the result goes through a table."},
    {"table_index", 2, 2, 2, FieldKind::kUnsigned, 0, 3, "Which of the four tables."},
    {"multiply", 2, 4, 1, FieldKind::kUnsigned, 0, 1, "How a residual enters. 0: it is added. 1: it multiplies."},
    {"one_byte", 2, 5, 1, FieldKind::kUnsigned, 0, 1, "What is scaled. 0: the sum. 1: one of its four bytes, so that four passes store it whole."},
    {"byte_index", 2, 6, 2, FieldKind::kUnsigned, 0, 3, "Which byte of the sum, from the lowest."},
    {"out_zero", 3, 0, 8, FieldKind::kSigned, -128, 127, "Zero point of the result."},
    {"clamp_lo", 3, 8, 8, FieldKind::kSigned, -128, 127, "Least result."},
    {"clamp_hi", 3, 16, 8, FieldKind::kSigned, -128, 127, "Greatest result."},
    {"mid_zero", 4, 0, 8, FieldKind::kSigned, -128, 127, "Zero point after the first rounding."},
    {"mid_lo", 4, 8, 8, FieldKind::kSigned, -128, 127, "Least value after the first rounding."},
    {"mid_hi", 4, 16, 8, FieldKind::kSigned, -128, 127, "Greatest value after the first rounding."},
    {"res_zero", 4, 24, 8, FieldKind::kSigned, -128, 127, "Zero point of the residual."},
    {"mid_scale", 5, 0, 32, FieldKind::kFloat, 0, 4294967295, "mid_scale: scale after the first rounding over the result's."},
    {"res_scale", 6, 0, 32, FieldKind::kFloat, 0, 4294967295, "res_scale: residual's scale over the result's."},
}};
inline constexpr std::array<FieldInfo, 14> kStoreFields{{
    {"dram_addr", 2, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "First DRAM byte."},
    {"dram_stride0", 3, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the outermost loop."},
    {"dram_stride1", 4, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the middle loop."},
    {"dram_stride2", 5, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the innermost loop."},
    {"ub_addr", 6, 0, 24, FieldKind::kUnsigned, 0, 16777215, "First UB word."},
    {"ub_stride0", 7, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the outermost loop."},
    {"ub_stride1", 8, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the middle loop."},
    {"ub_stride2", 9, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the innermost loop."},
    {"count0", 10, 0, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the outermost loop."},
    {"count1", 10, 16, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the middle loop."},
    {"count2", 11, 0, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the innermost loop."},
    {"pixels", 11, 16, 16, FieldKind::kUnsigned, 1, 65535, "Pixels of one contiguous run of DRAM."},
    {"pixel_bytes", 12, 0, 16, FieldKind::kUnsigned, 1, 65535, "Bytes of one pixel; a pixel starts a new UB word."},
    {"ub_pixel_stride", 12, 16, 16, FieldKind::kUnsigned, 0, 65535, "UB words between pixels."},
}};
inline constexpr std::array<InstructionInfo, 14> kInstructions{{
    {"sync_lda", Opcode::kSyncLda, Unit::kLda, "Wait and signal, nothing else.", {}, {{0xffff00ffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"load", Opcode::kLoad, Unit::kLda, "Copy activations from DRAM to the unified buffer, pixel by pixel.", kLoadFields, {{0xffff00ffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"load_window", Opcode::kLoadWindow, Unit::kLda, "Read rows once and write overlapping windows of them: packs kernel rows, kernel columns and channels of a first layer into lanes.", kLoadWindowFields, {{0xffff00ffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x0000ffffu, 0x00000000u}}},
    {"load_param", Opcode::kLoadParam, Unit::kLda, "Copy bias and scale rows to the parameter buffer, or 256-entry tables to the table memory.", kLoadParamFields, {{0xffff00ffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x8000ffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x0000ffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"sync_ldw", Opcode::kSyncLdw, Unit::kLdw, "Wait and signal, nothing else.", {}, {{0xffff00ffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"load_weights", Opcode::kLoadWeights, Unit::kLdw, "Append weight tiles to the weight buffer ring from one contiguous stream: tile by tile, row by row, or the diagonals of depthwise tiles.", kLoadWeightsFields, {{0xffff00ffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u}}},
    {"load_codebook", Opcode::kLoadCodebook, Unit::kLdw, "Load the codebook, the 16 weights that load_weights expands indices to. It starts as zeros.", kLoadCodebookFields, {{0xffff00ffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"sync_mxu", Opcode::kSyncMxu, Unit::kMxu, "Wait and signal, nothing else.", {}, {{0xffff00ffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"matmul", Opcode::kMatmul, Unit::kMxu, "One output tile of an implicit-GEMM convolution: one weight tile for each kernel position and channel group.", kMatmulFields, {{0xffff00ffu, 0xffffffffu, 0x03ffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x1fffffffu, 0x0000ffffu, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"sync_vpu", Opcode::kSyncVpu, Unit::kVpu, "Wait and signal, nothing else.", {}, {{0xffff00ffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"vector", Opcode::kVector, Unit::kVpu, "One column tile through the vector pipeline: window reduction, bias, scale, residual (added or multiplied), clamp, table, to UB.", kVectorFields, {{0xffff00ffu, 0xffffffffu, 0x7fffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu}}},
    {"vector_set", Opcode::kVectorSet, Unit::kVpu, "Set the scalars of the vector pipeline for the instructions that follow. They start undefined.", kVectorSetFields, {{0xffff00ffu, 0xffffffffu, 0x000000ffu, 0x00ffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"sync_sto", Opcode::kSyncSto, Unit::kSto, "Wait and signal, nothing else.", {}, {{0xffff00ffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"store", Opcode::kStore, Unit::kSto, "Copy activations from the unified buffer to DRAM: load with source and destination exchanged.", kStoreFields, {{0xffff00ffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u}}},
}};

/// The description of an opcode, or null.
constexpr const InstructionInfo* find_instruction(uint8_t opcode) {
  for (const auto& info : kInstructions)
    if (static_cast<uint8_t>(info.opcode) == opcode) return &info;
  return nullptr;
}


}  // namespace systole::isa
