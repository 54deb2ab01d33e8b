// SPDX-License-Identifier: Apache-2.0
// Counts the rows of weight tiles: the channels of each kernel position, cut into groups as UB words are.
//
// `step_i` completes the row that the outputs describe, `skip_i` passes over its tile; after `end_i` the next row is the
// first of a transfer. A group has the lanes of a slice, of what is left of the word, and of the channels left. A
// structured slice has 2*ROWS lanes, and four of them make two rows.
// Latency: 1 cycle from step_i. Throughput: one row a cycle.
//
//   clk              |0 |1 |2 |3 |    3 channels, ROWS = 2
//   step_i           /-----------\
//   row_o            <0 |1 |0 |0
//   channel_o        <0 |1 |2 |0
//   tile_last_o      ___/-----\___
//   position_last_o  ______/--\___

module sys_tile_rows #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned L = sys_geom_pkg::lanes(CFG)  // of a UB word
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [15:0] channels_i,          // of the transfer
  input  logic structured_i,               // of the transfer
  input  logic step_i,
  input  logic skip_i,                     // at the first row of a tile
  input  logic end_i,                      // of the transfer
  output logic [8:0] row_o,                // in its tile
  output logic [15:0] channel_o,           // in its position
  output logic [8:0] rows_left_o,          // of its tile, from it on
  output logic tile_last_o,
  output logic position_last_o
);

  logic fresh_q;                           // no row of this transfer was completed yet
  logic [15:0] left_q, left;               // channels from this group on
  logic [8:0] word_left_q, word_left, slice, lanes, rows;
  logic [8:0] row_q;
  logic tile_done;

  assign left = fresh_q ? channels_i : left_q;
  assign word_left = fresh_q ? 9'(L) : word_left_q;
  assign row_o = fresh_q ? '0 : row_q;
  always_comb begin
    slice = 9'(CFG.rows);
    if (CFG.structured != 0 && structured_i) slice = 9'(sys_geom_pkg::word_rows(CFG));
    lanes = (word_left < slice) ? word_left : slice;
    if (left < 16'(lanes)) lanes = left[8:0];
    rows = lanes;
    if (CFG.structured != 0 && structured_i) rows = (lanes + 9'd3) >> 2 << 1;
  end
  assign rows_left_o = rows - row_o;
  assign tile_last_o = row_o + 9'd1 == rows;
  assign tile_done = tile_last_o || skip_i;
  assign position_last_o = tile_last_o && left == 16'(lanes);
  assign channel_o = channels_i - left + 16'(row_o);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fresh_q <= 1'b1;
    else if (end_i) fresh_q <= 1'b1;
    else if (step_i || skip_i) fresh_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (step_i || skip_i) begin
      row_q <= tile_done ? '0 : row_o + 9'd1;
      left_q <= left;
      word_left_q <= word_left;
      if (tile_done) begin
        left_q <= left == 16'(lanes) ? channels_i : left - 16'(lanes);
        word_left_q <= (word_left == lanes || left == 16'(lanes)) ? 9'(L) : word_left - lanes;
      end
    end
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) step_i |-> left != '0 && row_o < rows);
  assert property (@(posedge clk_i) disable iff (!rst_ni) skip_i |-> row_o == '0 && !step_i);
`endif

endmodule
