// SPDX-License-Identifier: Apache-2.0
// What each unit does in this cycle (exactly one cause), whether that is progress, and whether the run is over.
//
// Purely combinational; the rules and their order are those of docs/timing.md, "Causes" and "Finish".

module sys_observe #(
  localparam int unsigned NumUnits = sys_isa_pkg::NumUnits
) (
  input  logic running_i,
  input  logic all_dispatched_i,

  // Fronts, by unit id.
  input  logic [NumUnits-1:1] empty_i,
  input  logic [NumUnits-1:1] in_wait_i,
  input  logic [NumUnits-1:1] blocked_i,
  input  logic [NumUnits-1:1] in_flight_i,
  input  logic [NumUnits-1:1] single_i,
  input  logic [NumUnits-1:1] run_i,
  input  logic [3:0] fetch_cause_i,
  input  logic [NumUnits-1:1][3:0] front_cause_i,

  // Units.
  input  logic lda_busy_i,
  input  logic ldw_busy_i,
  input  logic ldw_no_credit_i,
  input  logic mxu_busy_i,
  input  logic mxu_weight_load_i,
  input  logic mxu_tile_i,
  input  logic mxu_sync_i,
  input  logic mxu_waiting_i,
  input  logic vpu_setup_i,
  input  logic vpu_busy_i,
  input  logic vpu_drain_i,
  input  logic sto_busy_i,

  output logic over_o,
  output logic stopped_o,
  output logic progress_o,
  output logic [NumUnits-1:0][3:0] cause_o
);

  localparam int unsigned Fetch = 32'(sys_isa_pkg::UnitFetch);
  localparam int unsigned Lda = 32'(sys_isa_pkg::UnitLda);
  localparam int unsigned Ldw = 32'(sys_isa_pkg::UnitLdw);
  localparam int unsigned Mxu = 32'(sys_isa_pkg::UnitMxu);
  localparam int unsigned Vpu = 32'(sys_isa_pkg::UnitVpu);
  localparam int unsigned Sto = 32'(sys_isa_pkg::UnitSto);
  // No fault: all dispatched and done.
  assign over_o = all_dispatched_i && empty_i == '1 && in_wait_i == '1 && in_flight_i == '0;

  // Fault: what was taken has ended, or can never go on. A front that is blocked while nobody has anything in flight
  // but a matrix unit that waits for a tile is blocked by that for good.
  logic [NumUnits-1:1] quiet;
  assign quiet = (in_wait_i | blocked_i) & ~in_flight_i;
  assign stopped_o = quiet[Lda] && quiet[Vpu] && quiet[Sto] && (quiet[Ldw] || ldw_no_credit_i) &&
      (quiet[Mxu] || (mxu_waiting_i && single_i[Mxu]));

  function automatic logic [3:0] dma_cause(input logic busy, input logic in_flight,
                                           input logic [3:0] front);
    if (busy) dma_cause = sys_isa_pkg::CauseBusy;
    else if (in_flight) dma_cause = sys_isa_pkg::CauseMemory;
    else dma_cause = front;
  endfunction

  always_comb begin
    cause_o[Fetch] = fetch_cause_i;
    cause_o[Lda] = dma_cause(lda_busy_i, in_flight_i[Lda], front_cause_i[Lda]);
    cause_o[Ldw] = dma_cause(ldw_busy_i, in_flight_i[Ldw], front_cause_i[Ldw]);
    if (ldw_no_credit_i) cause_o[Ldw] = sys_isa_pkg::CauseWeights;

    if (mxu_busy_i) cause_o[Mxu] = sys_isa_pkg::CauseBusy;
    else if (mxu_weight_load_i) cause_o[Mxu] = sys_isa_pkg::CauseWeightLoad;
    else if (run_i[Mxu])
      cause_o[Mxu] = (mxu_tile_i || mxu_sync_i) ? sys_isa_pkg::CauseSetup : sys_isa_pkg::CauseWeights;
    else cause_o[Mxu] = front_cause_i[Mxu];

    if (vpu_setup_i) cause_o[Vpu] = sys_isa_pkg::CauseSetup;
    else if (vpu_busy_i) cause_o[Vpu] = sys_isa_pkg::CauseBusy;
    else if (vpu_drain_i) cause_o[Vpu] = sys_isa_pkg::CauseDrain;
    else if (run_i[Vpu]) cause_o[Vpu] = sys_isa_pkg::CauseBusy;  // sync, vector_set
    else cause_o[Vpu] = front_cause_i[Vpu];

    cause_o[Sto] = dma_cause(sto_busy_i, in_flight_i[Sto], front_cause_i[Sto]);
  end

  logic [NumUnits-1:0] moves;
  for (genvar u = 0; u < int'(NumUnits); u++) begin : gen_moves
    assign moves[u] = cause_o[u] == sys_isa_pkg::CauseBusy ||
        cause_o[u] == sys_isa_pkg::CauseSetup || cause_o[u] == sys_isa_pkg::CauseDrain ||
        cause_o[u] == sys_isa_pkg::CauseMemory || cause_o[u] == sys_isa_pkg::CauseWeightLoad;
  end
  assign progress_o = running_i && moves != '0;

endmodule
