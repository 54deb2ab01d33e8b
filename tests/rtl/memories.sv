// SPDX-License-Identifier: Apache-2.0
// Unified buffer, weight buffer and accumulators side by side, for their bench.

module memories #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned WordBytes = sys_geom_pkg::word_bytes(CFG),
  localparam int unsigned UbAw = sys_geom_pkg::ub_aw(CFG),
  localparam int unsigned AccAw = sys_geom_pkg::idx_width(CFG.acc_rows),
  localparam int unsigned RowW = sys_geom_pkg::idx_width(CFG.rows),
  localparam int unsigned TileW = sys_geom_pkg::idx_width(CFG.wb_tiles),
  localparam int unsigned CountW = $clog2(CFG.wb_tiles + 1)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // Unified buffer
  input  logic                   mxu_req_i,
  input  logic [UbAw-1:0]        mxu_addr_i,
  output logic [8*WordBytes-1:0] mxu_rdata_o,
  input  logic                   vpu_req_i,
  input  logic [UbAw-1:0]        vpu_addr_i,
  output logic [8*WordBytes-1:0] vpu_rdata_o,
  input  logic                   sto_req_i,
  input  logic [UbAw-1:0]        sto_addr_i,
  output logic [8*WordBytes-1:0] sto_rdata_o,
  input  logic                   lda_we_i,
  input  logic [UbAw-1:0]        lda_waddr_i,
  input  logic [8*WordBytes-1:0] lda_wdata_i,
  input  logic [WordBytes-1:0]   lda_wbe_i,
  input  logic                   vpu_we_i,
  input  logic [UbAw-1:0]        vpu_waddr_i,
  input  logic [8*WordBytes-1:0] vpu_wdata_i,
  input  logic [WordBytes-1:0]   vpu_wbe_i,
  // Weight buffer
  output logic                   credit_o,
  input  logic                   take_i,
  input  logic                   we_i,
  input  logic [RowW-1:0]        wrow_i,
  input  logic [8*CFG.cols-1:0]      wdata_i,
  input  logic                   wlast_i,
  output logic [CountW-1:0]      ready_o,
  input  logic                   ren_i,
  input  logic [TileW-1:0]       slot_i,
  input  logic [RowW-1:0]        row_i,
  output logic [8*CFG.cols-1:0]      rdata_o,
  input  logic                   release_i,
  // Accumulators
  input  logic                   row_req_i,
  input  logic [AccAw-1:0]       row_addr_i,
  input  logic                   row_overwrite_i,
  input  logic [32*CFG.cols-1:0]     sum_i,
  input  logic                   acc_req_i,
  input  logic [AccAw-1:0]       acc_addr_i,
  output logic [32*CFG.cols-1:0]     acc_rdata_o
);

  sys_ub #(.CFG(CFG)) u_ub (
    .clk_i, .rst_ni, .mxu_req_i, .mxu_addr_i, .mxu_rdata_o, .vpu_req_i, .vpu_addr_i, .vpu_rdata_o,
    .sto_req_i, .sto_addr_i, .sto_rdata_o, .lda_we_i, .lda_waddr_i, .lda_wdata_i, .lda_wbe_i,
    .vpu_we_i, .vpu_waddr_i, .vpu_wdata_i, .vpu_wbe_i
  );

  sys_wb #(.CFG(CFG)) u_wb (
    .clk_i, .rst_ni, .credit_o, .take_i, .we_i, .wrow_i, .wdata_i, .wlast_i, .ready_o, .ren_i,
    .slot_i, .row_i, .rdata_o, .release_i
  );

  sys_acc #(.COLS(CFG.cols), .ACC_ROWS(CFG.acc_rows)) u_acc (
    .clk_i, .rst_ni, .row_req_i, .row_addr_i, .row_overwrite_i, .sum_i,
    .vpu_req_i(acc_req_i), .vpu_addr_i(acc_addr_i), .vpu_rdata_o(acc_rdata_o)
  );

endmodule
