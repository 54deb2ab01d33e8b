// SPDX-License-Identifier: Apache-2.0
// Adds two binary32 numbers, round half to even.
//
// Latency 1, throughput 1. `f_o` holds its value while `en_i` is 0.
//
// Operands are zero or normal, and so must be the result. The vector unit adds products of
// magnitude [2^-64, 2^95] or zero: their sum is a multiple of 2^-87 (the unit in the last place of
// 2^-64), so it is zero or at least 2^-87, and at most 2^96: no subnormal, infinity or NaN, and
// IEEE 754 to the bit.
//
//   clk   __/--\__/--\__/--\__
//   en_i  --------\___________
//   a, b  < A, B >
//   f_o           < A + B

module sys_f32_add (
  input  logic        clk_i,
  input  logic        en_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] f_o
);

  function automatic logic [31:0] add(logic [31:0] a, logic [31:0] b);
    logic [31:0] greater, lesser;
    logic [7:0]  exponent, distance;
    logic [27:0] sum, addend;  // carry, 24 bits of significand, guard, round, sticky
    logic        sticky, round_up;
    {greater, lesser} = a[30:0] >= b[30:0] ? {a, b} : {b, a};
    exponent = greater[30:23];
    distance = exponent - lesser[30:23];
    addend   = {1'b0, lesser[30:23] != '0, lesser[22:0], 3'b000};
    // What is shifted out below the sticky bit only says whether the sum is exact.
    if (distance > 8'd26) begin
      addend = 28'(addend != '0);
    end else begin
      sticky    = (addend & ~(28'hfffffff << distance[4:0])) != '0;
      addend    = addend >> distance[4:0];
      addend[0] = addend[0] | sticky;
    end
    sum = {2'b01, greater[22:0], 3'b000};
    sum = greater[31] == lesser[31] ? sum + addend : sum - addend;
    // Bring the leading one to bit 26. After a carry one bit is lost into the sticky bit; after a
    // cancellation of more than one bit the operands were at most one place apart: nothing was
    // lost.
    if (sum[27]) begin
      sum      = {1'b0, sum[27:2], sum[1] | sum[0]};
      exponent = exponent + 8'd1;
    end else if (!sum[26]) begin
      if (sum[26:11] == '0) begin sum = sum << 16; exponent = exponent - 8'd16; end
      if (sum[26:19] == '0) begin sum = sum << 8;  exponent = exponent - 8'd8;  end
      if (sum[26:23] == '0) begin sum = sum << 4;  exponent = exponent - 8'd4;  end
      if (sum[26:25] == '0) begin sum = sum << 2;  exponent = exponent - 8'd2;  end
      if (sum[26] == 1'b0)  begin sum = sum << 1;  exponent = exponent - 8'd1;  end
    end
    round_up = sum[2] && (sum[3] || sum[1:0] != '0);
    add      = {greater[31], {exponent, sum[25:3]} + 31'(round_up)};
    if (greater[30:23] == '0 || !sum[26]) add = '0;
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i) f_o <= add(a_i, b_i);
  end

endmodule
