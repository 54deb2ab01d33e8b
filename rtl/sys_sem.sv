// SPDX-License-Identifier: Apache-2.0
// Semaphores: a 16-bit token counter for each ordered pair (producer, consumer) of the units but fetch.
//
// Tokens given in t are visible in t+1, tokens taken in t are gone in t+1.
//
//   clk          |t |t+1|
//   give_i[p][c] /--\___
//   ready_o[c][p]___/---

module sys_sem #(
  localparam int unsigned NumUnits = sys_isa_pkg::NumUnits
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic [NumUnits-1:0][NumUnits-1:0] give_i,   // [producer][consumer], one token each
  input  logic [NumUnits-1:0][NumUnits-1:0] take_i,   // [consumer][producer]
  output logic [NumUnits-1:0][NumUnits-1:0] ready_o   // [consumer][producer]: a token is there
);

  localparam int Fetch = 32'(sys_isa_pkg::UnitFetch);

  for (genvar c = 0; c < int'(NumUnits); c++) begin : gen_consumer
    for (genvar p = 0; p < int'(NumUnits); p++) begin : gen_producer
      if (c == p || c == Fetch || p == Fetch) begin : gen_none
        // Fetch neither waits nor signals; no unit signals itself (checked at dispatch).
        logic unused;
        assign unused = give_i[p][c] ^ take_i[c][p];
        assign ready_o[c][p] = 1'b0;
      end else begin : gen_counter
        logic [15:0] tokens_q;
        always_ff @(posedge clk_i or negedge rst_ni) begin
          if (!rst_ni) tokens_q <= '0;
          else if (give_i[p][c] != take_i[c][p])
            tokens_q <= give_i[p][c] ? tokens_q + 1'b1 : tokens_q - 1'b1;
        end
        assign ready_o[c][p] = tokens_q != '0;
`ifndef SYNTHESIS
        assert property (@(posedge clk_i) disable iff (!rst_ni) take_i[c][p] |-> ready_o[c][p]);
`endif
      end
    end
  end

endmodule
