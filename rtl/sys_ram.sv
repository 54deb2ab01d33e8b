// SPDX-License-Identifier: Apache-2.0
// A memory with one read and one write port; a read of a word being written returns the old one.
//
// Latency of a read 1, throughput 1 read and 1 write. `rdata_o` holds until the next read.
//
//   clk    __/--\__/--\__/--\__
//   ren_i  --------\___________
//   raddr  < A    >
//   rdata           < mem[A]

module sys_ram #(
  parameter int unsigned WIDTH = 32,
  parameter int unsigned DEPTH = 16,
  localparam int unsigned Aw = sys_geom_pkg::idx_width(DEPTH)
) (
  input  logic             clk_i,
  // Read port
  input  logic             ren_i,
  input  logic [Aw-1:0]    raddr_i,
  output logic [WIDTH-1:0] rdata_o,
  // Write port
  input  logic             we_i,
  input  logic [Aw-1:0]    waddr_i,
  input  logic [WIDTH-1:0] wdata_i
);

  logic [WIDTH-1:0] mem [DEPTH];

  always_ff @(posedge clk_i) begin
    if (ren_i) rdata_o <= mem[raddr_i];
    if (we_i) mem[waddr_i] <= wdata_i;
  end

endmodule
