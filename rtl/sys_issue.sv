// SPDX-License-Identifier: Apache-2.0
// Issue: the fronts of the five units with the semaphores and port locks between them.
//
// Arrays over units are indexed by unit id (1 lda, 2 ldw, 3 mxu, 4 vpu, 5 sto). Cycles: see sys_front.

module sys_issue #(
  parameter int unsigned UB_BANKS = 4,
  parameter int unsigned QUEUE_DEPTH = 8,
  localparam int unsigned LocksW = 2 * UB_BANKS + 2
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [47:0] cycle_i,
  input  logic fault_i,
  input  logic all_dispatched_i,

  // From fetch.
  input  logic [5:0] push_i,
  input  logic [511:0] instr_i,
  input  logic [31:0] pc_i,
  input  logic [LocksW-1:0] locks_i,    // {ACC banks, UB write banks, UB read banks}
  output logic [5:0] full_o,

  // Units.
  output logic [5:1] start_o,
  output logic [5:1] run_o,
  output logic [5:1][511:0] instr_o,
  output logic [5:1][31:0] pc_o,
  input  logic [5:1] front_done_i,
  input  logic [5:1] end_i,

  // Observation.
  output logic [5:1][31:0] retire_pc_o,
  output logic [5:1][47:0] retire_start_o,
  output logic [5:1] empty_o,
  output logic [5:1] in_wait_o,
  output logic [5:1] blocked_o,
  output logic [5:1] in_flight_o,
  output logic [5:1] single_o,
  output logic [5:1][3:0] cause_o
);

  // A reader of the UB is done with it when its front is; every other hold lasts to the end.
  localparam logic [LocksW-1:0] UbReadLocks = LocksW'((1 << UB_BANKS) - 1);

  logic [5:0][5:0] tokens, take_tokens, signals;
  logic [5:1] lock_req, acquire;
  logic [5:1][LocksW-1:0] want, held;

  for (genvar u = 1; u <= 5; u++) begin : gen_front
    localparam bit ReadsUb = u == 3 || u == 5;
    logic unused_valid;
    sys_front #(
      .QUEUE_DEPTH(QUEUE_DEPTH), .LOCKS_W(LocksW), .INFLIGHT((u == 4) ? 1 : 4),
      .FRONT_LOCKS(ReadsUb ? UbReadLocks : '0), .DRAINS(u == 3)
    ) u_front (
      .clk_i, .rst_ni, .cycle_i, .fault_i, .all_dispatched_i,
      .push_i(push_i[u]), .instr_i, .pc_i, .locks_i, .full_o(full_o[u]),
      .tokens_i(tokens[u]), .take_tokens_o(take_tokens[u]),
      .lock_req_o(lock_req[u]), .want_o(want[u]), .held_o(held[u]), .acquire_i(acquire[u]),
      .start_o(start_o[u]), .run_o(run_o[u]), .instr_o(instr_o[u]), .pc_o(pc_o[u]),
      .front_done_i(front_done_i[u]), .end_i(end_i[u]), .signal_o(signals[u]),
      .retire_valid_o(unused_valid), .retire_pc_o(retire_pc_o[u]),
      .retire_start_o(retire_start_o[u]), .empty_o(empty_o[u]), .in_wait_o(in_wait_o[u]),
      .blocked_o(blocked_o[u]),
      .in_flight_o(in_flight_o[u]), .single_o(single_o[u]), .cause_o(cause_o[u])
    );
  end
  assign full_o[0] = 1'b0;
  assign take_tokens[0] = '0;
  assign signals[0] = '0;

  sys_sem u_sem (
    .clk_i, .rst_ni, .give_i(signals), .take_i(take_tokens), .ready_o(tokens)
  );

  // Priority: mxu, vpu, lda, sto. Weight loads hold nothing and acquire at once.
  sys_locks #(.LOCKS_W(LocksW)) u_locks (
    .req_i({lock_req[5], lock_req[1], lock_req[4], lock_req[3]}),
    .want_i({want[5], want[1], want[4], want[3]}),
    .held_i({held[5], held[1], held[4], held[3]}),
    .acquire_o({acquire[5], acquire[1], acquire[4], acquire[3]})
  );
  assign acquire[2] = lock_req[2];

`ifndef SYNTHESIS
  // No bank has two holders of a port.
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      (held[1] & held[3]) == '0 && (held[1] & held[4]) == '0 && (held[1] & held[5]) == '0 &&
      (held[3] & held[4]) == '0 && (held[3] & held[5]) == '0 && (held[4] & held[5]) == '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni) held[2] == '0 && want[2] == '0 || !lock_req[2]);
`endif
  logic unused;
  assign unused = push_i[0] || tokens[0] != '0;

endmodule
