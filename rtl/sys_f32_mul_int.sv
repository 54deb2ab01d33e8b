// SPDX-License-Identifier: Apache-2.0
// Multiplies an integer of nine bits by a positive binary32 scale, round half to even.
//
// Latency 1, throughput 1. `f_o` holds its value while `en_i` is 0.
//
// The integer is exact in binary32, so this is f32(k) * scale without the conversion. The scale is
// in [2^-64, 2^64): the product is zero or normal (see sys_f32_mul).
//
//   clk       __/--\__/--\__/--\__
//   en_i      --------\___________
//   k, scale  < K, S >
//   f_o               < K * S

module sys_f32_mul_int (
  input  logic              clk_i,
  input  logic              en_i,
  input  logic signed [8:0] k_i,      // -255..255
  input  logic       [30:0] scale_i,  // without its sign, which is 0
  output logic       [31:0] f_o
);

  function automatic logic [31:0] mul_int(logic [8:0] k, logic [30:0] scale);
    logic [7:0]  mag;
    logic [31:0] product;
    logic [7:0]  exponent;
    logic        round_up;
    mag      = k[8] ? 8'(-k) : k[7:0];
    product  = 32'(mag) * 32'({1'b1, scale[22:0]});
    exponent = scale[30:23] + 8'd8;  // if the leading one is bit 31 = 23 + 8
    if (product[31:28] == '0) begin product = product << 4; exponent = exponent - 8'd4; end
    if (product[31:30] == '0) begin product = product << 2; exponent = exponent - 8'd2; end
    if (product[31] == 1'b0)  begin product = product << 1; exponent = exponent - 8'd1; end
    // A magnitude of one leaves the leading one at bit 23: eight places, one more than 4 + 2 + 1.
    if (product[31] == 1'b0)  begin product = product << 1; exponent = exponent - 8'd1; end
    round_up = product[7] && (product[8] || product[6:0] != '0);
    mul_int  = mag == '0 ? '0 : {k[8], {exponent, product[30:8]} + 31'(round_up)};
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i) f_o <= mul_int(k_i, scale_i);
  end

endmodule
