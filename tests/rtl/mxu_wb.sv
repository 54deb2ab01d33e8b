// SPDX-License-Identifier: Apache-2.0
// The matrix unit with its weight buffer, for their bench.

module mxu_wb #(
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
  input  logic                   start_i,
  input  logic [511:0]           instr_i,
  input  logic                   is_sync_i,
  output logic                   front_done_o,
  output logic                   end_o,
  output logic                   busy_o,
  output logic                   pad_row_o,
  output logic                   weight_load_o,
  output logic                   tile_start_o,
  output logic                   skip_o,
  output logic                   waiting_tile_o,
  output logic                   ub_req_o,
  output logic [UbAw-1:0]        ub_addr_o,
  input  logic [8*WordBytes-1:0] ub_rdata_i,
  input  logic                   acc_req_i,
  input  logic [AccAw-1:0]       acc_addr_i,
  output logic [32*CFG.cols-1:0]     acc_rdata_o,
  output logic                   credit_o,
  input  logic                   take_i,
  input  logic                   we_i,
  input  logic [RowW-1:0]        wrow_i,
  input  logic [8*CFG.cols-1:0]      wdata_i,
  input  logic                   wlast_i,
  input  logic [15:0]            wskip_i
);

  logic [CountW-1:0] ready;
  logic              ren, release_tile;
  logic [TileW-1:0]  slot;
  logic [RowW-1:0]   row;
  logic [8*CFG.cols-1:0] rdata;

  logic [TileW-1:0] next;
  logic [15:0] skip;
  sys_mxu #(.CFG(CFG)) u_mxu (
    .clk_i, .rst_ni, .start_i, .instr_i, .is_sync_i, .front_done_o, .end_o, .busy_o, .pad_row_o,
    .weight_load_o, .tile_start_o, .waiting_tile_o, .ub_req_o, .ub_addr_o, .ub_rdata_i,
    .skip_o, .wb_next_o(next), .wb_skip_i(skip),
    .wb_ready_i(ready), .wb_ren_o(ren), .wb_slot_o(slot), .wb_row_o(row), .wb_rdata_i(rdata),
    .wb_release_o(release_tile), .acc_req_i, .acc_addr_i, .acc_rdata_o
  );

  sys_wb #(.CFG(CFG)) u_wb (
    .clk_i, .rst_ni, .credit_o, .take_i, .we_i, .wrow_i, .wdata_i, .wlast_i, .wskip_i,
    .next_i(next), .skip_o(skip),
    .ready_o(ready), .ren_i(ren), .slot_i(slot), .row_i(row), .rdata_o(rdata),
    .release_i(release_tile)
  );

endmodule
