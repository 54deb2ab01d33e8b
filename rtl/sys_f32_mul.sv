// SPDX-License-Identifier: Apache-2.0
// Multiplies two binary32 numbers, round half to even.
//
// Latency 1, throughput 1. `f_o` holds its value while `en_i` is 0.
//
// Operands are zero or normal. Where the product is normal too, IEEE 754 is followed to the bit: so it
// is where the vector unit multiplies an integer of magnitude 1..2^31 by a scale in [2^-64, 2^64). A
// product that would be subnormal is zero, one of 2^128 or more is infinite: two scaled values may
// give them, and they round to 0 and saturate all the same.
//
//   clk   __/--\__/--\__/--\__
//   en_i  --------\___________
//   a, b  < A, B >
//   f_o           < A * B

module sys_f32_mul (
  input  logic        clk_i,
  input  logic        en_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] f_o
);

  function automatic logic [31:0] mul(logic [31:0] a, logic [31:0] b);
    logic [47:0] product;
    logic [9:0]  exponent;   // two's complement: -125..382 before the carry of the rounding
    logic [32:0] rounded;
    logic        round_up;
    product  = 48'({1'b1, a[22:0]}) * 48'({1'b1, b[22:0]});
    // The product of two numbers in [1, 2) is in [1, 4): bring its leading one to bit 47.
    exponent = 10'(a[30:23]) + 10'(b[30:23]) - 10'd126;
    if (!product[47]) begin
      product  = product << 1;
      exponent = exponent - 10'd1;
    end
    round_up = product[23] && (product[24] || product[22:0] != '0);
    rounded  = {exponent, product[46:24]} + 33'(round_up);
    mul      = {a[31] ^ b[31], rounded[30:0]};
    if (a[30:23] == '0 || b[30:23] == '0 || rounded[32] || rounded[31:23] == '0) mul[30:0] = '0;
    else if (rounded[31:23] >= 9'd255) mul[30:0] = {8'd255, 23'd0};
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i) f_o <= mul(a_i, b_i);
  end

endmodule
