// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <array>

namespace systole::isa {

/// The parameters of the hardware that program and RTL are built for (docs/configuration.md).
struct HwParams {
  int rows = 16;  ///< array.rows: Rows of processing elements: input channels of one pass (K).
  int cols = 16;  ///< array.cols: Columns of processing elements: output channels of one pass (N).
  int ub_kib = 256;  ///< ub.kib: Unified buffer in KiB. A word has max(rows, cols) byte lanes (see sparsity.structured), stored in the next power of two bytes; the words must divide evenly into the banks.
  int ub_banks = 4;  ///< ub.banks: Unified buffer banks, by address range; each has one read and one write port.
  int wb_tiles = 8;  ///< wb.tiles: Weight tiles the ring holds.
  int acc_rows = 1024;  ///< acc.rows: Accumulator rows of cols 32-bit sums, in two banks; even.
  int pb_rows = 64;  ///< pb.rows: Parameter rows of cols 32-bit values.
  int axi_bits = 512;  ///< axi.data_bits: Width of the AXI data bus.
  int burst_beats = 8;  ///< axi.burst_beats: Beats of the longest burst; data_bits/8 * burst_beats must not exceed 4096.
  int outstanding = 8;  ///< axi.outstanding: Bursts that each DMA engine may have in flight, and burst slots of its buffer; fetch has no more than it needs.
  int queue_depth = 8;  ///< queue.depth: Instructions that each unit's queue holds.
  int weight_bits = 8;  ///< precision.weight_bits: Bits of the narrowest weights that the weight DMA expands to bytes: 8, 4, 2 or 1; it takes all widths from there to 8.
  int act_bits = 8;  ///< precision.activation_bits: Bits of the narrowest activations: 8, 4, 2 or 1. The array multiplies bytes of such values, and of all wider ones, and the vector unit reads and writes them. Of widths whose values do not fill bytes with array.cols of them none is built.
  int codebook = 0;  ///< precision.codebook: 1: the weight DMA expands indices of 4 bits by a codebook of 16 weights.
  int bitmask = 0;  ///< sparsity.bitmask: 1: the weight DMA expands rows of weights that are stored as a mask and the weights that are not zero.
  int structured = 0;  ///< sparsity.structured: 1: the array takes two of four channels (2:4): each processing element selects one of four activations, or two narrow ones. A UB word has 2 * array.rows lanes at least; array.rows must be even.
  bool operator==(const HwParams&) const = default;
};

/// Key, member and legal range of a hardware parameter.
struct HwParamInfo {
  const char* key; const char* sv_name; int HwParams::*member; int min; int max; bool pow2; const char* doc;
};
inline constexpr std::array<HwParamInfo, 16> kHwParams{{
    {"array.rows", "ROWS", &HwParams::rows, 1, 256, false, "Rows of processing elements: input channels of one pass (K)."},
    {"array.cols", "COLS", &HwParams::cols, 1, 256, false, "Columns of processing elements: output channels of one pass (N)."},
    {"ub.kib", "UB_KIB", &HwParams::ub_kib, 1, 65536, false, "Unified buffer in KiB. A word has max(rows, cols) byte lanes (see sparsity.structured), stored in the next power of two bytes; the words must divide evenly into the banks."},
    {"ub.banks", "UB_BANKS", &HwParams::ub_banks, 1, 16, true, "Unified buffer banks, by address range; each has one read and one write port."},
    {"wb.tiles", "WB_TILES", &HwParams::wb_tiles, 2, 256, false, "Weight tiles the ring holds."},
    {"acc.rows", "ACC_ROWS", &HwParams::acc_rows, 2, 65536, false, "Accumulator rows of cols 32-bit sums, in two banks; even."},
    {"pb.rows", "PB_ROWS", &HwParams::pb_rows, 2, 4096, false, "Parameter rows of cols 32-bit values."},
    {"axi.data_bits", "AXI_BITS", &HwParams::axi_bits, 32, 512, true, "Width of the AXI data bus."},
    {"axi.burst_beats", "BURST_BEATS", &HwParams::burst_beats, 1, 256, true, "Beats of the longest burst; data_bits/8 * burst_beats must not exceed 4096."},
    {"axi.outstanding", "OUTSTANDING", &HwParams::outstanding, 1, 64, false, "Bursts that each DMA engine may have in flight, and burst slots of its buffer; fetch has no more than it needs."},
    {"queue.depth", "QUEUE_DEPTH", &HwParams::queue_depth, 1, 64, false, "Instructions that each unit's queue holds."},
    {"precision.weight_bits", "WEIGHT_BITS", &HwParams::weight_bits, 1, 8, true, "Bits of the narrowest weights that the weight DMA expands to bytes: 8, 4, 2 or 1; it takes all widths from there to 8."},
    {"precision.activation_bits", "ACT_BITS", &HwParams::act_bits, 1, 8, true, "Bits of the narrowest activations: 8, 4, 2 or 1. The array multiplies bytes of such values, and of all wider ones, and the vector unit reads and writes them. Of widths whose values do not fill bytes with array.cols of them none is built."},
    {"precision.codebook", "CODEBOOK", &HwParams::codebook, 0, 1, false, "1: the weight DMA expands indices of 4 bits by a codebook of 16 weights."},
    {"sparsity.bitmask", "BITMASK", &HwParams::bitmask, 0, 1, false, "1: the weight DMA expands rows of weights that are stored as a mask and the weights that are not zero."},
    {"sparsity.structured", "STRUCTURED", &HwParams::structured, 0, 1, false, "1: the array takes two of four channels (2:4): each processing element selects one of four activations, or two narrow ones. A UB word has 2 * array.rows lanes at least; array.rows must be even."},
}};

}  // namespace systole::isa
