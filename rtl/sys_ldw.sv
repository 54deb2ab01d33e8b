// SPDX-License-Identifier: Apache-2.0
// Weight load DMA: streams weight tiles, row by row, into the ring of the weight buffer.
//
// The stream is a run of rows of `cols` bytes. Tiles follow the channel groups of each kernel position; the first
// step of a tile waits for a credit. Latency: a row completed in d is written in d+1; end = last step + 1.
// Throughput: one step a cycle.
//
//   clk       |d |d+1|
//   busy_o    /--\___
//   take_o    /--\___     first step of a tile
//   wb_we_o   ___/---\    the row, if the step completed it

module sys_ldw #(
  parameter int unsigned ROWS = 16,
  parameter int unsigned COLS = 16,
  parameter int unsigned AXI_BITS = 512,
  parameter int unsigned BURST_BEATS = 8,
  parameter int unsigned OUTSTANDING = 8,
  localparam int unsigned RowW = sys_geom_pkg::idx_width(ROWS),
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(BURST_BEATS),
  localparam int unsigned OffW = $clog2(AXI_BITS / 8 * BURST_BEATS)
) (
  input  logic clk_i,
  input  logic rst_ni,

  // Front.
  input  logic start_i,
  input  logic [511:0] instr_i,
  output logic front_done_o,
  output logic end_o,
  output logic busy_o,
  output logic no_credit_o,           // could step, but no tile of the ring is free

  // Read port.
  output logic req_o,
  input  logic grant_i,
  output logic [31:0] req_addr_o,
  output logic [7:0] req_len_o,
  output logic [OffW:0] req_bytes_o,
  output logic [BeatW-1:0] req_beat_o,
  input  logic r_valid_i,
  input  logic r_last_i,
  input  logic [BeatW-1:0] r_beat_i,
  input  logic [AXI_BITS-1:0] r_data_i,

  // Weight buffer.
  input  logic credit_i,
  output logic take_o,
  output logic wb_we_o,
  output logic [RowW-1:0] wb_row_o,
  output logic [8*COLS-1:0] wb_data_o,  // zero beyond `cols`
  output logic wb_last_o                // last row of its tile
);

  localparam int unsigned L = sys_geom_pkg::lanes(ROWS, COLS);
  localparam int unsigned RowBytes = sys_geom_pkg::pow2ceil(COLS);

  sys_isa_pkg::load_weights_t wt;
  sys_dma_pkg::dma_desc_t desc;
  assign wt = instr_i;
  always_comb begin
    desc = '0;
    desc.sync = instr_i[7:0] != sys_isa_pkg::OpLoadWeights;
    desc.addr = wt.dram_addr;
    desc.count0 = 16'd1;
    desc.count1 = 16'd1;
    desc.count2 = 16'd1;
    desc.pixels = 32'(wt.positions) * 32'(wt.channels);
    desc.pixel_bytes = wt.cols;
    desc.word_bytes = 9'(COLS);
  end

  logic active, ready, sync, step, word_first, word_last, desc_last, word_valid;
  logic [15:0] channels;
  logic [8*RowBytes-1:0] word;
  logic [8:0] word_bytes;
  logic unused_run;
  logic [23:0] unused_pixel, unused_dst;
  logic [15:0] unused_idx;
  sys_reader #(
    .AXI_BITS(AXI_BITS), .BURST_BEATS(BURST_BEATS), .OUTSTANDING(OUTSTANDING),
    .WORD_BYTES(RowBytes), .DESCS(4), .CLIENT_BITS(16)
  ) u_reader (
    .clk_i, .rst_ni, .start_i, .desc_i(desc), .client_i(wt.channels), .front_done_o,
    .enable_i(1'b1), .req_o, .grant_i, .req_addr_o, .req_len_o, .req_bytes_o, .req_beat_o,
    .r_valid_i, .r_last_i, .r_beat_i, .r_data_i, .active_o(active), .ready_o(ready),
    .sync_o(sync), .client_o(channels), .word_first_o(word_first), .word_last_o(word_last),
    .run_last_o(unused_run), .desc_last_o(desc_last), .pixel_o(unused_pixel), .step_i(step),
    .finish_i(step && (sync || desc_last)), .word_valid_o(word_valid), .word_data_o(word),
    .word_dst_o(unused_dst), .word_idx_o(unused_idx), .word_bytes_o(word_bytes), .end_o
  );

  // Tile structure: a group has the lanes of a slice, of what is left of the word, and of the channels left.
  logic fresh_q;                  // no row of this transfer was completed yet
  logic [15:0] channels_left_q, channels_left;
  logic [8:0] word_left_q, word_left, lanes;
  logic [8:0] row_q, row;
  logic tile_first, tile_last, needs_credit;

  assign channels_left = fresh_q ? channels : channels_left_q;
  assign word_left = fresh_q ? 9'(L) : word_left_q;
  assign row = fresh_q ? '0 : row_q;
  always_comb begin
    lanes = (word_left < 9'(ROWS)) ? word_left : 9'(ROWS);
    if (channels_left < 16'(lanes)) lanes = channels_left[8:0];
  end
  assign tile_first = row == '0 && word_first;
  assign tile_last = row + 9'd1 == lanes;
  assign needs_credit = !sync && tile_first;

  assign step = ready && (!needs_credit || credit_i);
  assign take_o = step && needs_credit;
  assign no_credit_o = ready && needs_credit && !credit_i;
  assign busy_o = step;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fresh_q <= 1'b1;
    else if (step && (sync || word_last)) fresh_q <= sync || desc_last;
  end
  always_ff @(posedge clk_i) begin
    if (step && !sync && word_last) begin
      row_q <= tile_last ? '0 : row + 9'd1;
      channels_left_q <= channels_left;
      word_left_q <= word_left;
      if (tile_last) begin
        channels_left_q <= (channels_left == 16'(lanes)) ? channels : channels_left - 16'(lanes);
        word_left_q <= (word_left == lanes || channels_left == 16'(lanes)) ? 9'(L)
                                                                           : word_left - lanes;
      end
    end
  end

  // The completed row, a cycle later.
  logic [RowW-1:0] wb_row_q;
  logic wb_last_q;
  always_ff @(posedge clk_i) begin
    if (step && word_last) begin
      wb_row_q <= row[RowW-1:0];
      wb_last_q <= tile_last;
    end
  end
  assign wb_we_o = word_valid;
  assign wb_row_o = wb_row_q;
  assign wb_last_o = wb_last_q;
  assign wb_data_o = word[8*COLS-1:0] & ~({8*COLS{1'b1}} << {word_bytes, 3'b000});

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) take_o |-> credit_i && active);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      step && !sync |-> channels_left != '0 && row < lanes);
`endif

endmodule
