// SPDX-License-Identifier: Apache-2.0
// The float cells of the vector unit side by side, for their bench.

module f32_cells (
  input  logic               clk_i,
  input  logic               en_i,
  input  logic signed [31:0] x_i,
  input  logic        [31:0] a_i,
  input  logic        [31:0] b_i,
  input  logic signed [8:0]  k_i,
  input  logic signed [7:0]  zero_i,
  input  logic signed [7:0]  lo_i,
  input  logic signed [7:0]  hi_i,
  output logic        [31:0] from_int_o,
  output logic        [31:0] mul_o,
  output logic        [31:0] mul_int_o,
  output logic        [31:0] add_o,
  output logic signed [7:0]  round_o
);

  sys_f32_from_int u_from_int (.clk_i, .en_i, .x_i, .f_o(from_int_o));
  sys_f32_mul u_mul (.clk_i, .en_i, .a_i, .b_i, .f_o(mul_o));
  sys_f32_mul_int u_mul_int (.clk_i, .en_i, .k_i, .scale_i(b_i[30:0]), .f_o(mul_int_o));
  sys_f32_add u_add (.clk_i, .en_i, .a_i, .b_i, .f_o(add_o));
  sys_f32_round u_round (.clk_i, .en_i, .f_i(a_i), .zero_i, .lo_i, .hi_i, .y_o(round_o));

endmodule
