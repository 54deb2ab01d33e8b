// SPDX-License-Identifier: Apache-2.0
// Issue: the fronts of the units with the semaphores and port locks between them.
//
// Arrays over units are indexed by unit_e; fetch has no front. Cycles: see sys_front.

module sys_issue #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned NumUnits = sys_isa_pkg::NumUnits,
  localparam int unsigned LocksW = sys_geom_pkg::locks_width(CFG)
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [47:0] cycle_i,
  input  logic fault_i,
  input  logic all_dispatched_i,

  // From fetch.
  input  logic [NumUnits-1:0] push_i,
  input  logic [511:0] instr_i,
  input  logic [31:0] pc_i,
  input  logic [LocksW-1:0] locks_i,    // {ACC banks, UB write banks, UB read banks}
  output logic [NumUnits-1:0] full_o,

  // Units.
  output logic [NumUnits-1:1] start_o,
  output logic [NumUnits-1:1] run_o,
  output logic [NumUnits-1:1][511:0] instr_o,
  output logic [NumUnits-1:1][31:0] pc_o,
  input  logic [NumUnits-1:1] front_done_i,
  input  logic [NumUnits-1:1] end_i,

  // Observation.
  output logic [NumUnits-1:1][31:0] retire_pc_o,
  output logic [NumUnits-1:1][47:0] retire_start_o,
  output logic [NumUnits-1:1] empty_o,
  output logic [NumUnits-1:1] in_wait_o,
  output logic [NumUnits-1:1] blocked_o,
  output logic [NumUnits-1:1] in_flight_o,
  output logic [NumUnits-1:1] single_o,
  output logic [NumUnits-1:1][3:0] cause_o
);

  localparam int unsigned Fetch = 32'(sys_isa_pkg::UnitFetch);
  localparam int unsigned Lda = 32'(sys_isa_pkg::UnitLda);
  localparam int unsigned Ldw = 32'(sys_isa_pkg::UnitLdw);
  localparam int unsigned Mxu = 32'(sys_isa_pkg::UnitMxu);
  localparam int unsigned Vpu = 32'(sys_isa_pkg::UnitVpu);
  localparam int unsigned Sto = 32'(sys_isa_pkg::UnitSto);
  // A reader of the UB is done with it when its front is; every other hold lasts to the end.
  localparam logic [LocksW-1:0] UbReadLocks = LocksW'((1 << CFG.ub_banks) - 1);

  logic [NumUnits-1:0][NumUnits-1:0] tokens, take_tokens, signals;
  logic [NumUnits-1:1] lock_req, acquire;
  logic [NumUnits-1:1][LocksW-1:0] want, held;

  for (genvar u = 1; u < int'(NumUnits); u++) begin : gen_front
    localparam bit IsMxu = u == int'(Mxu);
    localparam bit ReadsUb = IsMxu || u == int'(Sto);
    logic unused_valid;
    sys_front #(
      .QUEUE_DEPTH(CFG.queue_depth), .LOCKS_W(LocksW), .INFLIGHT((u == int'(Vpu)) ? 1 : 4),
      .FRONT_LOCKS(ReadsUb ? UbReadLocks : '0), .DRAINS(IsMxu)
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
  assign full_o[Fetch] = 1'b0;
  assign take_tokens[Fetch] = '0;
  assign signals[Fetch] = '0;

  sys_sem u_sem (
    .clk_i, .rst_ni, .give_i(signals), .take_i(take_tokens), .ready_o(tokens)
  );

  // Priority: mxu, vpu, lda, sto. Weight loads hold nothing and acquire at once.
  sys_locks #(.LOCKS_W(LocksW)) u_locks (
    .req_i({lock_req[Sto], lock_req[Lda], lock_req[Vpu], lock_req[Mxu]}),
    .want_i({want[Sto], want[Lda], want[Vpu], want[Mxu]}),
    .held_i({held[Sto], held[Lda], held[Vpu], held[Mxu]}),
    .acquire_o({acquire[Sto], acquire[Lda], acquire[Vpu], acquire[Mxu]})
  );
  assign acquire[Ldw] = lock_req[Ldw];

`ifndef SYNTHESIS
  // No bank has two holders of a port.
  for (genvar u = 1; u < int'(NumUnits); u++) begin : gen_holder
    for (genvar v = u + 1; v < int'(NumUnits); v++) begin : gen_other
      assert property (@(posedge clk_i) disable iff (!rst_ni) (held[u] & held[v]) == '0);
    end
  end
  assert property (@(posedge clk_i) disable iff (!rst_ni) held[Ldw] == '0 && want[Ldw] == '0 || !lock_req[Ldw]);
`endif
  logic unused;
  assign unused = push_i[Fetch] || tokens[Fetch] != '0;

endmodule
