// SPDX-License-Identifier: Apache-2.0
// Line buffer of load_window: keeps one row and emits its windows, one UB word a cycle, with padding. A window
// begins with lane `lane_i` of its first word; the lanes before it are not written.
//
// row_done_i in x (the row's last fill step; the last block is written in x+1); one word is emitted in each of
// x+2 .. x+1+N, N = windows*ceil((lane+size)/L); word_* show it in the cycle after its emission.
//
//   clk           |x |x+1|x+2|...|x+1+N|x+2+N|
//   row_done_i    /--\________________________
//   block_we_i    ___/---\____________________   (last block)
//   busy_o        ___/---------------\________   x+1 .. x+1+N
//   emit_o        _______/-----------\________
//   last_o        ____________/------\________
//   word_valid_o  ___________/--------------\_

module sys_line #(
  parameter int unsigned LANES = 16,
  parameter int unsigned WORD_BYTES = 16,
  localparam int unsigned LineBytes = 4096,
  localparam int unsigned Blocks = LineBytes / WORD_BYTES,
  localparam int unsigned BlockW = $clog2(Blocks)
) (
  input  logic clk_i,
  input  logic rst_ni,

  // Fill.
  input  logic block_we_i,
  input  logic [BlockW-1:0] block_idx_i,
  input  logic [8*WORD_BYTES-1:0] block_i,

  // Emission: parameters valid with row_done_i.
  input  logic row_done_i,
  input  logic [12:0] row_bytes_i,
  input  logic [15:0] windows_i,
  input  logic [12:0] size_i,
  input  logic [7:0] lane_i,
  input  logic [15:0] window_words_i,
  input  logic [15:0] step_i,
  input  logic [15:0] pad_left_i,
  input  logic [7:0] pad_byte_i,
  input  logic [23:0] dst_i,
  output logic busy_o,
  output logic emit_o,
  output logic last_o,

  // The word, in the cycle after its emission.
  output logic word_valid_o,
  output logic [8*WORD_BYTES-1:0] word_o,
  output logic [23:0] word_dst_o,
  output logic [7:0] word_first_o,    // lanes [first, bytes) are written
  output logic [8:0] word_bytes_o
);

  localparam int unsigned ByteW = $clog2(WORD_BYTES);
  localparam int unsigned Bits = 8 * WORD_BYTES;
  localparam logic [33:0] ByteMask = 34'(WORD_BYTES) - 34'd1;

  logic [Bits-1:0] line [Blocks];
  always_ff @(posedge clk_i) begin
    if (block_we_i) line[block_idx_i] <= block_i;
  end

  // x: place in the row of what lane 0 of the word would hold; negative and beyond the row is padding.
  logic settle_q, emit_q;
  logic signed [33:0] x_q, window_x_q;
  logic [15:0] windows_left_q;
  logic [13:0] left_q;  // lanes from the word's lane 0 to the end of the window
  logic [23:0] dst_q, window_dst_q;
  logic [7:0] lane_q;
  logic first_q;        // the window's first word
  logic word_last;

  assign word_last = left_q <= 14'(LANES);
  assign emit_o = emit_q;
  assign busy_o = settle_q || emit_q;
  assign last_o = emit_q && word_last && windows_left_q == 16'd1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      settle_q <= 1'b0;
      emit_q <= 1'b0;
    end else begin
      settle_q <= row_done_i;
      if (settle_q) emit_q <= 1'b1;
      else if (last_o) emit_q <= 1'b0;
    end
  end

  logic signed [33:0] start, next_window;
  logic [23:0] next_window_dst;
  assign start = -$signed({18'd0, pad_left_i}) - $signed({26'd0, lane_i});
  assign next_window = window_x_q + $signed({18'd0, step_i});
  assign next_window_dst = window_dst_q + 24'(window_words_i);
  always_ff @(posedge clk_i) begin
    if (row_done_i) begin
      x_q <= start;
      window_x_q <= start;
      windows_left_q <= windows_i;
      left_q <= 14'(size_i) + 14'(lane_i);
      lane_q <= lane_i;
      dst_q <= dst_i;
      window_dst_q <= dst_i;
      first_q <= 1'b1;
    end else if (emit_q) begin
      first_q <= word_last;
      if (word_last) begin
        dst_q <= next_window_dst;
        window_dst_q <= next_window_dst;
        x_q <= next_window;
        window_x_q <= next_window;
        windows_left_q <= windows_left_q - 1'b1;
        left_q <= 14'(size_i) + 14'(lane_q);
      end else begin
        dst_q <= dst_q + 1'b1;
        x_q <= x_q + 34'(LANES);
        left_q <= left_q - 14'(LANES);
      end
    end
  end

  // Two neighbouring blocks, one shift, and pad bytes for the lanes outside [from, to).
  function automatic logic [Bits-1:0] window(input logic [Bits-1:0] hi, input logic [Bits-1:0] lo,
                                             input logic [ByteW:0] shift, input logic [8:0] from,
                                             input logic [8:0] to, input logic [7:0] pad);
    logic [2*Bits-1:0] pair;
    logic [Bits-1:0] row;
    pair = {hi, lo} >> {shift, 3'b000};
    row = ({Bits{1'b1}} << {from, 3'b000}) & ~({Bits{1'b1}} << {to, 3'b000});
    window = (pair[Bits-1:0] & row) | ({WORD_BYTES{pad}} & ~row);
  endfunction

  logic signed [33:0] rest;  // bytes from x to the end of the row
  logic [8:0] from, to;
  logic [ByteW:0] shift;
  logic [BlockW-1:0] lo_idx, hi_idx;
  assign rest = $signed({21'd0, row_bytes_i}) - x_q;
  always_comb begin
    from = '0;
    if (x_q < 0) from = (x_q <= -34'sd256) ? 9'd256 : 9'(-x_q[8:0]);
    to = 9'(WORD_BYTES);
    if (rest <= 0) to = '0;
    else if (rest < 34'(WORD_BYTES)) to = rest[8:0];
  end
  assign shift = (ByteW + 1)'(x_q & ByteMask);
  assign lo_idx = BlockW'(x_q >>> ByteW);
  assign hi_idx = lo_idx + 1'b1;

  logic [Bits-1:0] word_d, word_q;
  logic valid_q;
  logic [23:0] word_dst_q;
  logic [7:0] word_first_q;
  logic [8:0] word_bytes_q;
  always_comb begin
    word_d = '0;
    if (emit_q) word_d = window(line[hi_idx], line[lo_idx], shift, from, to, pad_byte_i);
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= emit_q;
  end
  always_ff @(posedge clk_i) begin
    if (emit_q) begin
      word_q <= word_d;
      word_dst_q <= dst_q;
      word_first_q <= first_q ? lane_q : '0;
      word_bytes_q <= word_last ? left_q[8:0] : 9'(LANES);
    end
  end
  assign word_valid_o = valid_q;
  assign word_o = word_q;
  assign word_dst_o = word_dst_q;
  assign word_first_o = word_first_q;
  assign word_bytes_o = word_bytes_q;

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) row_done_i |-> !busy_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) block_we_i |-> !emit_q);
`endif

endmodule
