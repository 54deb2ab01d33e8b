// SPDX-License-Identifier: Apache-2.0
// Control of the vector unit: when parameters, taps and residuals are read, outputs written.
//
// A vector that starts in s reads its parameter rows in s and s + 1; its first tap (or residual) is
// read in T0 = s + 3, one tap a cycle. With a UB source the residual costs a cycle before each
// output's taps; with an ACC source it is read beside the last tap. The last output, read in E, is
// written in E + 11, its end.
//
//   clk          |s |s+1|s+2|T0 ... |E |E+1 ... |E+11|
//   start_i      /--\_________________________________
//   param_req_o  /------\_____________________________
//   setup_o      /----------\_________________________
//   busy_o       ___________/----------\______________
//   drain_o      ______________________/-------------\
//   write_i      _______________________________/----\   the last one
//   end_o        _______________________________/----\

module sys_vpu_ctrl #(
  parameter int unsigned UB_AW = 14,
  parameter int unsigned ACC_AW = 10,
  parameter int unsigned PB_ROWS = 64,
  localparam int unsigned PbW = sys_geom_pkg::idx_width(PB_ROWS)
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // Front
  input  logic              start_i,      // first RUN cycle of a vector
  input  sys_isa_pkg::vector_t instr_i,   // stable during RUN
  output logic              end_o,
  output logic              setup_o,
  output logic              busy_o,
  output logic              drain_o,
  // Parameter rows
  output logic              param_req_o,
  output logic [PbW-1:0]    param_row_o,
  output logic              bias_valid_o,   // the row read is the bias
  output logic              scale_valid_o,  // the row read is the scale
  // Reads (cycle c)
  output logic              tap_o,
  output logic              tap_pad_o,
  output logic              tap_first_o,    // of its window
  output logic              tap_last_o,
  output logic              res_o,          // the residual is read
  output logic              ub_req_o,
  output logic [UB_AW-1:0]  ub_addr_o,
  output logic              acc_req_o,
  output logic [ACC_AW-1:0] acc_addr_o,
  // Writes (cycle c + 11)
  input  logic              write_i,
  output logic [UB_AW-1:0]  write_addr_o
);

  localparam int unsigned Aw = sys_geom_pkg::max2(UB_AW, ACC_AW);
  localparam int unsigned PosW = 26;

  typedef enum logic [2:0] {StIdle, StBias, StScale, StRun, StDrain} state_e;
  state_e state_q, state_d;

  // Loops: outputs, and the taps of one output.
  logic out2_last, out1_last, out_last, tap2_last, tap1_last, tap_last;
  logic next_output, write_last, write2_last, write1_last;

  // In RUN: this cycle reads the residual alone; the next tap is its window's first.
  logic res_slot, res_slot_q, first_q;

  assign res_slot    = instr_i.residual && instr_i.src_ub;
  assign tap_o       = state_q == StRun && !res_slot_q;
  assign tap_first_o = first_q;
  assign tap_last_o  = tap_last;
  assign next_output = tap_o && tap_last;
  assign res_o       = state_q == StRun &&
                       (res_slot_q || (instr_i.residual && !instr_i.src_ub && tap_last));

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StIdle:  if (start_i) state_d = StBias;
      StBias:  state_d = StScale;
      StScale: state_d = StRun;
      StRun:   if (next_output && out_last) state_d = StDrain;
      StDrain: if (write_i && write_last) state_d = StIdle;
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q    <= StIdle;
      res_slot_q <= 1'b0;
      first_q    <= 1'b0;
    end else begin
      state_q <= state_d;
      if (start_i) begin
        res_slot_q <= res_slot;
        first_q    <= 1'b1;
      end else if (state_q == StRun) begin
        res_slot_q <= next_output && res_slot;
        if (tap_o) first_q <= tap_last;
      end
    end
  end

  assign setup_o = start_i || state_q == StBias || state_q == StScale;
  assign busy_o  = state_q == StRun;
  assign drain_o = state_q == StDrain;
  assign end_o   = write_i && write_last;

  assign param_req_o   = start_i || state_q == StBias;
  assign param_row_o   = PbW'(instr_i.param_row) + PbW'(!start_i);
  assign bias_valid_o  = state_q == StBias;
  assign scale_valid_o = state_q == StScale;

  sys_loop3 u_out_loop (
    .clk_i, .load_i(start_i), .step_i(next_output),
    .count0_i(instr_i.n), .count1_i(instr_i.oh), .count2_i(instr_i.ow),
    .last2_o(out2_last), .last1_o(out1_last), .last_o(out_last)
  );

  sys_loop3 #(.W0(1), .W1(8), .W2(8)) u_tap_loop (
    .clk_i, .load_i(start_i), .step_i(tap_o),
    .count0_i(1'b1), .count1_i(instr_i.kh), .count2_i(instr_i.kw),
    .last2_o(tap2_last), .last1_o(tap1_last), .last_o(tap_last)
  );

  // Source: the origin of each output's window, and the taps from there.
  logic [Aw-1:0] step_h_q, step_w_q;  // source words between output rows and columns
  always_ff @(posedge clk_i) begin
    if (start_i) begin
      step_h_q <= Aw'(instr_i.stride_h) * Aw'(instr_i.src_stride1);
      step_w_q <= Aw'(instr_i.stride_w) * Aw'(instr_i.src_stride2);
    end
  end

  logic [Aw-1:0] base, origin_next, tap_addr, unused_origin, unused_tap_next;
  assign base = !start_i ? '0 : Aw'(instr_i.src_addr) + Aw'(instr_i.h0) * Aw'(instr_i.src_stride1)
                                + Aw'(instr_i.w0) * Aw'(instr_i.src_stride2);

  sys_addr3 #(.WIDTH(Aw)) u_origin (
    .clk_i, .load_i(start_i), .base_i(base), .step_i(next_output),
    .last2_i(out2_last), .last1_i(out1_last),
    .stride0_i(Aw'(instr_i.src_stride0)), .stride1_i(step_h_q), .stride2_i(step_w_q),
    .addr_o(unused_origin), .next_o(origin_next)
  );

  sys_addr3 #(.WIDTH(Aw)) u_tap (
    .clk_i, .load_i(start_i || next_output), .base_i(origin_next), .step_i(tap_o),
    .last2_i(tap2_last), .last1_i(tap1_last), .stride0_i('0),
    .stride1_i(Aw'(instr_i.src_stride1)), .stride2_i(Aw'(instr_i.src_stride2)),
    .addr_o(tap_addr), .next_o(unused_tap_next)
  );

  logic [PosW-1:0] row_next, col_next, unused_row, unused_col;
  logic in_range, unused_in_range;

  sys_window u_origin_window (
    .clk_i, .load_i(start_i), .row_i(PosW'(instr_i.h0)), .col_i(PosW'(instr_i.w0)),
    .step_i(next_output), .last2_i(out2_last), .last1_i(out1_last),
    .row_step_i(instr_i.stride_h), .col_step_i(instr_i.stride_w),
    .height_i(instr_i.height), .width_i(instr_i.width),
    .in_range_o(unused_in_range), .next_row_o(row_next), .next_col_o(col_next)
  );

  sys_window u_tap_window (
    .clk_i, .load_i(start_i || next_output), .row_i(row_next), .col_i(col_next),
    .step_i(tap_o), .last2_i(tap2_last), .last1_i(tap1_last),
    .row_step_i(8'd1), .col_step_i(8'd1),
    .height_i(instr_i.height), .width_i(instr_i.width),
    .in_range_o(in_range), .next_row_o(unused_row), .next_col_o(unused_col)
  );

  // Residual and destination.
  logic [UB_AW-1:0] res_addr, unused_res_next, unused_write_next;
  sys_addr3 #(.WIDTH(UB_AW)) u_res (
    .clk_i, .load_i(start_i), .base_i(UB_AW'(instr_i.res_addr)), .step_i(next_output),
    .last2_i(out2_last), .last1_i(out1_last), .stride0_i(UB_AW'(instr_i.res_stride0)),
    .stride1_i(UB_AW'(instr_i.res_stride1)), .stride2_i(UB_AW'(instr_i.res_stride2)),
    .addr_o(res_addr), .next_o(unused_res_next)
  );

  sys_loop3 u_write_loop (
    .clk_i, .load_i(start_i), .step_i(write_i),
    .count0_i(instr_i.n), .count1_i(instr_i.oh), .count2_i(instr_i.ow),
    .last2_o(write2_last), .last1_o(write1_last), .last_o(write_last)
  );

  sys_addr3 #(.WIDTH(UB_AW)) u_write (
    .clk_i, .load_i(start_i), .base_i(UB_AW'(instr_i.dst_addr)), .step_i(write_i),
    .last2_i(write2_last), .last1_i(write1_last), .stride0_i(UB_AW'(instr_i.dst_stride0)),
    .stride1_i(UB_AW'(instr_i.dst_stride1)), .stride2_i(UB_AW'(instr_i.dst_stride2)),
    .addr_o(write_addr_o), .next_o(unused_write_next)
  );

  assign tap_pad_o  = !in_range;
  assign ub_req_o   = res_o || (tap_o && instr_i.src_ub && in_range);
  assign ub_addr_o  = res_o ? res_addr : UB_AW'(tap_addr);
  assign acc_req_o  = tap_o && !instr_i.src_ub && in_range;
  assign acc_addr_o = ACC_AW'(tap_addr);

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> state_q == StIdle);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   state_q != StIdle |-> $stable(instr_i));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   write_i |-> state_q == StRun || state_q == StDrain);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   !(res_o && tap_o && instr_i.src_ub));
`endif

endmodule
