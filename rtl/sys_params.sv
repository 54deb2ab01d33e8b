// SPDX-License-Identifier: Apache-2.0
// Elaboration checks of the configuration: what must fit together (model/arch/geometry.cpp, check_params); no logic.
//
// The range of each option by itself: sys_ranges.

module sys_params #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default
) ();

  localparam int unsigned Words = sys_geom_pkg::ub_words(CFG);

  sys_ranges #(.CFG(CFG)) u_ranges ();

  if (Words > 1 << 24) begin : gen_ub_kib
    $error("UB_KIB gives more than 2^24 words");
  end
  if (Words % CFG.ub_banks != 0) begin : gen_ub_banks
    $error("UB_BANKS does not divide the words of the unified buffer");
  end
  if (CFG.acc_rows % 2 != 0) begin : gen_acc_rows
    $error("ACC_ROWS is odd");
  end
  if (CFG.axi_bits / 8 * CFG.burst_beats > 4096) begin : gen_burst_beats
    $error("BURST_BEATS gives more than 4096 bytes in a burst");
  end
  if (CFG.structured != 0 && (CFG.rows % 2 != 0 || CFG.rows > 128)) begin : gen_structured
    $error("ROWS is odd or above 128 beside STRUCTURED");
  end

endmodule
