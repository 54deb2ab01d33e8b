// SPDX-License-Identifier: Apache-2.0
// Weight load DMA: streams weight tiles, row by row, into the ring of the weight buffer.
//
// The stream is a run of rows of `cols` bytes, or of fields of narrow weights that are expanded to bytes as they
// enter the ring, where each row has as many bits as the wires beyond. Tiles follow the channel groups of each kernel position; the first
// step of a tile waits for a credit. Latency: a row completed in d is written in d+1; end = last step + 1.
// Throughput: one step a cycle.
// Diagonal tiles: the stream has one such row for each position. The step that completes them is also the row step
// of the position's first row; the other rows follow, one a cycle, while the bytes of the next position are put
// together. The first row step of a tile waits for a credit.
//
// A stream of stream_bytes bytes has no tiles that are holes: each of them takes a cycle in which nothing moves, without
// burst or credit, and is counted for the next tile of the ring. It may have prefixes: a word in front of each block of
// rows says which weights are in the stream (bitmask) or which channels they meet (structured). sys_ldw_prefix keeps it.
//
// load_codebook reads 16 bytes in words of COLS and takes no credit; indices of four bits are expanded by them.
//
//   clk       |d |d+1|
//   busy_o    /--\___
//   take_o    /--\___     first step of a tile
//   wb_we_o   ___/---\    the row, if the step completed it
//
//   clk         |d |d+1|d+2|d+3|     two channels, positions in one step each
//   step        /--\___/---\___     bytes of a position are complete
//   row_step    /--------------\
//   wb_data_o   ---<row0|row1|row0|row1>

