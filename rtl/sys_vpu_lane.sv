// SPDX-License-Identifier: Apache-2.0
// One lane of the vector unit: window reduction, bias, scale, residual (added or multiplied), rounding and clamp.
//
// Latency 9 from the memory word of the last tap (stage 1) to `y_o` (stage 10); one tap a cycle, so
// one output a cycle without a window. `en_i[k]` tells that stage k holds something for this lane:
// other stages rest.
//
//   stage  1            2       3     4      5      6       7         8         9    10
//          tap, padding reduce  +bias to f32 *scale m =     products  sum or    clamp
//                                                   clamp   of m, r   product   -> y_o

module sys_vpu_lane (
  input  logic               clk_i,
  input  logic [9:1]         en_i,
  // Configuration, stable while anything is in the pipeline
  input  logic               src_ub_i,
  input  logic               reduce_sum_i,
  input  logic               residual_i,
  input  logic signed [7:0]  pad_byte_i,
  input  logic [31:0]        bias_i,
  input  logic [31:0]        scale_i,
  input  sys_isa_pkg::vector_set_t set_i,
  // Stage 1: a tap
  input  logic               pad_i,
  input  logic signed [7:0]  ub_i,
  input  logic signed [31:0] acc_i,
  // Stage 2: the tap is its window's first
  input  logic               first_i,
  // Stage 7: residual operand
  input  logic signed [7:0]  res_i,
  // Stage 10
  output logic signed [7:0]  y_o
);

  localparam logic signed [31:0] LeastInt = 32'sh8000_0000;

  logic two, by_sum, by_product;
  assign two = residual_i && set_i.two_roundings;
  assign by_sum = residual_i && !set_i.multiply;
  assign by_product = residual_i && set_i.multiply;

  logic signed [31:0] x2_q, reduced3_q, biased4_q, scaled4;
  logic [31:0] f5, f6, f7_q, f8_q, f9_q, mid8, res8, p8, sum9, product9,
               v9;
  logic signed [7:0] mid7;

  always_ff @(posedge clk_i) begin
    if (en_i[1]) begin
      if (pad_i) x2_q <= reduce_sum_i ? 32'(pad_byte_i) : LeastInt;
      else x2_q <= src_ub_i ? 32'(ub_i) : acc_i;
    end
    if (en_i[2]) begin
      if (first_i) reduced3_q <= x2_q;
      else if (reduce_sum_i) reduced3_q <= reduced3_q + x2_q;
      else if (x2_q > reduced3_q) reduced3_q <= x2_q;
    end
    if (en_i[3]) biased4_q <= reduced3_q + bias_i;
    // The scaled value, for the residual without a first rounding and for the output without a residual.
    if (en_i[6]) f7_q <= f6;
    if (en_i[7]) f8_q <= f7_q;
    if (en_i[8]) f9_q <= f8_q;
  end

  assign scaled4 = set_i.one_byte ? 32'(signed'(biased4_q[8*set_i.byte_index+:8])) : biased4_q;

  sys_f32_from_int u_float (.clk_i, .en_i(en_i[4]), .x_i(scaled4), .f_o(f5));

  sys_f32_mul u_scale (.clk_i, .en_i(en_i[5]), .a_i(f5), .b_i(scale_i), .f_o(f6));

  sys_f32_round u_mid (
    .clk_i, .en_i(en_i[6] && two), .f_i(f6),
    .zero_i(set_i.mid_zero), .lo_i(set_i.mid_lo), .hi_i(set_i.mid_hi), .y_o(mid7)
  );

  sys_f32_mul_int u_mid_scale (
    .clk_i, .en_i(en_i[7] && two),
    .k_i(9'(mid7) - 9'(set_i.mid_zero)), .scale_i(set_i.mid_scale[30:0]), .f_o(mid8)
  );

  sys_f32_mul_int u_res_scale (
    .clk_i, .en_i(en_i[7] && residual_i),
    .k_i(9'(res_i) - 9'(set_i.res_zero)), .scale_i(set_i.res_scale[30:0]), .f_o(res8)
  );

  assign p8 = two ? mid8 : f8_q;
  sys_f32_add u_sum (.clk_i, .en_i(en_i[8] && by_sum), .a_i(p8), .b_i(res8), .f_o(sum9));
  sys_f32_mul u_product (.clk_i, .en_i(en_i[8] && by_product), .a_i(p8), .b_i(res8), .f_o(product9));

  assign v9 = by_product ? product9 : by_sum ? sum9 : f9_q;
  sys_f32_round u_out (
    .clk_i, .en_i(en_i[9]), .f_i(v9),
    .zero_i(set_i.out_zero), .lo_i(set_i.clamp_lo), .hi_i(set_i.clamp_hi), .y_o
  );

endmodule
