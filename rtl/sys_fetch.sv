// SPDX-License-Identifier: Apache-2.0
// Fetch unit: reads the program, checks each instruction and pushes it into its unit's queue.
//
// Latency: last bytes of an instruction step in d, IR valid in d+1, DR in d+2, pushed in d+2. Throughput: one
// instruction a cycle. From the first cycle in which a fault is visible nothing moves any more.
//
//   clk      |d |d+1|d+2|d+3|
//   step     /--\____________
//   IR       ___/---\________
//   DR       _______/---\____
//   push_o   _______/---\____   unless the queue is full, the instruction faulty or a fault visible

module sys_fetch #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned NumUnits = sys_isa_pkg::NumUnits,
  localparam int unsigned LocksW = sys_geom_pkg::locks_width(CFG),
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(CFG.burst_beats),
  localparam int unsigned OffW = sys_geom_pkg::burst_aw(CFG)
) (
  input  logic clk_i,
  input  logic rst_ni,

  // The program.
  input  logic start_i,                 // in cycle 0
  input  logic [25:0] base_i,           // in units of 64 bytes
  input  logic [31:0] length_i,         // instructions
  input  logic fault_i,                 // a fault is visible

  // Read port.
  output logic req_o,
  input  logic grant_i,
  output logic [31:0] req_addr_o,
  output logic [7:0] req_len_o,
  output logic [OffW:0] req_bytes_o,
  output logic [BeatW-1:0] req_beat_o,
  output logic [31:0] req_pc_o,
  input  logic r_valid_i,
  input  logic r_last_i,
  input  logic [BeatW-1:0] r_beat_i,
  input  logic [CFG.axi_bits-1:0] r_data_i,

  // Dispatch.
  input  logic [NumUnits-1:0] full_i,            // a unit's queue is full
  output logic [NumUnits-1:0] push_o,
  output logic [511:0] instr_o,
  output logic [31:0] pc_o,
  output logic [LocksW-1:0] locks_o,
  output logic all_done_o,              // all instructions are dispatched

  // The instruction in DR is faulty (its number: pc_o).
  output logic fault_o,
  output logic [3:0] fault_code_o,
  output logic [3:0] cause_o
);

  // Reader: one run of 64-byte words.
  sys_dma_pkg::dma_desc_t desc;
  always_comb begin
    desc = '0;
    desc.addr = {base_i, 6'd0};
    desc.count0 = 16'd1;
    desc.count1 = 16'd1;
    desc.count2 = 16'd1;
    desc.pixels = length_i;
    desc.pixel_bytes = 16'd64;
    desc.word_bytes = 9'd64;
  end

  logic ready, word_last, desc_last, step, ir_new;
  logic [511:0] ir;
  logic unused_front, unused_active, unused_sync, unused_client, unused_first, unused_run, unused_end;
  logic [23:0] unused_pixel, unused_dst;
  logic [15:0] unused_idx;
  logic [8:0] unused_bytes;
  sys_reader #(
    .AXI_BITS(CFG.axi_bits), .BURST_BEATS(CFG.burst_beats),
    .OUTSTANDING(sys_geom_pkg::fetch_slots(CFG)), .WORD_BYTES(64),
    .DESCS(1), .CLIENT_BITS(1)
  ) u_reader (
    .clk_i, .rst_ni, .start_i(start_i && length_i != '0), .desc_i(desc), .client_i(1'b0),
    .front_done_o(unused_front), .enable_i(!fault_i), .req_o, .grant_i, .req_addr_o, .req_len_o,
    .req_bytes_o, .req_beat_o, .r_valid_i, .r_last_i, .r_beat_i, .r_data_i,
    .active_o(unused_active), .ready_o(ready), .sync_o(unused_sync), .client_o(unused_client),
    .word_first_o(unused_first), .word_last_o(word_last), .run_last_o(unused_run),
    .desc_last_o(desc_last), .pixel_o(unused_pixel), .step_i(step),
    .finish_i(step && desc_last), .dynamic_i(1'b0), .word_bytes_i('0), .word_valid_o(ir_new), .word_data_o(ir), .word_dst_o(unused_dst),
    .word_idx_o(unused_idx), .word_bytes_o(unused_bytes), .end_o(unused_end)
  );

  // The instruction that holds the first byte of the burst asked for.
  logic [37:0] asked_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) asked_q <= '0;
    else if (grant_i) asked_q <= asked_q + 38'(req_bytes_o);
  end
  assign req_pc_o = asked_q[37:6];

  // IR is the reader's word register: it holds until the next completing step, which needs it free.
  logic ir_held_q, ir_valid, ir_move;
  logic dr_valid_q, push;
  logic [511:0] dr_q;
  logic [3:0] dr_fault;
  logic [31:0] dispatched_q;
  logic queue_full;

  assign ir_valid = ir_new || ir_held_q;
  assign ir_move = ir_valid && (!dr_valid_q || push) && !fault_i;
  assign step = ready && !fault_i && (!word_last || !ir_valid || ir_move);

  assign queue_full = full_i[sys_isa_pkg::unit_of(dr_q)];
  assign push = dr_valid_q && dr_fault == sys_isa_pkg::FaultNone && !fault_i && !queue_full;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ir_held_q <= 1'b0;
      dr_valid_q <= 1'b0;
      dispatched_q <= '0;
    end else begin
      ir_held_q <= ir_valid && !ir_move;
      if (ir_move) dr_valid_q <= 1'b1;
      else if (push) dr_valid_q <= 1'b0;
      if (push) dispatched_q <= dispatched_q + 1'b1;
    end
  end
  always_ff @(posedge clk_i) begin
    if (ir_move) dr_q <= ir;
  end

  sys_check #(.CFG(CFG)) u_check (
    .clk_i, .en_i(ir_move), .instr_i(ir), .fault_o(dr_fault), .locks_o
  );

  assign push_o = push ? NumUnits'(1) << sys_isa_pkg::unit_of(dr_q) : '0;
  assign instr_o = dr_q;
  assign pc_o = dispatched_q;
  assign all_done_o = dispatched_q == length_i;
  assign fault_o = dr_valid_q && dr_fault != sys_isa_pkg::FaultNone && !fault_i;
  assign fault_code_o = dr_fault;

  always_comb begin
    if (push) cause_o = sys_isa_pkg::CauseBusy;
    else if (dr_valid_q && dr_fault == sys_isa_pkg::FaultNone && queue_full)
      cause_o = sys_isa_pkg::CauseQueue;
    else if (fault_i || all_done_o) cause_o = sys_isa_pkg::CauseIdle;
    else cause_o = sys_isa_pkg::CauseMemory;
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0(push_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) push |->
      sys_isa_pkg::unit_of(dr_q) != sys_isa_pkg::UnitFetch && 32'(sys_isa_pkg::unit_of(dr_q)) < NumUnits);
`endif

endmodule
