// SPDX-License-Identifier: Apache-2.0
// Holds the beats of read bursts in slots and assembles words from them, any alignment in one cycle.
//
// The memory is a ring of words of max(AXI, destination) bytes. A step takes two neighbouring words and one
// shift, so that its bytes come to their place in the destination word; bytes before `pos_i` were assembled by
// earlier steps, bytes behind the step are overwritten by later ones or masked by the user.
// Latency: step_i with last_i in d, word_o from d+1 until the next such step. Throughput: a beat and a step a cycle.
//
//   clk      |d |d+1
//   step_i   /--\___
//   last_i   /--\___
//   word_o   ---X===

module sys_burst_buffer #(
  parameter int unsigned AXI_BITS = 512,
  parameter int unsigned BURST_BEATS = 8,
  parameter int unsigned OUTSTANDING = 8,
  parameter int unsigned WORD_BYTES = 16,  // power of two
  localparam int unsigned SlotW = sys_geom_pkg::idx_width(OUTSTANDING),
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(BURST_BEATS),
  localparam int unsigned OffW = $clog2(AXI_BITS / 8 * BURST_BEATS)
) (
  input  logic clk_i,

  // Beats in.
  input  logic we_i,
  input  logic [SlotW-1:0] wslot_i,
  input  logic [BeatW-1:0] wbeat_i,
  input  logic [AXI_BITS-1:0] wdata_i,

  // Words out.
  input  logic step_i,
  input  logic last_i,                   // the step completes the word
  input  logic [SlotW-1:0] slot_i,
  input  logic [OffW-1:0] offset_i,      // of the step's first byte in its burst
  input  logic [7:0] pos_i,              // of the step's first byte in the word
  output logic [8*WORD_BYTES-1:0] word_o
);

  localparam int unsigned AxiBytes = AXI_BITS / 8;
  localparam int unsigned MemBytes = sys_geom_pkg::max2(AxiBytes, WORD_BYTES);
  localparam int unsigned MemBits = 8 * MemBytes;
  localparam int unsigned WordBits = 8 * WORD_BYTES;
  localparam int unsigned Depth = sys_geom_pkg::max2(2, sys_geom_pkg::pow2ceil(
      sys_geom_pkg::ceil_div(OUTSTANDING * AxiBytes * BURST_BEATS, MemBytes)));
  localparam int unsigned IdxW = $clog2(Depth);
  localparam int unsigned ByteW = $clog2(MemBytes);
  localparam int unsigned RingW = IdxW + ByteW;  // a byte's place in the ring

  logic [MemBits-1:0] mem [Depth];
  logic [WordBits-1:0] asm_q, word_q, merged;

  // Bring the byte at `shift` of {hi, lo} to byte 0 and keep the `pos` bytes assembled before.
  function automatic logic [WordBits-1:0] merge(input logic [MemBits-1:0] hi,
                                                input logic [MemBits-1:0] lo,
                                                input logic [ByteW-1:0] shift,
                                                input logic [WordBits-1:0] kept,
                                                input logic [7:0] pos);
    logic [2*MemBits-1:0] pair;
    logic [WordBits-1:0] mask;
    pair = {hi, lo} >> {shift, 3'b000};
    merge = pair[WordBits-1:0];
    if (pos != '0) begin
      mask = {WordBits{1'b1}} << {pos, 3'b000};
      merge = (merge & mask) | (kept & ~mask);
    end
  endfunction

  // One memory word more than the window's start: `pos` may reach before the slot.
  logic [RingW-1:0] window;
  logic [IdxW-1:0] hi_idx, lo_idx;
  assign window = (RingW'(slot_i) << OffW) + RingW'(offset_i) - RingW'(pos_i);
  assign lo_idx = window[RingW-1:ByteW];
  assign hi_idx = lo_idx + 1'b1;

  always_comb begin
    merged = '0;
    if (step_i) merged = merge(mem[hi_idx], mem[lo_idx], window[ByteW-1:0], asm_q, pos_i);
  end

  always_ff @(posedge clk_i) begin
    if (step_i) begin
      if (last_i) word_q <= merged;
      else asm_q <= merged;
    end
  end
  assign word_o = word_q;

  // A beat fills a memory word or an aligned part of one.
  logic [RingW-1:0] wbyte;
  assign wbyte = (RingW'(wslot_i) << OffW) + (RingW'(wbeat_i) << $clog2(AxiBytes));
  if (MemBytes == AxiBytes) begin : gen_whole
    always_ff @(posedge clk_i) begin
      if (we_i) mem[wbyte[RingW-1:ByteW]] <= wdata_i;
    end
  end else begin : gen_part
    always_ff @(posedge clk_i) begin
      if (we_i) mem[wbyte[RingW-1:ByteW]][{wbyte[ByteW-1:0], 3'b000} +: AXI_BITS] <= wdata_i;
    end
  end

endmodule
