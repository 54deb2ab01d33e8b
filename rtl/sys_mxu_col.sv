// SPDX-License-Identifier: Apache-2.0
// One column of the systolic array: ROWS processing elements and their weights.
//
// PE r multiplies its weight with the activation of its row, adds the sum from above and hands the
// activation to the next column. Latency of a row of the tile: ROWS cycles from PE 0 to `sum_o`. A
// weight is written by its row's number from the column bus, which goes on to the next column a
// cycle later. A PE needs one weight register: row r's new weight is written in the very cycle in
// which the last activation of the tile before is multiplied there.
//
//   clk      |0 |1 |2 |3 |4 |    ROWS = 2
//   act_i.0  <a0|b0|
//   act_i.1     <a1|b1|          one cycle later for each row
//   sum_o          <a |b         a = a0*w0 + a1*w1

module sys_mxu_col #(
  parameter int unsigned ROWS = 16,
  localparam int unsigned RowW = sys_geom_pkg::idx_width(ROWS)
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              en_i,          // rows are in the array
  // Activations, skewed by row
  input  logic [8*ROWS-1:0] act_i,
  output logic [8*ROWS-1:0] act_o,         // to the next column
  // Column bus: one weight a cycle
  input  logic              weight_valid_i,
  input  logic [RowW-1:0]   weight_row_i,
  input  logic signed [7:0] weight_i,
  output logic              weight_valid_o,  // to the next column
  output logic [RowW-1:0]   weight_row_o,
  // Sum of the column
  output logic [31:0]       sum_o
);

  logic signed [7:0] weight_q [ROWS];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) weight_valid_o <= 1'b0;
    else weight_valid_o <= weight_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (weight_valid_i) begin
      weight_row_o <= weight_row_i;
      weight_q[weight_row_i] <= weight_i;
    end
    if (en_i) act_o <= act_i;
  end

  for (genvar r = 0; r < ROWS; r++) begin : gen_pe
    logic signed [31:0] above, psum_q;
    if (r == 0) begin : gen_top
      assign above = '0;
    end else begin : gen_inner
      assign above = gen_pe[r-1].psum_q;
    end
    always_ff @(posedge clk_i) begin
      if (en_i) psum_q <= above + 32'($signed(act_i[8*r+:8])) * 32'(weight_q[r]);
    end
  end

  assign sum_o = gen_pe[ROWS-1].psum_q;

endmodule
