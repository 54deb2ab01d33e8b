// SPDX-License-Identifier: Apache-2.0
// Delays a value by a fixed number of cycles in a small ring memory.
//
// Latency DEPTH cycles in which `en_i` is 1, throughput 1. Cheaper than a shift register: a cycle
// moves one entry, not all.
//
//   clk     |0 |1 |2 |3 |    DEPTH = 2
//   data_i  <A |B |C |D
//   data_o        <A |B

module sys_delay #(
  parameter int unsigned WIDTH = 8,
  parameter int unsigned DEPTH = 2,
  localparam int unsigned Aw = sys_geom_pkg::idx_width(DEPTH)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             en_i,
  input  logic [WIDTH-1:0] data_i,
  output logic [WIDTH-1:0] data_o
);

  logic [WIDTH-1:0] ring [DEPTH];
  logic [Aw-1:0]    at_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) at_q <= '0;
    else if (en_i) at_q <= (32'(at_q) == DEPTH - 1) ? '0 : at_q + 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (en_i) ring[at_q] <= data_i;
  end

  assign data_o = ring[at_q];

endmodule
