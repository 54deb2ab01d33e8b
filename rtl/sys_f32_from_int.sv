// SPDX-License-Identifier: Apache-2.0
// Converts a signed 32-bit integer to binary32, round half to even.
//
// Latency 1, throughput 1. `f_o` holds its value while `en_i` is 0.
//
//   clk   __/--\__/--\__/--\__
//   en_i  --------\___________
//   x_i   < X    >
//   f_o           < f32(X)

module sys_f32_from_int (
  input  logic               clk_i,
  input  logic               en_i,
  input  logic signed [31:0] x_i,
  output logic        [31:0] f_o
);

  function automatic logic [31:0] from_int(logic [31:0] x);
    logic [31:0] mag;
    logic [7:0]  exponent;
    logic        round_up;
    mag      = x[31] ? -x : x;
    exponent = 8'd158;  // 127 + 31: the weight of bit 31
    // Bring the leading one to bit 31.
    if (mag[31:16] == '0) begin mag = mag << 16; exponent = exponent - 8'd16; end
    if (mag[31:24] == '0) begin mag = mag << 8;  exponent = exponent - 8'd8;  end
    if (mag[31:28] == '0) begin mag = mag << 4;  exponent = exponent - 8'd4;  end
    if (mag[31:30] == '0) begin mag = mag << 2;  exponent = exponent - 8'd2;  end
    if (mag[31] == 1'b0)  begin mag = mag << 1;  exponent = exponent - 8'd1;  end
    round_up = mag[7] && (mag[8] || mag[6:0] != '0);
    // A carry out of the fraction raises the exponent, as it should. Only zero has no leading one.
    from_int = mag[31] ? {x[31], {exponent, mag[30:8]} + 31'(round_up)} : '0;
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i) f_o <= from_int(x_i);
  end

endmodule
