// SPDX-License-Identifier: Apache-2.0
// What each unit does in this cycle (exactly one cause), whether that is progress, and whether the run is over.
//
// Purely combinational; the rules and their order are those of docs/timing.md, "Causes" and "Finish".

module sys_observe (
  input  logic running_i,
  input  logic all_dispatched_i,

  // Fronts, by unit id.
  input  logic [5:1] empty_i,
  input  logic [5:1] in_wait_i,
  input  logic [5:1] blocked_i,
  input  logic [5:1] in_flight_i,
  input  logic [5:1] single_i,
  input  logic [5:1] run_i,
  input  logic [3:0] fetch_cause_i,
  input  logic [5:1][3:0] front_cause_i,

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
  output logic [5:0][3:0] cause_o
);

  // No fault: all dispatched and done.
  assign over_o = all_dispatched_i && empty_i == '1 && in_wait_i == '1 && in_flight_i == '0;

  // Fault: what was taken has ended, or can never go on. A front that is blocked while nobody has anything in flight
  // but a matrix unit that waits for a tile is blocked by that for good.
  logic [5:1] quiet;
  assign quiet = (in_wait_i | blocked_i) & ~in_flight_i;
  assign stopped_o = quiet[1] && quiet[4] && quiet[5] && (quiet[2] || ldw_no_credit_i) &&
      (quiet[3] || (mxu_waiting_i && single_i[3]));

  function automatic logic [3:0] dma_cause(input logic busy, input logic in_flight,
                                           input logic [3:0] front);
    if (busy) dma_cause = sys_isa_pkg::CauseBusy;
    else if (in_flight) dma_cause = sys_isa_pkg::CauseMemory;
    else dma_cause = front;
  endfunction

  always_comb begin
    cause_o[0] = fetch_cause_i;
    cause_o[1] = dma_cause(lda_busy_i, in_flight_i[1], front_cause_i[1]);
    cause_o[2] = dma_cause(ldw_busy_i, in_flight_i[2], front_cause_i[2]);
    if (ldw_no_credit_i) cause_o[2] = sys_isa_pkg::CauseWeights;

    if (mxu_busy_i) cause_o[3] = sys_isa_pkg::CauseBusy;
    else if (mxu_weight_load_i) cause_o[3] = sys_isa_pkg::CauseWeightLoad;
    else if (run_i[3])
      cause_o[3] = (mxu_tile_i || mxu_sync_i) ? sys_isa_pkg::CauseSetup : sys_isa_pkg::CauseWeights;
    else cause_o[3] = front_cause_i[3];

    if (vpu_setup_i) cause_o[4] = sys_isa_pkg::CauseSetup;
    else if (vpu_busy_i) cause_o[4] = sys_isa_pkg::CauseBusy;
    else if (vpu_drain_i) cause_o[4] = sys_isa_pkg::CauseDrain;
    else if (run_i[4]) cause_o[4] = sys_isa_pkg::CauseBusy;  // sync, vector_set
    else cause_o[4] = front_cause_i[4];

    cause_o[5] = dma_cause(sto_busy_i, in_flight_i[5], front_cause_i[5]);
  end

  logic [5:0] moves;
  for (genvar u = 0; u < 6; u++) begin : gen_moves
    assign moves[u] = cause_o[u] == sys_isa_pkg::CauseBusy ||
        cause_o[u] == sys_isa_pkg::CauseSetup || cause_o[u] == sys_isa_pkg::CauseDrain ||
        cause_o[u] == sys_isa_pkg::CauseMemory || cause_o[u] == sys_isa_pkg::CauseWeightLoad;
  end
  assign progress_o = running_i && moves != '0;

endmodule
