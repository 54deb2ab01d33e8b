// SPDX-License-Identifier: Apache-2.0
// Counts three nested loops and tells which of them are in their last step.
//
// `load_i` starts at the first step, `step_i` goes to the next; after the last step it starts
// again. Latency 1, throughput 1 step a cycle. The counts (at least 1) stay as they are while it
// counts.
//
//   clk      |0 |1 |2 |3 |    counts 1, 1, 2
//   load_i   /--\________
//   step_i   ___/-----\__
//   last2_o  ___\__/--\__     last_o the same

module sys_loop3 #(
  parameter int unsigned W0 = 16,
  parameter int unsigned W1 = 16,
  parameter int unsigned W2 = 16
) (
  input  logic          clk_i,
  input  logic          load_i,
  input  logic          step_i,
  input  logic [W0-1:0] count0_i,  // outermost
  input  logic [W1-1:0] count1_i,
  input  logic [W2-1:0] count2_i,  // innermost
  output logic          last2_o,   // the innermost loop is in its last step
  output logic          last1_o,   // the middle loop is
  output logic          last_o     // all three are
);

  logic [W0-1:0] left0_q;
  logic [W1-1:0] left1_q;
  logic [W2-1:0] left2_q;

  assign last2_o = left2_q == '0;
  assign last1_o = left1_q == '0;
  assign last_o  = last2_o && last1_o && left0_q == '0;

  always_ff @(posedge clk_i) begin
    if (load_i || (step_i && last2_o)) left2_q <= count2_i - 1'b1;
    else if (step_i) left2_q <= left2_q - 1'b1;
    if (load_i || (step_i && last2_o && last1_o)) left1_q <= count1_i - 1'b1;
    else if (step_i && last2_o) left1_q <= left1_q - 1'b1;
    if (load_i || (step_i && last_o)) left0_q <= count0_i - 1'b1;
    else if (step_i && last2_o && last1_o) left0_q <= left0_q - 1'b1;
  end

endmodule
