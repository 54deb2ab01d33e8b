// SPDX-License-Identifier: Apache-2.0
// Elaboration checks of the hardware parameters (model/arch/geometry.cpp, check_params): no logic.

module sys_params #(
  parameter int unsigned ROWS = 16,
  parameter int unsigned COLS = 16,
  parameter int unsigned UB_KIB = 256,
  parameter int unsigned UB_BANKS = 4,
  parameter int unsigned WB_TILES = 8,
  parameter int unsigned ACC_ROWS = 1024,
  parameter int unsigned PB_ROWS = 64,
  parameter int unsigned AXI_BITS = 512,
  parameter int unsigned BURST_BEATS = 8,
  parameter int unsigned OUTSTANDING = 8,
  parameter int unsigned QUEUE_DEPTH = 8,
  parameter int unsigned WEIGHT_BITS = 8,
  parameter int unsigned ACT_BITS = 8,
  parameter int unsigned CODEBOOK = 0,
  parameter int unsigned BITMASK = 0,
  parameter int unsigned STRUCTURED = 0
) ();

  localparam int unsigned Words =
      sys_geom_pkg::ub_words(UB_KIB, sys_geom_pkg::word_rows(ROWS, STRUCTURED), COLS);

  if (ROWS < 1 || ROWS > 256) begin : gen_rows
    $error("ROWS is outside 1..256");
  end
  if (COLS < 1 || COLS > 256) begin : gen_cols
    $error("COLS is outside 1..256");
  end
  if (UB_KIB < 1 || UB_KIB > 65536 || Words > 1 << 24) begin : gen_ub_kib
    $error("UB_KIB is outside 1..65536 or gives more than 2^24 words");
  end
  if (UB_BANKS < 1 || UB_BANKS > 16 || UB_BANKS != 1 << $clog2(UB_BANKS) ||
      Words % UB_BANKS != 0) begin : gen_ub_banks
    $error("UB_BANKS is not a power of two in 1..16 that divides the words of the unified buffer");
  end
  if (WB_TILES < 2 || WB_TILES > 256) begin : gen_wb_tiles
    $error("WB_TILES is outside 2..256");
  end
  if (ACC_ROWS < 2 || ACC_ROWS > 65536 || ACC_ROWS % 2 != 0) begin : gen_acc_rows
    $error("ACC_ROWS is not an even number in 2..65536");
  end
  if (PB_ROWS < 2 || PB_ROWS > 4096) begin : gen_pb_rows
    $error("PB_ROWS is outside 2..4096");
  end
  if (AXI_BITS < 32 || AXI_BITS > 512 || AXI_BITS != 1 << $clog2(AXI_BITS)) begin : gen_axi_bits
    $error("AXI_BITS is not a power of two in 32..512");
  end
  if (BURST_BEATS < 1 || BURST_BEATS > 256 || BURST_BEATS != 1 << $clog2(BURST_BEATS) ||
      AXI_BITS / 8 * BURST_BEATS > 4096) begin : gen_burst_beats
    $error("BURST_BEATS is not a power of two in 1..256 with at most 4096 bytes in a burst");
  end
  if (OUTSTANDING < 1 || OUTSTANDING > 64) begin : gen_outstanding
    $error("OUTSTANDING is outside 1..64");
  end
  if (QUEUE_DEPTH < 1 || QUEUE_DEPTH > 64) begin : gen_queue_depth
    $error("QUEUE_DEPTH is outside 1..64");
  end
  if (WEIGHT_BITS < 1 || WEIGHT_BITS > 8 || WEIGHT_BITS != 1 << $clog2(WEIGHT_BITS))
  begin : gen_weight_bits
    $error("WEIGHT_BITS is not 1, 2, 4 or 8");
  end
  if (ACT_BITS < 1 || ACT_BITS > 8 || ACT_BITS != 1 << $clog2(ACT_BITS)) begin : gen_act_bits
    $error("ACT_BITS is not 1, 2, 4 or 8");
  end
  if (CODEBOOK > 1 || BITMASK > 1) begin : gen_formats
    $error("CODEBOOK or BITMASK is not 0 or 1");
  end
  if (STRUCTURED > 1 || (STRUCTURED == 1 && (ROWS % 2 != 0 || ROWS > 128))) begin : gen_structured
    $error("STRUCTURED is not 0 or 1, or ROWS is odd or above 128 beside it");
  end

endmodule
