// SPDX-License-Identifier: Apache-2.0
// Front of a unit: queue, semaphore wait, lock, run, and the list of instructions in flight.
//
//   WAIT --take(t)--> LOCK --acquire(u)--> RUN, first cycle s = u+1 --front done(e)--> WAIT in e+1
//
// Latency: queue head to start 2 cycles at the least. Throughput: one instruction in 3 cycles at the most.
//
//   clk           |t |u |s |..|e |
//   take_o        /--\____________
//   lock_req_o    ___/--\_________   until acquire_i
//   start_o       ______/--\______
//   front_done_i  ____________/--\   e >= s

module sys_front #(
  parameter int unsigned QUEUE_DEPTH = 8,
  parameter int unsigned LOCKS_W = 10,
  parameter int unsigned INFLIGHT = 4,
  parameter logic [LOCKS_W-1:0] FRONT_LOCKS = '0,  // released after front done; the others after the end
  parameter bit DRAINS = 1'b0,                     // an empty queue with work in flight counts as drain
  localparam int unsigned NumUnits = sys_isa_pkg::NumUnits
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [47:0] cycle_i,
  input  logic fault_i,              // a fault is visible
  input  logic all_dispatched_i,

  // Queue.
  input  logic push_i,
  input  logic [511:0] instr_i,
  input  logic [31:0] pc_i,
  input  logic [LOCKS_W-1:0] locks_i,
  output logic full_o,

  // Semaphores of this consumer, by producer.
  input  logic [NumUnits-1:0] tokens_i,
  output logic [NumUnits-1:0] take_tokens_o,

  // Locks.
  output logic lock_req_o,
  output logic [LOCKS_W-1:0] want_o,
  output logic [LOCKS_W-1:0] held_o,
  input  logic acquire_i,

  // The unit.
  output logic start_o,
  output logic run_o,
  output logic [511:0] instr_o,      // stable from start_o to front_done_i
  output logic [31:0] pc_o,          // of the newest instruction taken
  input  logic front_done_i,
  input  logic end_i,

  // Retirement, in the end cycle.
  output logic [NumUnits-1:0] signal_o,
  output logic retire_valid_o,
  output logic [31:0] retire_pc_o,
  output logic [47:0] retire_start_o,

  output logic empty_o,              // queue empty
  output logic in_wait_o,
  output logic blocked_o,            // in LOCK, and another holds what it wants
  output logic in_flight_o,
  output logic single_o,             // exactly one instruction in flight
  output logic [3:0] cause_o         // the front's own cause
);

  typedef enum logic [1:0] {Wait, Lock, Run} state_e;
  state_e state_q, state_d;

  // Queue.
  logic q_valid, take;
  logic [511:0] q_instr;
  logic [31:0] q_pc;
  logic [LOCKS_W-1:0] q_locks;
  logic [$clog2(QUEUE_DEPTH+1)-1:0] q_count;
  sys_fifo #(.WIDTH(LOCKS_W + 32 + 512), .DEPTH(QUEUE_DEPTH)) u_queue (
    .clk_i, .rst_ni, .push_i, .data_i({locks_i, pc_i, instr_i}), .pop_i(take),
    .head_o({q_locks, q_pc, q_instr}), .valid_o(q_valid), .count_o(q_count)
  );
  assign full_o = q_count == ($clog2(QUEUE_DEPTH+1))'(QUEUE_DEPTH);
  assign empty_o = !q_valid;

  // In flight: entries from acquire to end, each with the locks it keeps until then.
  localparam int unsigned PtrW = sys_geom_pkg::idx_width(INFLIGHT);
  localparam int unsigned CntW = $clog2(INFLIGHT + 1);
  logic [CntW-1:0] flying_q;
  logic [PtrW-1:0] in_q, out_q;
  logic [INFLIGHT-1:0][31:0] pc_list_q;
  logic [INFLIGHT-1:0][47:0] start_list_q;
  logic [INFLIGHT-1:0][NumUnits-1:0] signal_list_q;
  logic [INFLIGHT-1:0][LOCKS_W-1:0] locks_list_q;

  logic [511:0] instr_q;
  logic [31:0] pc_q;
  logic [LOCKS_W-1:0] locks_q;
  logic first_q, limit;
  logic [NumUnits-1:0] wait_set, missing;

  assign limit = flying_q == CntW'(INFLIGHT);
  assign wait_set = sys_isa_pkg::wait_set_of(q_instr);
  assign missing = wait_set & ~tokens_i;
  assign take = state_q == Wait && q_valid && !fault_i && !limit && missing == '0;
  assign take_tokens_o = take ? wait_set : '0;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Wait: if (take) state_d = Lock;
      Lock: if (acquire_i) state_d = Run;
      Run: if (front_done_i) state_d = Wait;
      default: state_d = Wait;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Wait;
      first_q <= 1'b0;
      flying_q <= '0;
      in_q <= '0;
      out_q <= '0;
      locks_list_q <= '0;
      pc_q <= '0;
    end else begin
      state_q <= state_d;
      first_q <= acquire_i;
      if (take) pc_q <= q_pc;
      if (acquire_i != end_i) flying_q <= acquire_i ? flying_q + 1'b1 : flying_q - 1'b1;
      if (end_i) begin
        out_q <= (out_q == PtrW'(INFLIGHT - 1)) ? '0 : out_q + 1'b1;
        locks_list_q[out_q] <= '0;
      end
      if (acquire_i) begin
        in_q <= (in_q == PtrW'(INFLIGHT - 1)) ? '0 : in_q + 1'b1;
        locks_list_q[in_q] <= locks_q & ~FRONT_LOCKS;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) begin
      instr_q <= q_instr;
      locks_q <= q_locks;
    end
    if (acquire_i) begin
      pc_list_q[in_q] <= pc_q;
      start_list_q[in_q] <= cycle_i + 1'b1;
      signal_list_q[in_q] <= sys_isa_pkg::signal_set_of(instr_q);
    end
  end

  always_comb begin
    held_o = (state_q == Run) ? locks_q & FRONT_LOCKS : '0;
    for (int i = 0; i < int'(INFLIGHT); i++) held_o |= locks_list_q[i];
  end

  assign lock_req_o = state_q == Lock;
  assign want_o = locks_q;
  assign start_o = first_q;
  assign run_o = state_q == Run;
  assign instr_o = instr_q;
  assign pc_o = pc_q;
  assign in_wait_o = state_q == Wait;
  assign blocked_o = state_q == Lock && !acquire_i;
  assign in_flight_o = flying_q != '0;
  assign single_o = flying_q == CntW'(1);

  assign retire_valid_o = end_i;
  assign retire_pc_o = pc_list_q[out_q];
  assign retire_start_o = start_list_q[out_q];
  assign signal_o = end_i ? signal_list_q[out_q] : '0;

  always_comb begin
    cause_o = sys_isa_pkg::CauseIdle;
    if (state_q == Lock) begin
      cause_o = acquire_i ? sys_isa_pkg::CauseSetup : sys_isa_pkg::CauseBank;
    end else if (fault_i) begin
      cause_o = sys_isa_pkg::CauseIdle;
    end else if (q_valid) begin
      cause_o = sys_isa_pkg::CauseSetup;
      for (int unsigned u = NumUnits - 1; u >= 1; u--)
        if (missing[u]) cause_o = sys_isa_pkg::sem_cause(3'(u));  // the lowest counts
      if (limit) cause_o = sys_isa_pkg::CauseDrain;
    end else if (DRAINS && in_flight_o) begin
      cause_o = sys_isa_pkg::CauseDrain;
    end else if (!all_dispatched_i) begin
      cause_o = sys_isa_pkg::CauseFetch;
    end
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) acquire_i |-> lock_req_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) front_done_i |-> run_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) end_i |-> in_flight_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) lock_req_o && !acquire_i |=> lock_req_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) push_i |-> !full_o);
`endif

endmodule
