// SPDX-License-Identifier: Apache-2.0
// Loops, addresses, window, skew, delay and retire cells side by side, for their bench.

module cells (
  input  logic        clk_i,
  input  logic        rst_ni,
  // Three loops with the address and the window that follow them
  input  logic        load_i,
  input  logic        step_i,
  input  logic [15:0] count0_i,
  input  logic [15:0] count1_i,
  input  logic [15:0] count2_i,
  output logic        last_o,
  input  logic [11:0] base_i,
  input  logic [11:0] stride0_i,
  input  logic [11:0] stride1_i,
  input  logic [11:0] stride2_i,
  output logic [11:0] addr_o,
  output logic [11:0] next_o,
  input  logic [25:0] row_i,
  input  logic [25:0] col_i,
  input  logic [7:0]  row_step_i,
  input  logic [7:0]  col_step_i,
  input  logic [15:0] height_i,
  input  logic [15:0] width_i,
  output logic        in_range_o,
  // Skew, both ways, and delays of 1 and 5 cycles
  input  logic        en_i,
  input  logic [23:0] data_i,
  output logic [23:0] skew_o,
  output logic [23:0] deskew_o,
  output logic [23:0] delay1_o,
  output logic [23:0] delay5_o,
  // Retire
  input  logic        push_i,
  input  logic        sync_i,
  input  logic        written_i,
  output logic        end_o
);

  logic last2, last1;
  logic [25:0] next_row, next_col;

  sys_loop3 u_loop (
    .clk_i, .load_i, .step_i, .count0_i, .count1_i, .count2_i,
    .last2_o(last2), .last1_o(last1), .last_o
  );
  sys_addr3 #(.WIDTH(12)) u_addr (
    .clk_i, .load_i, .base_i, .step_i, .last2_i(last2), .last1_i(last1),
    .stride0_i, .stride1_i, .stride2_i, .addr_o, .next_o
  );
  sys_window u_window (
    .clk_i, .load_i, .row_i, .col_i, .step_i, .last2_i(last2), .last1_i(last1), .row_step_i,
    .col_step_i, .height_i, .width_i, .in_range_o, .next_row_o(next_row), .next_col_o(next_col)
  );
  sys_skew #(.LANES(3), .WIDTH(8)) u_skew (.clk_i, .en_i, .data_i, .data_o(skew_o));
  sys_skew #(.LANES(3), .WIDTH(8), .REVERSE(1'b1)) u_deskew (
    .clk_i, .en_i, .data_i, .data_o(deskew_o)
  );
  sys_delay #(.WIDTH(24), .DEPTH(1)) u_delay1 (.clk_i, .rst_ni, .en_i, .data_i, .data_o(delay1_o));
  sys_delay #(.WIDTH(24), .DEPTH(5)) u_delay5 (.clk_i, .rst_ni, .en_i, .data_i, .data_o(delay5_o));
  sys_retire u_retire (.clk_i, .rst_ni, .push_i, .sync_i, .written_i, .end_o);

endmodule
