// SPDX-License-Identifier: Apache-2.0
// Follows the input position of a sliding window along the outputs, and tells padding.
//
// `load_i` sets the position of the first output, `step_i` goes to the next one (column, then row,
// then the next image from the first position again; sys_loop3 tells which). Latency 1, throughput
// 1.
//
//   clk       |0 |1    |2         |
//   load_i    /--\_________________
//   step_i    ___/-----------------
//   column       <col_i|col_i + step

module sys_window #(
  // A position is at most 32767 + 65534*255 + 254*255 in magnitude.
  localparam int unsigned PosW = 26
) (
  input  logic            clk_i,
  input  logic            load_i,
  input  logic [PosW-1:0] row_i,
  input  logic [PosW-1:0] col_i,
  input  logic            step_i,
  input  logic            last2_i,     // last column
  input  logic            last1_i,     // last row
  input  logic [7:0]      row_step_i,
  input  logic [7:0]      col_step_i,
  input  logic [15:0]     height_i,
  input  logic [15:0]     width_i,
  output logic            in_range_o,    // the position is within height x width
  output logic [PosW-1:0] next_row_o,  // what the position becomes, if load_i or step_i
  output logic [PosW-1:0] next_col_o
);

  logic [PosW-1:0] row_q, col_q, first_row_q, first_col_q;

  always_comb begin
    next_row_o = row_q;
    next_col_o = first_col_q;
    if (load_i) begin
      next_row_o = row_i;
      next_col_o = col_i;
    end else if (!last2_i) begin
      next_col_o = col_q + PosW'(col_step_i);
    end else if (!last1_i) begin
      next_row_o = row_q + PosW'(row_step_i);
    end else begin
      next_row_o = first_row_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (load_i || step_i) begin
      row_q <= next_row_o;
      col_q <= next_col_o;
    end
    if (load_i) begin
      first_row_q <= row_i;
      first_col_q <= col_i;
    end
  end

  // A negative position is a huge one without its sign: one comparison serves both bounds.
  assign in_range_o = row_q < PosW'(height_i) && col_q < PosW'(width_i);

endmodule