module sys_ldw #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned CellW = sys_geom_pkg::cell_bits(CFG),
  localparam int unsigned RowW = sys_geom_pkg::idx_width(CFG.rows),
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(CFG.burst_beats),
  localparam int unsigned OffW = sys_geom_pkg::burst_aw(CFG)
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
  input  logic [CFG.axi_bits-1:0] r_data_i,

  // Weight buffer.
  input  logic credit_i,
  output logic take_o,
  output logic wb_we_o,
  output logic [RowW-1:0] wb_row_o,
  output logic [CellW*CFG.cols-1:0] wb_data_o,  // columns: a byte, and what it selects; zero beyond `cols`
  output logic wb_last_o,               // last row of its tile
  output logic [15:0] wb_skip_o         // holes in front of that tile
);

  localparam int unsigned SelectW = CellW - 8;
  localparam int unsigned RowBytes = sys_geom_pkg::pow2ceil(CFG.cols);

  sys_isa_pkg::load_weights_t wt;
  sys_dma_pkg::dma_desc_t desc;
  assign wt = instr_i;
  logic is_book;
  assign is_book = sys_isa_pkg::opcode_of(instr_i) == sys_isa_pkg::OpLoadCodebook;
  logic is_stream;
  assign is_stream = !is_book && wt.stream_bytes != '0;
  always_comb begin
    desc = '0;
    desc.sync = sys_isa_pkg::opcode_of(instr_i) != sys_isa_pkg::OpLoadWeights && !is_book;
    desc.addr = wt.dram_addr;
    desc.count0 = 16'd1;
    desc.count1 = 16'd1;
    desc.count2 = 16'd1;
    desc.pixels = is_stream ? wt.stream_bytes : is_book ? 32'd1 : 32'(wt.positions) * (wt.diagonal ? 32'd1 : 32'(wt.channels));
    desc.pixel_bytes = is_stream ? 16'd1 : is_book ? 16'd16 : sys_geom_pkg::weight_row_bytes(wt.cols, wt.narrow - wt.pack);
    desc.word_bytes = 9'(CFG.cols);
  end

  logic active, ready, sync, step, word_first, word_last, desc_last, finish;
  logic diagonal;
  logic book;                     // a load_codebook
  logic codebook;                 // weights are indices
  logic stream, bitmask, structured;
  logic [255:0] holes;
  logic [1:0] narrow, pack;
  logic [8:0] cols;
  logic [7:0] first;
  logic [15:0] channels;
  logic [8*RowBytes-1:0] word;
  logic unused_run, word_valid;
  logic [8:0] unused_bytes;
  logic [23:0] unused_pixel, unused_dst;
  logic [15:0] word_idx;
  sys_reader #(
    .AXI_BITS(CFG.axi_bits), .BURST_BEATS(CFG.burst_beats), .OUTSTANDING(CFG.outstanding),
    .WORD_BYTES(RowBytes), .DESCS(4), .CLIENT_BITS(299)
  ) u_reader (
    .clk_i, .rst_ni, .start_i, .desc_i(desc),
    .client_i({is_stream, wt.bitmask, wt.structured, wt.holes7, wt.holes6, wt.holes5, wt.holes4, wt.holes3, wt.holes2,
               wt.holes1, wt.holes0, is_book, wt.codebook, wt.diagonal, wt.narrow, wt.pack, wt.cols[8:0], wt.first, wt.channels}),
    .front_done_o, .enable_i(1'b1), .req_o, .grant_i, .req_addr_o, .req_len_o, .req_bytes_o,
    .req_beat_o, .r_valid_i, .r_last_i, .r_beat_i, .r_data_i, .active_o(active), .ready_o(ready),
    .sync_o(sync), .client_o({stream, bitmask, structured, holes, book, codebook, diagonal, narrow, pack, cols, first, channels}), .word_first_o(word_first),
    .word_last_o(word_last), .run_last_o(unused_run), .desc_last_o(desc_last),
    .pixel_o(unused_pixel), .step_i(step), .finish_i(finish), .dynamic_i(stream), .word_bytes_i(word_bytes), .word_valid_o(word_valid),
    .word_data_o(word), .word_dst_o(unused_dst), .word_idx_o(word_idx),
    .word_bytes_o(unused_bytes), .end_o
  );

  // Tile structure.
  logic row_step, tile_last, position_last, hole_step;
  logic [8:0] row, rows_left;
  logic [15:0] channel;
  sys_tile_rows #(.CFG(CFG)) u_rows (
    .clk_i, .rst_ni, .channels_i(channels), .structured_i(structured), .step_i(row_step), .skip_i(hole_step),
    .end_i(finish), .row_o(row), .rows_left_o(rows_left), .channel_o(channel), .tile_last_o(tile_last),
    .position_last_o(position_last)
  );

  // The stream: words of which sizes, prefixes and rows.
  logic in_prefix, prefix_step;
  logic [8:0] word_bytes;
  logic [(SelectW > 1 ? SelectW : 1)*CFG.cols-1:0] fields;  // of the row of the last row_step
  sys_ldw_prefix #(.CFG(CFG)) u_prefix (
    .clk_i, .rst_ni, .bitmask_i(bitmask), .structured_i(structured), .narrow_i(narrow), .pack_i(pack), .cols_i(cols),
    .rows_left_i(rows_left), .tile_last_i(tile_last), .prefix_step_i(prefix_step), .row_step_i(row_step),
    .end_i(finish), .word_i(word), .in_prefix_o(in_prefix), .word_bytes_o(word_bytes), .fields_o(fields)
  );

  // Holes: tiles of zeros that the stream does not have.
  logic tile_first;               // nothing of the tile was read
  logic [8:0] tile_q;             // of the transfer; 256 and more are no holes
  logic [15:0] skip_q, tile_skip_q;
  assign tile_first = row == '0 && word_first && (in_prefix || !(bitmask || structured));
  assign hole_step = active && stream && tile_first && !tile_q[8] && holes[tile_q[7:0]];
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tile_q <= '0;
      skip_q <= '0;
    end else begin
      if (finish) tile_q <= '0;
      else if ((hole_step || (row_step && tile_last)) && !tile_q[8]) tile_q <= tile_q + 1'b1;
      if (hole_step) skip_q <= skip_q + 1'b1;
      else if (take_o) skip_q <= '0;
    end
  end
  always_ff @(posedge clk_i) if (take_o) tile_skip_q <= skip_q;
  assign wb_skip_o = tile_skip_q;

  // Tiles as they stand in memory: a step that completes a row is its row step.
  logic plain, plain_first, plain_step;
  assign plain = ready && (sync || book || !diagonal) && !hole_step;
  assign plain_first = !sync && !book && tile_first;
  assign plain_step = plain && (!plain_first || credit_i);

  // Diagonal tiles: steps that put a position together, the last of them with the first row step.
  logic expanding_q;              // rows of the position are left
  logic collected_q;              // all positions are complete
  logic collect, part_step, position_step, expand_step;
  assign collect = ready && !sync && !book && diagonal && !collected_q;
  assign part_step = collect && !word_last;
  assign position_step = collect && word_last && !expanding_q && credit_i;
  assign expand_step = expanding_q && (row != '0 || credit_i);

  assign step = plain_step || part_step || position_step;
  assign prefix_step = plain_step && !sync && !book && word_last && in_prefix;
  assign row_step = (plain_step && !sync && !book && word_last && !in_prefix) || position_step || expand_step;
  assign finish = (plain_step && (sync || desc_last)) ||
      (position_last && ((position_step && desc_last) || (expand_step && collected_q)));

  assign take_o = (plain_step && plain_first) || position_step || (expand_step && row == '0);
  assign busy_o = step || expand_step || hole_step;
  assign no_credit_o = !credit_i && !busy_o &&
      ((plain && plain_first) || (expanding_q && row == '0) || (collect && !expanding_q));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      expanding_q <= 1'b0;
      collected_q <= 1'b0;
    end else begin
      if (position_step || expand_step) expanding_q <= !position_last;
      if (finish) collected_q <= 1'b0;
      else if (position_step && desc_last) collected_q <= 1'b1;
    end
  end

  // The row, a cycle later. A diagonal row keeps the one weight whose channel it is.
  logic wb_we_q, wb_last_q, diagonal_q, codebook_q, bitmask_q;
  logic [1:0] narrow_q, pack_q;
  logic [8:0] cols_q;
  logic [RowW-1:0] wb_row_q;
  logic [15:0] column_q;
  logic [CFG.cols-1:0] kept;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) wb_we_q <= 1'b0;
    else wb_we_q <= row_step;
  end
  always_ff @(posedge clk_i) begin
    if (row_step) begin
      wb_row_q <= row[RowW-1:0];
      wb_last_q <= tile_last;
      diagonal_q <= diagonal;
      narrow_q <= narrow;
      codebook_q <= codebook;
      bitmask_q <= bitmask;
      pack_q <= pack;
      cols_q <= cols;
      column_q <= channel - 16'(first);
    end
  end
  assign kept = ~({CFG.cols{1'b1}} << cols_q) & (diagonal_q ? CFG.cols'(1) << column_q : '1);
  // The codebook: words of COLS entries.
  logic [127:0] entries;
  if (CFG.codebook != 0) begin : gen_codebook
    logic [127:0] entry_q;
    logic book_step_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        book_step_q <= 1'b0;
        entry_q <= '0;
      end else begin
        book_step_q <= plain_step && !sync && book;
        if (book_step_q && word_valid)
          for (int unsigned i = 0; i < 16; i++)
            if (16'(i / CFG.cols) == word_idx) entry_q[8*i+:8] <= word[8*(i%CFG.cols)+:8];
      end
    end
    assign entries = entry_q;
  end else begin : gen_no_codebook
    logic unused_codebook;
    assign unused_codebook = ^{word_valid, word_idx};
    assign entries = '0;
  end

  sys_ldw_expand #(.CFG(CFG)) u_expand (
    .word_i(word[8*CFG.cols-1:0]), .narrow_i(narrow_q), .pack_i(pack_q), .codebook_i(codebook_q), .book_i(entries), .bitmask_i(bitmask_q),
    .fields_i(fields), .kept_i(kept), .row_o(wb_data_o)
  );

  assign wb_we_o = wb_we_q;
  assign wb_row_o = wb_row_q;
  assign wb_last_o = wb_last_q;

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) take_o |-> credit_i && active);
  assert property (@(posedge clk_i) disable iff (!rst_ni) expanding_q |-> active && diagonal);
`endif

endmodule
