// SPDX-License-Identifier: Apache-2.0
// Ends the matrix unit's instructions in order: syncs wait for the matmuls before them.
//
// A sync ends in the cycle after its start or after the end before it, whichever is later; a matmul
// when its last row is written. Latency 1, throughput one end a cycle.
//
//   clk       |0 |1 |2 |3 |4 |    a matmul, then a sync
//   push_i    /-----\_________
//   sync_i    ___/--\_________
//   written_i _________/--\___
//   end_o     _________/-----\    the matmul, the sync

module sys_retire #(
  parameter int unsigned DEPTH = 4,  // instructions in flight
  localparam int unsigned CountW = $clog2(DEPTH + 1)
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic push_i,     // an instruction starts
  input  logic sync_i,     // it is a sync
  input  logic written_i,  // a matmul's last row is being written
  output logic end_o
);

  logic [DEPTH-1:0]  is_sync_q, is_sync_d;  // oldest in bit 0
  logic [CountW-1:0] count_q, kept;

  assign end_o = count_q != '0 && (is_sync_q[0] || written_i);
  assign kept  = count_q - CountW'(end_o);

  always_comb begin
    is_sync_d = end_o ? is_sync_q >> 1 : is_sync_q;
    if (push_i) is_sync_d = (is_sync_d & ~(DEPTH'(1) << kept)) | (DEPTH'(sync_i) << kept);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q   <= '0;
      is_sync_q <= '0;
    end else if (push_i || end_o) begin
      count_q   <= kept + CountW'(push_i);
      is_sync_q <= is_sync_d;
    end
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) push_i |-> 32'(count_q) < DEPTH);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   written_i |-> count_q != '0 && !is_sync_q[0]);
`endif

endmodule
