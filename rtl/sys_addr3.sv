// SPDX-License-Identifier: Apache-2.0
// Generates base + i0*stride0 + i1*stride1 + i2*stride2 along three loops, without multiplying.
//
// `load_i` sets the base, `step_i` goes to the next step of the loops, whose state sys_loop3 tells.
// Sums wrap at the width: an address may leave the range on its way, if what is used in the end is
// in it. Latency 1, throughput 1 step a cycle.
//
//   clk      |0 |1    |2        |      two innermost steps
//   load_i   /--\______________
//   step_i   ___/--------------
//   addr_o      <base |base+stride2
//   next_o   <base |base+stride2 ...

module sys_addr3 #(
  parameter int unsigned WIDTH = 24
) (
  input  logic             clk_i,
  input  logic             load_i,
  input  logic [WIDTH-1:0] base_i,
  input  logic             step_i,
  input  logic             last2_i,
  input  logic             last1_i,
  input  logic [WIDTH-1:0] stride0_i,
  input  logic [WIDTH-1:0] stride1_i,
  input  logic [WIDTH-1:0] stride2_i,
  output logic [WIDTH-1:0] addr_o,
  output logic [WIDTH-1:0] next_o     // what addr_o becomes, if load_i or step_i
);

  logic [WIDTH-1:0] addr_q;   // this step
  logic [WIDTH-1:0] start2_q; // first step of the innermost loop
  logic [WIDTH-1:0] start1_q; // first step of the middle loop

  always_comb begin
    if (load_i) next_o = base_i;
    else if (!last2_i) next_o = addr_q + stride2_i;
    else if (!last1_i) next_o = start2_q + stride1_i;
    else next_o = start1_q + stride0_i;
  end

  always_ff @(posedge clk_i) begin
    if (load_i || step_i) begin
      addr_q <= next_o;
      if (load_i || last2_i) start2_q <= next_o;
      if (load_i || (last2_i && last1_i)) start1_q <= next_o;
    end
  end

  assign addr_o = addr_q;

endmodule
