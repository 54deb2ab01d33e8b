// SPDX-License-Identifier: Apache-2.0
// The prefixes of a weight stream: which word comes next, of how many bytes, and what the prefix says of each row.
//
// A prefix stands before each block of rows of a tile: 8 rows of one bit a column (bitmask), or 4 of two bits, 2 of four
// (structured: two bits for each weight of a byte). Row by row it is shifted down, so that its lowest bits are those of
// the next row. A masked row has the bytes that its mask names, and one byte if it names none.
// Latency: 1 cycle from row_step_i to fields_o.
//
//   clk            |d |d+1|d+2|
//   prefix_step_i  /--\_______    the prefix is complete
//   word_i         ---<pre>---
//   row_step_i     ___/------\    rows 0 and 1
//   fields_o       -------<row0|row1

module sys_ldw_prefix #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned RowBytes = sys_geom_pkg::pow2ceil(CFG.cols),
  localparam int unsigned SelectW = sys_geom_pkg::select_bits(CFG),
  localparam int unsigned FieldW = (SelectW > 1) ? SelectW : 1
) (
  input  logic clk_i,
  input  logic rst_ni,
  // The transfer
  input  logic bitmask_i,
  input  logic structured_i,
  input  logic [1:0] narrow_i,
  input  logic [1:0] pack_i,
  input  logic [8:0] cols_i,
  // Its steps
  input  logic [8:0] rows_left_i,      // of the tile
  input  logic tile_last_i,            // the row is the tile's last
  input  logic prefix_step_i,
  input  logic row_step_i,
  input  logic end_i,
  input  logic [8*RowBytes-1:0] word_i,
  // The word to read
  output logic in_prefix_o,
  output logic [8:0] word_bytes_o,
  output logic [FieldW*CFG.cols-1:0] fields_o
);

  logic [8:0] row_bytes;
  assign row_bytes = 9'(sys_geom_pkg::weight_row_bytes(16'(cols_i), narrow_i - pack_i));

  if (CFG.bitmask == 0 && CFG.structured == 0) begin : gen_none
    assign in_prefix_o = 1'b0;
    assign word_bytes_o = row_bytes;
    assign fields_o = '0;
    logic unused;
    assign unused = ^{clk_i, rst_ni, bitmask_i, structured_i, rows_left_i, tile_last_i, prefix_step_i, row_step_i,
                      end_i, word_i, row_bytes};
  end else begin : gen_prefix
    // Bits of a field, as a power of two, and rows of a block.
    logic [1:0] width;
    logic [3:0] block_rows, rows;
    assign width = bitmask_i ? 2'd0 : (pack_i == '0) ? 2'd1 : 2'd2;
    assign block_rows = 4'd8 >> width;
    assign rows = (rows_left_i < 9'(block_rows)) ? rows_left_i[3:0] : block_rows;

    logic read_q, fresh_q;             // the block's prefix was read, in the cycle before
    logic [2:0] row_q;                 // of the block
    logic [8*RowBytes-1:0] rest_q, rest;
    assign rest = fresh_q ? word_i : rest_q;
    assign in_prefix_o = (bitmask_i || structured_i) && !read_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        read_q <= 1'b0;
        fresh_q <= 1'b0;
        row_q <= '0;
      end else begin
        fresh_q <= prefix_step_i;
        if (end_i) begin
          read_q <= 1'b0;
          row_q <= '0;
        end else if (prefix_step_i) begin
          read_q <= 1'b1;
        end else if (row_step_i) begin
          if (tile_last_i || 4'(row_q) + 4'd1 == block_rows) begin
            read_q <= 1'b0;
            row_q <= '0;
          end else begin
            row_q <= row_q + 1'b1;
          end
        end
      end
    end

    logic [10:0] row_bits;
    assign row_bits = 11'(cols_i) << width;
    always_ff @(posedge clk_i) begin
      if (row_step_i) rest_q <= rest >> row_bits;
      else if (fresh_q) rest_q <= word_i;
    end

    // A row's fields, as wide as they can be.
    logic [FieldW*CFG.cols-1:0] fields_d, fields_q;
    always_comb begin
      fields_d = '0;
      for (int unsigned c = 0; c < CFG.cols; c++) begin
        if (CFG.bitmask != 0 && bitmask_i) fields_d[c] = rest[c];
        if (CFG.structured != 0 && structured_i && pack_i == '0) fields_d[FieldW*c+:2] = rest[2*c+:2];
        if (SelectW == 4 && structured_i && pack_i != '0) fields_d[FieldW*c+:FieldW] = rest[FieldW*c+:FieldW];
      end
    end
    always_ff @(posedge clk_i) if (row_step_i) fields_q <= fields_d;
    assign fields_o = fields_q;

    // Bytes of the next word.
    logic [11:0] prefix_bits;
    logic [8:0] named;
    assign prefix_bits = 12'(rows) * 12'(row_bits);
    always_comb begin
      named = '0;
      if (CFG.bitmask != 0 && bitmask_i && !in_prefix_o)
        for (int unsigned c = 0; c < CFG.cols; c++) named = named + 9'(rest[c] && 9'(c) < cols_i);
      word_bytes_o = row_bytes;
      if (in_prefix_o) word_bytes_o = 9'(12'(prefix_bits + 12'd7) >> 3);
      else if (bitmask_i) word_bytes_o = (named == '0) ? 9'd1 : named;
    end
  end

endmodule
