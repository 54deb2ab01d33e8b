// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.

// Elaboration checks: each hardware option is in its range; no logic.

module sys_ranges #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default
) ();

  if (CFG.rows < 1 || CFG.rows > 256) begin : gen_rows
    $error("ROWS is outside 1..256");
  end
  if (CFG.cols < 1 || CFG.cols > 256) begin : gen_cols
    $error("COLS is outside 1..256");
  end
  if (CFG.ub_kib < 1 || CFG.ub_kib > 65536) begin : gen_ub_kib
    $error("UB_KIB is outside 1..65536");
  end
  if (CFG.ub_banks < 1 || CFG.ub_banks > 16 || CFG.ub_banks != 1 << $clog2(CFG.ub_banks)) begin : gen_ub_banks
    $error("UB_BANKS is not a power of two in 1..16");
  end
  if (CFG.wb_tiles < 2 || CFG.wb_tiles > 256) begin : gen_wb_tiles
    $error("WB_TILES is outside 2..256");
  end
  if (CFG.acc_rows < 2 || CFG.acc_rows > 65536) begin : gen_acc_rows
    $error("ACC_ROWS is outside 2..65536");
  end
  if (CFG.pb_rows < 2 || CFG.pb_rows > 4096) begin : gen_pb_rows
    $error("PB_ROWS is outside 2..4096");
  end
  if (CFG.axi_bits < 32 || CFG.axi_bits > 512 || CFG.axi_bits != 1 << $clog2(CFG.axi_bits)) begin : gen_axi_bits
    $error("AXI_BITS is not a power of two in 32..512");
  end
  if (CFG.burst_beats < 1 ||
      CFG.burst_beats > 256 ||
      CFG.burst_beats != 1 << $clog2(CFG.burst_beats)) begin : gen_burst_beats
    $error("BURST_BEATS is not a power of two in 1..256");
  end
  if (CFG.outstanding < 1 || CFG.outstanding > 64) begin : gen_outstanding
    $error("OUTSTANDING is outside 1..64");
  end
  if (CFG.queue_depth < 1 || CFG.queue_depth > 64) begin : gen_queue_depth
    $error("QUEUE_DEPTH is outside 1..64");
  end
  if (CFG.weight_bits < 1 ||
      CFG.weight_bits > 8 ||
      CFG.weight_bits != 1 << $clog2(CFG.weight_bits)) begin : gen_weight_bits
    $error("WEIGHT_BITS is not a power of two in 1..8");
  end
  if (CFG.act_bits < 1 || CFG.act_bits > 8 || CFG.act_bits != 1 << $clog2(CFG.act_bits)) begin : gen_act_bits
    $error("ACT_BITS is not a power of two in 1..8");
  end
  if (CFG.codebook > 1) begin : gen_codebook
    $error("CODEBOOK is outside 0..1");
  end
  if (CFG.bitmask > 1) begin : gen_bitmask
    $error("BITMASK is outside 0..1");
  end
  if (CFG.structured > 1) begin : gen_structured
    $error("STRUCTURED is outside 0..1");
  end

endmodule
