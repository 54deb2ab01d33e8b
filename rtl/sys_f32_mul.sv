// SPDX-License-Identifier: Apache-2.0
// Multiplies two binary32 numbers, round half to even.
//
// Latency 1, throughput 1. `f_o` holds its value while `en_i` is 0.
//
// Operands are zero or normal, and so must be the result. The vector unit multiplies an integer of
// magnitude 1..2^31 by a scale in [2^-64, 2^64): the product lies in [2^-64, 2^95], so that no
// subnormal, infinity or NaN can arise and IEEE 754 is followed to the bit.
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
    logic [7:0]  exponent;
    logic        round_up;
    product  = 48'({1'b1, a[22:0]}) * 48'({1'b1, b[22:0]});
    // The product of two numbers in [1, 2) is in [1, 4): bring its leading one to bit 47.
    exponent = a[30:23] + b[30:23] - 8'd126;
    if (!product[47]) begin
      product  = product << 1;
      exponent = exponent - 8'd1;
    end
    round_up = product[23] && (product[24] || product[22:0] != '0);
    mul      = {a[31] ^ b[31], {exponent, product[46:24]} + 31'(round_up)};
    if (a[30:23] == '0 || b[30:23] == '0) mul[30:0] = '0;
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i) f_o <= mul(a_i, b_i);
  end

endmodule
