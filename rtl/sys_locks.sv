// SPDX-License-Identifier: Apache-2.0
// Grants (bank, port) pairs to instructions: all at once, on registered holds, by fixed priority.
//
// A request acquires if no other unit holds one of its pairs and no unit of higher priority acquires one of them in
// the same cycle. Purely combinational; the fronts register the holds (visible the cycle after).
//
//   clk         |u |u+1|
//   req_i       /--\___
//   acquire_o   /--\___
//   held_i      ___/---

module sys_locks #(
  parameter int unsigned LOCKS_W = 10
) (
  // Index = priority, first the highest: mxu, vpu, lda, sto.
  input  logic [3:0] req_i,
  input  logic [3:0][LOCKS_W-1:0] want_i,
  input  logic [3:0][LOCKS_W-1:0] held_i,
  output logic [3:0] acquire_o
);

  always_comb begin
    logic [LOCKS_W-1:0] taken, blocked;
    taken = '0;
    for (int u = 0; u < 4; u++) begin
      blocked = taken;
      for (int v = 0; v < 4; v++) begin
        if (v != u) blocked |= held_i[v];
      end
      acquire_o[u] = req_i[u] && (want_i[u] & blocked) == '0;
      if (req_i[u] && (want_i[u] & blocked) == '0) taken |= want_i[u];
    end
  end

endmodule
