// SPDX-License-Identifier: Apache-2.0
// Burst reader of a DMA engine: asks for bursts, keeps them in slots, and hands out words step by step.
//
// The issue side runs ahead of the back end; descriptors wait in between. Rules and cycles: docs/timing.md,
// "Burst reader". A user takes a step when `ready_o`, ends a transfer with `finish_i` in its last step e, and
// carries CLIENT_BITS of its own beside the descriptor.
// Latency: start_i in s, first burst pending in s+1, back end active in s+2 at the earliest.
// Throughput: one burst and one step a cycle.
//
//   clk           |l |l+1|l+2|      last beat in l
//   r_last_i      /--\_______
//   ready_o       ___/---\___
//   step_i        ___/---\___
//   word_valid_o  _______/---\      if the step completes a word

module sys_reader #(
  parameter int unsigned AXI_BITS = 512,
  parameter int unsigned BURST_BEATS = 8,
  parameter int unsigned OUTSTANDING = 8,
  parameter int unsigned WORD_BYTES = 16,   // largest destination word, a power of two
  parameter int unsigned DESCS = 4,
  parameter int unsigned CLIENT_BITS = 1,
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(BURST_BEATS),
  localparam int unsigned OffW = $clog2(AXI_BITS / 8 * BURST_BEATS)
) (
  input  logic clk_i,
  input  logic rst_ni,

  // Front: one transfer at a time.
  input  logic start_i,
  input  sys_dma_pkg::dma_desc_t desc_i,      // stable from start_i to front_done_o
  input  logic [CLIENT_BITS-1:0] client_i,    // valid with start_i
  output logic front_done_o,

  // Read requests.
  input  logic enable_i,
  output logic req_o,
  input  logic grant_i,
  output logic [31:0] req_addr_o,
  output logic [7:0] req_len_o,
  output logic [OffW:0] req_bytes_o,
  output logic [BeatW-1:0] req_beat_o,

  // Read data, in request order.
  input  logic r_valid_i,
  input  logic r_last_i,
  input  logic [BeatW-1:0] r_beat_i,
  input  logic [AXI_BITS-1:0] r_data_i,

  // Back end: the step that is possible in this cycle.
  output logic active_o,
  output logic ready_o,                       // active, and the burst usable or none needed
  output logic sync_o,
  output logic [CLIENT_BITS-1:0] client_o,
  output logic word_first_o,
  output logic word_last_o,
  output logic run_last_o,
  output logic desc_last_o,
  output logic [23:0] pixel_o,
  input  logic step_i,
  input  logic finish_i,
  input  logic dynamic_i,                     // of the transfer: words of word_bytes_i (sys_walk)
  input  logic [8:0] word_bytes_i,

  // In the cycle after: the completed word.
  output logic word_valid_o,
  output logic [8*WORD_BYTES-1:0] word_data_o,
  output logic [23:0] word_dst_o,
  output logic [15:0] word_idx_o,             // within its pixel
  output logic [8:0] word_bytes_o,            // valid bytes, from byte 0
  output logic end_o
);

  localparam int unsigned SlotW = sys_geom_pkg::idx_width(OUTSTANDING);
  localparam int unsigned UseW = $clog2(OUTSTANDING + 1);
  localparam logic [SlotW-1:0] LastSlot = SlotW'(OUTSTANDING - 1);
  localparam int unsigned DescBits = sys_dma_pkg::DmaDescBits;

  // Issue.
  logic pending;
  logic [UseW-1:0] in_use_q, arrived_q;
  logic burst_done;

  sys_burst_issue #(.AXI_BITS(AXI_BITS), .BURST_BEATS(BURST_BEATS)) u_issue (
    .clk_i, .rst_ni, .start_i, .desc_i, .done_o(front_done_o), .pending_o(pending), .grant_i,
    .addr_o(req_addr_o), .len_o(req_len_o), .bytes_o(req_bytes_o), .beat_o(req_beat_o)
  );
  assign req_o = pending && enable_i && in_use_q != UseW'(OUTSTANDING);

  // Descriptors between issue and back end.
  logic waiting, load;
  sys_dma_pkg::dma_desc_t head;
  logic [CLIENT_BITS-1:0] head_client;
  logic [$clog2(DESCS+1)-1:0] unused_count;
  sys_fifo #(.WIDTH(DescBits + CLIENT_BITS), .DEPTH(DESCS)) u_descs (
    .clk_i, .rst_ni, .push_i(start_i), .data_i({client_i, desc_i}), .pop_i(load),
    .head_o({head_client, head}), .valid_o(waiting), .count_o(unused_count)
  );

  logic active_q, sync_q, end_q;
  logic [CLIENT_BITS-1:0] client_q;
  assign load = waiting && !active_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      end_q <= 1'b0;
    end else begin
      if (load) active_q <= 1'b1;
      else if (finish_i) active_q <= 1'b0;
      end_q <= finish_i;
    end
  end
  always_ff @(posedge clk_i) begin
    if (load) begin
      sync_q <= head.sync;
      client_q <= head_client;
    end
  end
  assign active_o = active_q;
  assign sync_o = sync_q;
  assign client_o = client_q;
  assign end_o = end_q;

  // Steps.
  logic move;
  logic [31:0] addr;
  logic [7:0] pos;
  logic [8:0] bytes;
  logic [15:0] word;
  logic burst_last, unused_first;
  assign move = step_i && !sync_q;
  sys_walk #(.BURST_BYTES(AXI_BITS / 8 * BURST_BEATS)) u_walk (
    .clk_i, .load_i(load), .desc_i(head), .step_i(move), .dynamic_i, .word_bytes_i,
    .addr_o(addr), .pos_o(pos),
    .bytes_o(bytes), .pixel_o, .word_o(word), .burst_first_o(unused_first),
    .burst_last_o(burst_last), .word_last_o, .run_last_o, .desc_last_o
  );
  assign ready_o = active_q && (sync_q || arrived_q != '0);
  assign word_first_o = pos == '0;
  assign burst_done = move && burst_last;

  // Slots: taken at the grant, filled in order, free after the last step.
  logic [SlotW-1:0] wslot_q, rslot_q;
  logic r_done;
  assign r_done = r_valid_i && r_last_i;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_use_q <= '0;
      arrived_q <= '0;
      wslot_q <= '0;
      rslot_q <= '0;
    end else begin
      if (grant_i != burst_done) in_use_q <= grant_i ? in_use_q + 1'b1 : in_use_q - 1'b1;
      if (r_done != burst_done) arrived_q <= r_done ? arrived_q + 1'b1 : arrived_q - 1'b1;
      if (r_done) wslot_q <= (wslot_q == LastSlot) ? '0 : wslot_q + 1'b1;
      if (burst_done) rslot_q <= (rslot_q == LastSlot) ? '0 : rslot_q + 1'b1;
    end
  end

  sys_burst_buffer #(
    .AXI_BITS(AXI_BITS), .BURST_BEATS(BURST_BEATS), .OUTSTANDING(OUTSTANDING),
    .WORD_BYTES(WORD_BYTES)
  ) u_buffer (
    .clk_i, .we_i(r_valid_i), .wslot_i(wslot_q), .wbeat_i(r_beat_i), .wdata_i(r_data_i),
    .step_i(move), .last_i(word_last_o), .slot_i(rslot_q), .offset_i(addr[OffW-1:0]), .pos_i(pos),
    .word_o(word_data_o)
  );

  // What describes the completed word.
  logic word_valid_q;
  logic [23:0] word_dst_q;
  logic [15:0] word_idx_q;
  logic [8:0] word_bytes_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) word_valid_q <= 1'b0;
    else word_valid_q <= move && word_last_o;
  end
  always_ff @(posedge clk_i) begin
    if (move && word_last_o) begin
      word_dst_q <= pixel_o + 24'(word);
      word_idx_q <= word;
      word_bytes_q <= 9'(pos) + bytes;
    end
  end
  assign word_valid_o = word_valid_q;
  assign word_dst_o = word_dst_q;
  assign word_idx_o = word_idx_q;
  assign word_bytes_o = word_bytes_q;

  // Only the place in the burst matters behind the issue side.
  logic unused_addr;
  assign unused_addr = ^addr[31:OffW];

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) step_i |-> ready_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) finish_i |-> active_q);
  assert property (@(posedge clk_i) disable iff (!rst_ni) grant_i |-> req_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) r_done |-> arrived_q != in_use_q);
  assert property (@(posedge clk_i) disable iff (!rst_ni) arrived_q <= in_use_q);
`endif

endmodule
