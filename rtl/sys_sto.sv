// SPDX-License-Identifier: Apache-2.0
// Store DMA: fills write bursts from UB words, step by step, and retires stores in order.
//
// Latency: first fill step in s+1; a fill step in d reads the UB, its bytes are in the slot from d+2 on; the end is
// the first cycle after the last fill step in which all B responses have passed. Throughput: one fill step a cycle.
//
//   clk           |s |s+1|...|e  |...|B |B+1|
//   start_i       /--\_______________________
//   busy_o        ___/-----------\___________   fill steps
//   front_done_o  ___________/---\___________
//   end_o         ______________________/---\

module sys_sto #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned L = sys_geom_pkg::lanes(CFG),
  localparam int unsigned WBytes = sys_geom_pkg::word_bytes(CFG),
  localparam int unsigned UbAw = sys_geom_pkg::ub_aw(CFG),
  localparam int unsigned OffW = sys_geom_pkg::burst_aw(CFG)
) (
  input  logic clk_i,
  input  logic rst_ni,

  // Front.
  input  logic start_i,
  input  logic [511:0] instr_i,
  input  logic [31:0] pc_i,
  output logic front_done_o,
  output logic end_o,
  output logic busy_o,

  // Unified buffer.
  output logic ub_req_o,
  output logic [UbAw-1:0] ub_addr_o,
  input  logic [8*WBytes-1:0] ub_rdata_i,

  // A burst enters AW.
  output logic aw_enter_o,
  output logic [OffW:0] aw_bytes_o,
  output logic [7:0] aw_len_o,

  output logic error_o,
  output logic [31:0] error_pc_o,

  // AXI4 manager, write channels.
  output logic m_awvalid_o,
  input  logic m_awready_i,
  output logic [31:0] m_awaddr_o,
  output logic [7:0] m_awlen_o,
  output logic [2:0] m_awsize_o,
  output logic [1:0] m_awburst_o,
  output logic m_wvalid_o,
  input  logic m_wready_i,
  output logic [CFG.axi_bits-1:0] m_wdata_o,
  output logic [CFG.axi_bits/8-1:0] m_wstrb_o,
  output logic m_wlast_o,
  input  logic m_bvalid_i,
  output logic m_bready_o,
  input  logic [1:0] m_bresp_i
);

  localparam int unsigned SlotW = sys_geom_pkg::idx_width(CFG.outstanding);
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(CFG.burst_beats);

  sys_isa_pkg::store_t st;
  sys_dma_pkg::dma_desc_t desc;
  assign st = instr_i;
  always_comb begin
    desc = '0;
    desc.sync = sys_isa_pkg::opcode_of(instr_i) != sys_isa_pkg::OpStore;
    desc.addr = st.dram_addr;
    desc.stride0 = st.dram_stride0;
    desc.stride1 = st.dram_stride1;
    desc.stride2 = st.dram_stride2;
    desc.count0 = st.count0;
    desc.count1 = st.count1;
    desc.count2 = st.count2;
    desc.pixels = 32'(st.pixels);
    desc.pixel_bytes = st.pixel_bytes;
    desc.word_bytes = 9'(L);
    desc.dst = st.ub_addr;
    desc.dst_stride0 = st.ub_stride0;
    desc.dst_stride1 = st.ub_stride1;
    desc.dst_stride2 = st.ub_stride2;
    desc.dst_pixel_stride = st.ub_pixel_stride;
  end

  // Fill steps.
  logic active_q, sync_q, step, move, full;
  logic [31:0] addr;
  logic [7:0] pos;
  logic [8:0] bytes;
  logic [23:0] pixel;
  logic [15:0] word;
  logic burst_first, burst_last, desc_last, unused_word, unused_run;
  sys_walk #(.BURST_BYTES(CFG.axi_bits / 8 * CFG.burst_beats)) u_walk (
    .clk_i, .load_i(start_i), .desc_i(desc), .step_i(move), .dynamic_i(1'b0), .word_bytes_i('0),
    .addr_o(addr), .pos_o(pos),
    .bytes_o(bytes), .pixel_o(pixel), .word_o(word), .burst_first_o(burst_first),
    .burst_last_o(burst_last), .word_last_o(unused_word), .run_last_o(unused_run),
    .desc_last_o(desc_last)
  );
  assign step = active_q && (sync_q || !burst_first || !full);
  assign move = step && !sync_q;
  assign front_done_o = step && (sync_q || desc_last);
  assign busy_o = step;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) active_q <= 1'b0;
    else if (start_i) active_q <= 1'b1;
    else if (front_done_o) active_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (start_i) sync_q <= desc.sync;
  end

  // The word comes a cycle later and goes to its place in the slot.
  logic open, close, move_q;
  logic [SlotW-1:0] slot, slot_q;
  logic [OffW-1:0] offset_q;
  logic [7:0] pos_q;
  logic [8:0] bytes_q;
  assign ub_req_o = move;
  assign ub_addr_o = UbAw'(pixel + 24'(word));
  assign open = move && burst_first;
  assign close = move && burst_last;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) move_q <= 1'b0;
    else move_q <= move;
  end
  always_ff @(posedge clk_i) begin
    if (move) begin
      slot_q <= slot;
      offset_q <= addr[OffW-1:0];
      pos_q <= pos;
      bytes_q <= bytes;
    end
  end

  logic read;
  logic [SlotW-1:0] rslot;
  logic [BeatW-1:0] rbeat;
  logic [CFG.axi_bits-1:0] beat;
  sys_store_buffer #(
    .AXI_BITS(CFG.axi_bits), .BURST_BEATS(CFG.burst_beats), .OUTSTANDING(CFG.outstanding), .WORD_BYTES(WBytes)
  ) u_buffer (
    .clk_i, .we_i(move_q), .wslot_i(slot_q), .offset_i(offset_q), .pos_i(pos_q),
    .bytes_i(bytes_q), .word_i(ub_rdata_i), .read_i(read), .rslot_i(rslot), .rbeat_i(rbeat),
    .beat_o(beat)
  );

  logic [15:0] responses;
  sys_axi_write #(
    .AXI_BITS(CFG.axi_bits), .BURST_BEATS(CFG.burst_beats), .OUTSTANDING(CFG.outstanding)
  ) u_write (
    .clk_i, .rst_ni, .open_i(open), .addr_i(addr), .pc_i, .close_i(close),
    .end_i((OffW + 1)'(addr[OffW-1:0]) + (OffW + 1)'(bytes)), .slot_o(slot), .full_o(full),
    .done_o(responses), .read_o(read), .rslot_o(rslot), .rbeat_o(rbeat), .rdata_i(beat),
    .aw_enter_o, .aw_bytes_o, .aw_len_o, .error_o, .error_pc_o, .m_awvalid_o, .m_awready_i,
    .m_awaddr_o, .m_awlen_o, .m_awsize_o, .m_awburst_o, .m_wvalid_o, .m_wready_i, .m_wdata_o,
    .m_wstrb_o, .m_wlast_o, .m_bvalid_i, .m_bready_o, .m_bresp_i
  );

  // Retirement: an instruction ends when as many responses came as bursts were opened up to its last fill step.
  logic [15:0] opened_q, opened, target, lead;
  logic waiting;
  logic [2:0] unused_count;
  assign opened = opened_q + 16'(open);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) opened_q <= '0;
    else opened_q <= opened;
  end
  sys_fifo #(.WIDTH(16), .DEPTH(4)) u_targets (
    .clk_i, .rst_ni, .push_i(front_done_o), .data_i(opened), .pop_i(end_o), .head_o(target),
    .valid_o(waiting), .count_o(unused_count)
  );
  assign lead = responses - target;
  assign end_o = waiting && !lead[15];

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !active_q);
  assert property (@(posedge clk_i) disable iff (!rst_ni) end_o |-> waiting);
`endif

endmodule
