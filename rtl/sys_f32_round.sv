// SPDX-License-Identifier: Apache-2.0
// Rounds a binary32 number half to even, adds a zero point and clamps it to signed bytes.
//
// Latency 1, throughput 1. `y_o` holds its value while `en_i` is 0.
//
// A magnitude of 512 or more saturates with every zero point (-128..127), so it counts as 512.
//
//   clk   __/--\__/--\__/--\__
//   en_i  --------\___________
//   f_i   < F    >
//   y_o           < clamp(rint(F) + zero, lo, hi)

module sys_f32_round (
  input  logic              clk_i,
  input  logic              en_i,
  input  logic       [31:0] f_i,
  input  logic signed [7:0] zero_i,
  input  logic signed [7:0] lo_i,
  input  logic signed [7:0] hi_i,
  output logic signed [7:0] y_o
);

  function automatic logic signed [7:0] round_clamp(
      logic [31:0] f, logic signed [7:0] zero, logic signed [7:0] lo, logic signed [7:0] hi);
    logic [23:0]        significand, half;
    logic [11:0]        mag;
    logic [4:0]         fraction_bits;
    logic signed [11:0] y;
    significand   = {1'b1, f[22:0]};
    // |f| = significand * 2^(exponent - 150): 15 to 24 fraction bits for |f| in [0.5, 512).
    fraction_bits = 5'(8'd150 - f[30:23]);
    if (f[30:23] < 8'd126) begin
      mag = '0;
    end else if (f[30:23] >= 8'd136) begin
      mag = 12'd512;
    end else if (f[30:23] == 8'd126) begin
      mag = 12'(f[22:0] != '0);  // one half goes to the even zero
    end else begin
      // Adding just less than a half, and one more if the integer part is odd, rounds half to even.
      half = (24'd1 << (fraction_bits - 5'd1)) - 24'd1;
      mag  = 12'(significand >> fraction_bits);
      half = half + 24'(mag[0]);
      mag  = 12'((25'(significand) + 25'(half)) >> fraction_bits);
    end
    y = (f[31] ? -mag : mag) + 12'(zero);
    if (y < 12'(lo)) round_clamp = lo;
    else if (y > 12'(hi)) round_clamp = hi;
    else round_clamp = y[7:0];
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i) y_o <= round_clamp(f_i, zero_i, lo_i, hi_i);
  end

endmodule
