// SPDX-License-Identifier: Apache-2.0
// Delays lane i of a vector by i cycles (or, with REVERSE, the last lane not at all and lane 0 the
// most).
//
// Only cycles with `en_i` count. Throughput 1.
//
//   clk      |0 |1 |2 |3 |
//   data_i   <A |B |C |D     lanes 0, 1, 2 of
//   data_o.0 <A0|B0|C0|D0
//   data_o.1    <A1|B1|C1
//   data_o.2       <A2|B2

module sys_skew #(
  parameter int unsigned LANES = 16,
  parameter int unsigned WIDTH = 8,
  parameter bit          REVERSE = 1'b0
) (
  input  logic                   clk_i,
  input  logic                   en_i,
  input  logic [LANES*WIDTH-1:0] data_i,
  output logic [LANES*WIDTH-1:0] data_o
);

  for (genvar i = 0; i < LANES; i++) begin : gen_lane
    localparam int unsigned Delay = REVERSE ? LANES - 1 - i : i;
    if (Delay == 0) begin : gen_wire
      assign data_o[WIDTH*i+:WIDTH] = data_i[WIDTH*i+:WIDTH];
    end else begin : gen_delay
      logic [WIDTH*Delay-1:0] line_q;
      always_ff @(posedge clk_i) begin
        if (en_i) line_q <= (WIDTH * Delay)'({line_q, data_i[WIDTH*i+:WIDTH]});
      end
      assign data_o[WIDTH*i+:WIDTH] = line_q[WIDTH*Delay-1-:WIDTH];
    end
  end

endmodule
