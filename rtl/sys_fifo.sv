// SPDX-License-Identifier: Apache-2.0
// First-in first-out queue with a registered count; the head is visible the cycle after its push.
//
// Latency: push to head 1 cycle. Throughput: one push and one pop a cycle.
//
//   clk      |0 |1 |2 |
//   push_i   /--\_____
//   valid_o  ___/-----    count_o = 1, head_o = data

module sys_fifo #(
  parameter int unsigned WIDTH = 8,
  parameter int unsigned DEPTH = 4,
  localparam int unsigned CountW = $clog2(DEPTH + 1)
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic push_i,
  input  logic [WIDTH-1:0] data_i,
  input  logic pop_i,
  output logic [WIDTH-1:0] head_o,
  output logic valid_o,
  output logic [CountW-1:0] count_o
);

  localparam int unsigned PtrW = sys_geom_pkg::idx_width(DEPTH);
  localparam logic [PtrW-1:0] Last = PtrW'(DEPTH - 1);

  logic [WIDTH-1:0] mem [DEPTH];
  logic [PtrW-1:0] wptr_q, rptr_q;
  logic [CountW-1:0] count_q;

  assign head_o = mem[rptr_q];
  assign valid_o = count_q != '0;
  assign count_o = count_q;

  always_ff @(posedge clk_i) begin
    if (push_i) mem[wptr_q] <= data_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wptr_q <= '0;
      rptr_q <= '0;
      count_q <= '0;
    end else begin
      if (push_i) wptr_q <= (wptr_q == Last) ? '0 : wptr_q + 1'b1;
      if (pop_i) rptr_q <= (rptr_q == Last) ? '0 : rptr_q + 1'b1;
      if (push_i != pop_i) count_q <= push_i ? count_q + 1'b1 : count_q - 1'b1;
    end
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      push_i |-> count_q != CountW'(DEPTH) || pop_i);
  assert property (@(posedge clk_i) disable iff (!rst_ni) pop_i |-> valid_o);
`endif

endmodule
