// SPDX-License-Identifier: Apache-2.0
// The parameter buffer: rows of COLS 32-bit biases or scales, written by words, read by rows.
//
// Latency of a read 1, throughput one row a cycle.
//
//   clk      __/--\__/--\__/--\__
//   req_i    --------\___________
//   row_i    < R    >
//   rdata_o           < row R

module sys_param #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned WordBytes = sys_geom_pkg::pb_word_bytes(CFG),
  localparam int unsigned RowW = sys_geom_pkg::idx_width(CFG.pb_rows),
  localparam int unsigned Words = sys_geom_pkg::pb_row_bytes(CFG) / WordBytes,
  localparam int unsigned WordW = sys_geom_pkg::idx_width(Words)
) (
  input  logic                   clk_i,
  // Write port: one word of a row
  input  logic                   we_i,
  input  logic [RowW-1:0]        wrow_i,
  input  logic [WordW-1:0]       wword_i,
  input  logic [8*WordBytes-1:0] wdata_i,
  // Read port
  input  logic                   req_i,
  input  logic [RowW-1:0]        row_i,
  output logic [32*CFG.cols-1:0] rdata_o
);

  logic [8*WordBytes*Words-1:0] row;

  for (genvar w = 0; w < Words; w++) begin : gen_word
    sys_ram #(.WIDTH(8 * WordBytes), .DEPTH(CFG.pb_rows)) u_ram (
      .clk_i,
      .ren_i  (req_i),
      .raddr_i(row_i),
      .rdata_o(row[8*WordBytes*w+:8*WordBytes]),
      .we_i   (we_i && wword_i == WordW'(w)),
      .waddr_i(wrow_i),
      .wdata_i
    );
  end

  assign rdata_o = row[32*CFG.cols-1:0];

endmodule
