// SPDX-License-Identifier: Apache-2.0
// Collects the bytes of write bursts in slots, any alignment in one cycle, and hands them out beat by beat.
//
// The mirror image of sys_burst_buffer: a word of W bytes is shifted over two neighbouring memory words, which lie
// in different halves (even, odd), and merged under a mask.
// Latency: written at the end of the cycle of we_i; beat_o follows beat_idx_i in the same cycle.
//
//   clk      |0 |1 |
//   we_i     /--\___
//   beat_o   ---X===   of a beat just written

module sys_store_buffer #(
  parameter int unsigned AXI_BITS = 512,
  parameter int unsigned BURST_BEATS = 8,
  parameter int unsigned OUTSTANDING = 8,
  parameter int unsigned WORD_BYTES = 16,
  localparam int unsigned SlotW = sys_geom_pkg::idx_width(OUTSTANDING),
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(BURST_BEATS),
  localparam int unsigned OffW = $clog2(AXI_BITS / 8 * BURST_BEATS)
) (
  input  logic clk_i,

  // Words in.
  input  logic we_i,
  input  logic [SlotW-1:0] wslot_i,
  input  logic [OffW-1:0] offset_i,      // of the first byte in its burst
  input  logic [7:0] pos_i,              // of the first byte in the word
  input  logic [8:0] bytes_i,
  input  logic [8*WORD_BYTES-1:0] word_i,

  // Beats out.
  input  logic read_i,
  input  logic [SlotW-1:0] rslot_i,
  input  logic [BeatW-1:0] rbeat_i,
  output logic [AXI_BITS-1:0] beat_o     // valid while read_i
);

  localparam int unsigned AxiBytes = AXI_BITS / 8;
  localparam int unsigned AxiW = $clog2(AxiBytes);
  localparam int unsigned MemBytes = sys_geom_pkg::max2(AxiBytes, WORD_BYTES);
  localparam int unsigned MemBits = 8 * MemBytes;
  localparam int unsigned Depth = sys_geom_pkg::max2(2, sys_geom_pkg::pow2ceil(
      sys_geom_pkg::ceil_div(OUTSTANDING * AxiBytes * BURST_BEATS, MemBytes)));
  localparam int unsigned HalfW = sys_geom_pkg::idx_width(Depth / 2);
  localparam int unsigned ByteW = $clog2(MemBytes);
  localparam int unsigned RingW = $clog2(Depth) + ByteW;

  logic [MemBits-1:0] even_mem [Depth/2];
  logic [MemBits-1:0] odd_mem [Depth/2];

  // The word's byte 0 would lie here in the ring; only bytes from pos_i on count.
  logic [RingW-1:0] base;
  logic [RingW-ByteW-1:0] lo_idx;
  logic [HalfW-1:0] even_idx, odd_idx;
  assign base = (RingW'(wslot_i) << OffW) + RingW'(offset_i) - RingW'(pos_i);
  assign lo_idx = base[RingW-1:ByteW];
  if (Depth == 2) begin : gen_two
    assign even_idx = '0;
    assign odd_idx = '0;
  end else begin : gen_more
    assign odd_idx = lo_idx[RingW-ByteW-1:1];
    assign even_idx = odd_idx + HalfW'(lo_idx[0]);
  end

  logic [2*MemBits-1:0] data, mask;
  logic [MemBits-1:0] lo_data, hi_data, lo_mask, hi_mask;
  always_comb begin
    data = '0;
    mask = '0;
    if (we_i) begin
      mask[8*WORD_BYTES-1:0] = ({8*WORD_BYTES{1'b1}} << {pos_i, 3'b000}) &
          ~({8*WORD_BYTES{1'b1}} << {9'(pos_i) + bytes_i, 3'b000});
      data[8*WORD_BYTES-1:0] = word_i;
      data = data << {base[ByteW-1:0], 3'b000};
      mask = mask << {base[ByteW-1:0], 3'b000};
    end
  end
  assign {hi_data, lo_data} = data;
  assign {hi_mask, lo_mask} = mask;

  always_ff @(posedge clk_i) begin
    if (we_i) begin
      if (lo_idx[0]) begin
        odd_mem[odd_idx] <= (odd_mem[odd_idx] & ~lo_mask) | (lo_data & lo_mask);
        even_mem[even_idx] <= (even_mem[even_idx] & ~hi_mask) | (hi_data & hi_mask);
      end else begin
        even_mem[even_idx] <= (even_mem[even_idx] & ~lo_mask) | (lo_data & lo_mask);
        odd_mem[odd_idx] <= (odd_mem[odd_idx] & ~hi_mask) | (hi_data & hi_mask);
      end
    end
  end

  // A beat is a memory word or an aligned part of one.
  logic [RingW-1:0] rbyte;
  logic [RingW-ByteW-1:0] ridx;
  logic [HalfW-1:0] rhalf;
  logic [MemBits-1:0] rword;
  assign rbyte = (RingW'(rslot_i) << OffW) + (RingW'(rbeat_i) << AxiW);
  assign ridx = rbyte[RingW-1:ByteW];
  if (Depth == 2) begin : gen_rtwo
    assign rhalf = '0;
  end else begin : gen_rmore
    assign rhalf = ridx[RingW-ByteW-1:1];
  end
  always_comb begin
    rword = '0;
    if (read_i) rword = ridx[0] ? odd_mem[rhalf] : even_mem[rhalf];
  end
  if (MemBytes == AxiBytes) begin : gen_whole
    assign beat_o = rword;
  end else begin : gen_part
    assign beat_o = rword[{rbyte[ByteW-1:0], 3'b000} +: AXI_BITS];
  end

endmodule
