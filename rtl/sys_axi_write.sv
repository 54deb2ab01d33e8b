// SPDX-License-Identifier: Apache-2.0
// AXI4 write side: AW, W and B of the store DMA's bursts, in slot order.
//
// A burst is opened at its first fill step and closed at its last. Closed in d, it is ready in d+2; it enters the AW
// register when that is empty or accepted; its beats follow on W; its B response frees the slot.
//
//   clk          |d |d+1|d+2|d+3|
//   close_i      /--\____________
//   aw_enter_o   _______/---\____   if AW is free
//   m_awvalid_o  ___________/----   held until accepted
//   m_wvalid_o   _______________/   from d+4 on, held until accepted

module sys_axi_write #(
  parameter int unsigned AXI_BITS = 512,
  parameter int unsigned BURST_BEATS = 8,
  parameter int unsigned OUTSTANDING = 8,
  localparam int unsigned SlotW = sys_geom_pkg::idx_width(OUTSTANDING),
  localparam int unsigned UseW = $clog2(OUTSTANDING + 1),
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(BURST_BEATS),
  localparam int unsigned OffW = $clog2(AXI_BITS / 8 * BURST_BEATS)
) (
  input  logic clk_i,
  input  logic rst_ni,

  // Slots.
  input  logic open_i,
  input  logic [31:0] addr_i,           // DRAM address of the burst's first byte
  input  logic [31:0] pc_i,
  input  logic close_i,
  input  logic [OffW:0] end_i,          // end of the burst's bytes in its aligned window
  output logic [SlotW-1:0] slot_o,      // slot of the burst that is open or will be opened next
  output logic full_o,                  // all slots are in use
  output logic [15:0] done_o,           // B responses so far

  // Data of a beat, in the same cycle.
  output logic read_o,
  output logic [SlotW-1:0] rslot_o,
  output logic [BeatW-1:0] rbeat_o,
  input  logic [AXI_BITS-1:0] rdata_i,

  // A burst enters AW.
  output logic aw_enter_o,
  output logic [OffW:0] aw_bytes_o,
  output logic [7:0] aw_len_o,

  // A burst's response is an error.
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
  output logic [AXI_BITS-1:0] m_wdata_o,
  output logic [AXI_BITS/8-1:0] m_wstrb_o,
  output logic m_wlast_o,
  input  logic m_bvalid_i,
  output logic m_bready_o,
  input  logic [1:0] m_bresp_i
);

  localparam int unsigned AxiBytes = AXI_BITS / 8;
  localparam int unsigned ByteW = $clog2(AxiBytes);
  localparam logic [SlotW-1:0] LastSlot = SlotW'(OUTSTANDING - 1);

  function automatic logic [SlotW-1:0] next(input logic [SlotW-1:0] slot);
    next = (slot == LastSlot) ? '0 : slot + 1'b1;
  endfunction

  // What is known of the burst in each slot.
  logic [31:0] addr_mem [OUTSTANDING];
  logic [31:0] pc_mem [OUTSTANDING];
  logic [OffW:0] end_mem [OUTSTANDING];
  logic [SlotW-1:0] fill_q, aw_q, w_q, b_q;
  always_ff @(posedge clk_i) begin
    if (open_i) addr_mem[fill_q] <= addr_i;
    if (open_i) pc_mem[fill_q] <= pc_i;
    if (close_i) end_mem[fill_q] <= end_i;
  end

  // Counts of slots: in use, ready for AW, in or past AW with beats to come.
  logic [UseW-1:0] in_use_q, ready_q, data_q;
  logic closed_q, w_done, b_done;
  assign slot_o = fill_q;
  assign full_o = in_use_q == UseW'(OUTSTANDING);
  assign b_done = m_bvalid_i;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_use_q <= '0;
      ready_q <= '0;
      data_q <= '0;
      closed_q <= 1'b0;
      fill_q <= '0;
      aw_q <= '0;
      w_q <= '0;
      b_q <= '0;
      done_o <= '0;
    end else begin
      closed_q <= close_i;
      if (open_i != b_done) in_use_q <= open_i ? in_use_q + 1'b1 : in_use_q - 1'b1;
      if (closed_q != aw_enter_o) ready_q <= closed_q ? ready_q + 1'b1 : ready_q - 1'b1;
      if (aw_enter_o != w_done) data_q <= aw_enter_o ? data_q + 1'b1 : data_q - 1'b1;
      if (close_i) fill_q <= next(fill_q);
      if (aw_enter_o) aw_q <= next(aw_q);
      if (w_done) w_q <= next(w_q);
      if (b_done) b_q <= next(b_q);
      if (b_done) done_o <= done_o + 1'b1;
    end
  end

  // AW.
  logic awvalid_q;
  logic [31:0] awaddr_q;
  logic [7:0] awlen_q;
  logic [OffW:0] aw_first, aw_last;  // first and last byte in the aligned window
  assign aw_first = (OffW + 1)'(addr_mem[aw_q][OffW-1:0]);
  assign aw_last = end_mem[aw_q] - 1'b1;
  assign aw_enter_o = ready_q != '0 && (!awvalid_q || m_awready_i);
  assign aw_bytes_o = end_mem[aw_q] - aw_first;
  assign aw_len_o = 8'(aw_last[OffW:ByteW]) - 8'(aw_first[OffW:ByteW]);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) awvalid_q <= 1'b0;
    else if (!awvalid_q || m_awready_i) awvalid_q <= aw_enter_o;
  end
  always_ff @(posedge clk_i) begin
    if (aw_enter_o) begin
      awaddr_q <= {addr_mem[aw_q][31:ByteW], {ByteW{1'b0}}};
      awlen_q <= aw_len_o;
    end
  end
  assign m_awvalid_o = awvalid_q;
  assign m_awaddr_o = awaddr_q;
  assign m_awlen_o = awlen_q;
  assign m_awsize_o = 3'(ByteW);
  assign m_awburst_o = 2'b01;

  // W: one beat is held; the next is fetched when it is accepted.
  logic wvalid_q, wlast_q, fetching_q, fetch, w_last;
  logic [BeatW-1:0] beat_q, beat, w_first_beat, w_last_beat;
  logic [AXI_BITS-1:0] wdata_q;
  logic [AxiBytes-1:0] wstrb_q, strobes;
  logic [OffW-1:0] w_first;
  logic [OffW:0] w_end;
  assign w_first = addr_mem[w_q][OffW-1:0];
  assign w_end = end_mem[w_q] - 1'b1;
  assign w_first_beat = BeatW'(w_first >> ByteW);
  assign w_last_beat = BeatW'(w_end >> ByteW);
  assign beat = fetching_q ? beat_q : w_first_beat;
  assign w_last = beat == w_last_beat;
  assign fetch = data_q != '0 && (!wvalid_q || m_wready_i);
  assign w_done = fetch && w_last;
  always_comb begin
    strobes = '1;
    if (beat == w_first_beat) strobes = strobes << w_first[ByteW-1:0];
    if (w_last) strobes = strobes & ~({{(AxiBytes-1){1'b1}}, 1'b0} << w_end[ByteW-1:0]);
  end
  assign read_o = fetch;
  assign rslot_o = w_q;
  assign rbeat_o = beat;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wvalid_q <= 1'b0;
      fetching_q <= 1'b0;
    end else begin
      if (!wvalid_q || m_wready_i) wvalid_q <= fetch;
      if (fetch) fetching_q <= !w_last;
    end
  end
  always_ff @(posedge clk_i) begin
    if (fetch) begin
      beat_q <= beat + 1'b1;
      wlast_q <= w_last;
      wdata_q <= rdata_i;
      wstrb_q <= strobes;
    end
  end
  assign m_wvalid_o = wvalid_q;
  assign m_wdata_o = wdata_q;
  assign m_wstrb_o = wstrb_q;
  assign m_wlast_o = wlast_q;

  // B.
  assign m_bready_o = 1'b1;
  assign error_o = m_bvalid_i && m_bresp_i != 2'b00;
  assign error_pc_o = pc_mem[b_q];

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) open_i |-> !full_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_bvalid_i |-> in_use_q != '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      m_awvalid_o && !m_awready_i |=> m_awvalid_o && $stable(m_awaddr_o) && $stable(m_awlen_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      m_wvalid_o && !m_wready_i |=> m_wvalid_o && $stable(m_wdata_o) && $stable(m_wstrb_o) &&
      $stable(m_wlast_o));
`endif

endmodule
