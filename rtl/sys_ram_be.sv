// SPDX-License-Identifier: Apache-2.0
// A memory with one read port and one write port with byte enables; a read gives the old word.
//
// Latency of a read 1, throughput 1 read and 1 write. `rdata_o` holds until the next read.
//
//   clk    __/--\__/--\__/--\__
//   ren_i  --------\___________
//   raddr  < A    >
//   rdata           < mem[A]

module sys_ram_be #(
  parameter int unsigned BYTES = 4,
  parameter int unsigned DEPTH = 16,
  localparam int unsigned Aw = sys_geom_pkg::idx_width(DEPTH)
) (
  input  logic               clk_i,
  // Read port
  input  logic               ren_i,
  input  logic [Aw-1:0]      raddr_i,
  output logic [8*BYTES-1:0] rdata_o,
  // Write port
  input  logic               we_i,
  input  logic [Aw-1:0]      waddr_i,
  input  logic [8*BYTES-1:0] wdata_i,
  input  logic [BYTES-1:0]   wbe_i
);

  logic [8*BYTES-1:0] mem [DEPTH];

  // The word as it will be. Synthesis finds byte enables in this (Yosys: opt_mem_feedback); a
  // simulator writes one word instead of many bytes.
  function automatic logic [8*BYTES-1:0] merge(
      logic [8*BYTES-1:0] old, logic [8*BYTES-1:0] data, logic [BYTES-1:0] be);
    merge = data;
    if (be != '1) begin
      for (int unsigned b = 0; b < BYTES; b++) begin
        if (!be[b]) merge[8*b+:8] = old[8*b+:8];
      end
    end
  endfunction

  always_ff @(posedge clk_i) begin
    if (ren_i) rdata_o <= mem[raddr_i];
    if (we_i) mem[waddr_i] <= merge(mem[waddr_i], wdata_i, wbe_i);
  end

endmodule
