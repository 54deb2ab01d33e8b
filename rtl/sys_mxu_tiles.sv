// SPDX-License-Identifier: Apache-2.0
// Sequences the weight tiles of a matmul: kernel rows, kernel columns, channel groups.
//
// Holes, tiles of zeros that the ring counts before the next tile but does not hold, are passed over one a cycle, once that
// tile is ready, while the tile before streams or later; the last tile of a matmul never is.
//
// A tile is started in the first cycle in which it is ready and the one before is in its last cycle
// or past it; the first one in the first RUN cycle at the earliest. What describes the tile is at
// the outputs in the cycle of its start. Throughput one tile a cycle.
//
//   clk           |0 |1 |2 |3 |4 |    two tiles of two cycles, both ready
//   start_i       /--\____________
//   tile_start_o  /--\__/--\______
//   tile_busy_i   ___/-----------\
//   tile_last_i   ______/--\__/--\

module sys_mxu_tiles #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned WordRows = sys_geom_pkg::word_rows(CFG),
  localparam int unsigned Aw = sys_geom_pkg::ub_aw(CFG),
  localparam int unsigned Lanes = sys_geom_pkg::lanes(CFG),
  localparam int unsigned SliceW = sys_geom_pkg::idx_width(sys_geom_pkg::ceil_div(Lanes, CFG.rows)),
  localparam int unsigned LanesW = $clog2(WordRows + 1),
  localparam int unsigned TileW = sys_geom_pkg::idx_width(CFG.wb_tiles),
  localparam int unsigned ActBits = sys_geom_pkg::act_bits(CFG),
  localparam int unsigned PartW = sys_geom_pkg::idx_width(8 / ActBits),
  localparam int unsigned CountW = $clog2(CFG.wb_tiles + 1),
  localparam int unsigned PosW = 26
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // Instruction
  input  logic              start_i,      // first RUN cycle of a matmul
  input  sys_isa_pkg::matmul_t instr_i,
  output logic              run_o,        // it has tiles to start
  // Weight buffer and the tile that occupies the array's entry
  input  logic [CountW-1:0] wb_ready_i,
  output logic [TileW-1:0]  wb_next_o,    // offset from the ring's head of the next tile to start
  input  logic [15:0]       wb_skip_i,    // holes before it
  input  logic              tile_busy_i,
  input  logic              tile_last_i,
  // The tile that starts
  output logic              skip_o,       // a hole is passed over
  output logic              tile_start_o,
  output logic [Aw-1:0]     base_o,       // UB word of output 0
  output logic [PosW-1:0]   row_o,        // its input row and column
  output logic [PosW-1:0]   col_o,
  output logic [SliceW-1:0] slice_o,
  output logic [PartW-1:0]  part_o,       // of a word to be expanded, which holds 1 << expand words of lanes
  output logic [LanesW-1:0] lanes_o,
  output logic [LanesW-1:0] rows_o,       // of weights
  output logic [TileW-1:0]  slot_o,       // offset from the ring's head
  output logic              first_o,
  output logic              last_o
);

  typedef struct packed {
    logic [7:0]      y_left;     // kernel rows and columns after this one
    logic [7:0]      x_left;
    logic [Aw-1:0]   line;       // UB word of kernel column 0, group 0
    logic [Aw-1:0]   pos;        // UB word of group 0
    logic [Aw-1:0]   base;       // UB word
    logic [PosW-1:0] row;        // input position of output 0
    logic [PosW-1:0] col;
    logic [15:0]     chan_left;  // channels from this group on
    logic [PartW-1:0] part;
    logic [8:0]      lane_left;  // lanes of the UB word, or of its part, from this slice on
    logic [SliceW-1:0] slice;
  } tile_t;

  // Whether tile j of the instruction is to start (never with a lower one left), and the last that was started or passed.
  logic  run_q, any_q;
  tile_t tile_q;
  logic  started_q;                // some tile was started
  logic [CountW-1:0] index_q;      // tiles started, while tiles are kept
  logic [15:0] passed_q, passed;   // holes before the next tile that are passed

  // Position steps of the kernel loops, in UB words.
  logic [Aw-1:0] step_y_q, step_x_q;

  // Lanes of a slice: of a whole one, and of what is left of the word.
  logic [8:0] slice;
  always_comb begin
    slice = 9'(CFG.rows);
    if (CFG.structured != 0 && instr_i.structured) slice = 9'(WordRows);
  end
  function automatic logic [8:0] slice_lanes(logic [8:0] lane_left, logic [8:0] whole);
    slice_lanes = lane_left < whole ? lane_left : whole;
  endfunction

  // The last part of a UB word; without narrow activations a word has one.
  logic last_part;
  if (ActBits == 8) begin : gen_bytes
    assign last_part = 1'b1;
  end else begin : gen_narrow
    assign last_part = tile_q.part == PartW'(~(3'b111 << instr_i.expand));
  end

  logic          want, ready, last_group, last_group_q;
  logic [Aw-1:0] next_line, next_pos;
  tile_t         tile;
  assign want         = (start_i || run_q) && (!tile_busy_i || tile_last_i);
  assign last_group_q = tile_q.chan_left <= 16'(slice_lanes(tile_q.lane_left, slice));
  assign next_line    = tile_q.line + step_y_q;
  assign next_pos     = tile_q.x_left != '0 ? tile_q.pos + step_x_q : next_line;

  // The tile to start or to pass: the first one, the one after tile_q, or tile_q while it waits.
  always_comb begin
    tile = tile_q;
    if (start_i) begin
      tile.y_left    = instr_i.kh - 1'b1;
      tile.x_left    = instr_i.kw - 1'b1;
      tile.line      = Aw'(instr_i.ub_addr) + Aw'(instr_i.h0) * Aw'(instr_i.ub_stride1)
                       + Aw'(instr_i.w0) * Aw'(instr_i.ub_stride2);
      tile.pos       = tile.line;
      tile.base      = tile.line;
      tile.row       = PosW'(instr_i.h0);
      tile.col       = PosW'(instr_i.w0);
      tile.chan_left = instr_i.channels;
      tile.lane_left = 9'(Lanes);
      tile.slice     = '0;
      tile.part      = '0;
    end else if (run_q && any_q) begin
      if (!last_group_q && tile_q.lane_left > slice) begin  // next slice of the word
        tile.slice     = tile_q.slice + 1'b1;
        tile.lane_left = tile_q.lane_left - slice;
        tile.chan_left = tile_q.chan_left - 16'(slice);
      end else begin
        tile.slice     = '0;
        tile.lane_left = 9'(Lanes);
        if (!last_group_q) begin  // next part, or word, of the position
          tile.part      = last_part ? '0 : tile_q.part + 1'b1;
          tile.base      = tile_q.base + Aw'(last_part);
          tile.chan_left = tile_q.chan_left - 16'(slice_lanes(tile_q.lane_left, slice));
        end else begin  // next position
          tile.base      = next_pos;
          tile.pos       = next_pos;
          tile.part      = '0;
          tile.chan_left = instr_i.channels;
          if (tile_q.x_left != '0) begin
            tile.x_left = tile_q.x_left - 1'b1;
            tile.col    = tile_q.col + PosW'(instr_i.dil_w);
          end else begin
            tile.x_left = instr_i.kw - 1'b1;
            tile.y_left = tile_q.y_left - 1'b1;
            tile.line   = next_line;
            tile.row    = tile_q.row + PosW'(instr_i.dil_h);
            tile.col    = PosW'(instr_i.w0);
          end
        end
      end
    end
  end

  // A tile that is busy is still the ring's head, unless tiles are kept.
  logic [CountW-1:0] next, index;
  assign index     = start_i ? '0 : index_q;
  assign passed    = start_i ? '0 : passed_q;
  assign next      = instr_i.keep ? index : CountW'(tile_busy_i);
  assign wb_next_o = TileW'(next);
  assign ready     = wb_ready_i > next;
  assign slot_o    = instr_i.keep ? TileW'(index) : '0;

  logic none_left;                 // no hole before the tile
  assign none_left    = passed == wb_skip_i || last_o;
  assign tile_start_o = want && ready && none_left;
  assign skip_o       = (start_i || run_q) && ready && !none_left;

  assign last_group = tile.chan_left <= 16'(slice_lanes(tile.lane_left, slice));
  assign last_o     = tile.y_left == '0 && tile.x_left == '0 && last_group;
  assign base_o     = tile.base;
  assign row_o      = tile.row;
  assign col_o      = tile.col;
  assign slice_o    = tile.slice;
  assign part_o     = tile.part;
  assign lanes_o    = LanesW'(last_group ? tile.chan_left : 16'(slice_lanes(tile.lane_left, slice)));
  // Four lanes of a structured group meet two rows.
  always_comb begin
    rows_o = lanes_o;
    if (CFG.structured != 0 && instr_i.structured) rows_o = LanesW'((32'(lanes_o) + 3) / 4 * 2);
  end
  assign first_o    = start_i || !started_q;
  assign run_o      = start_i || run_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q         <= 1'b0;
      any_q         <= 1'b0;
      started_q     <= 1'b0;
    end else begin
      if (tile_start_o) run_q <= !last_o;
      else if (start_i) run_q <= 1'b1;
      if (tile_start_o || skip_o) any_q <= 1'b1;
      else if (start_i) any_q <= 1'b0;
      if (tile_start_o) started_q <= 1'b1;
      else if (start_i) started_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i || tile_start_o || skip_o) tile_q <= tile;
    index_q  <= index + CountW'(tile_start_o && instr_i.keep);
    passed_q <= tile_start_o ? '0 : passed + 16'(skip_o);
    if (start_i) begin
      step_y_q <= Aw'(instr_i.dil_h) * Aw'(instr_i.ub_stride1);
      step_x_q <= Aw'(instr_i.dil_w) * Aw'(instr_i.ub_stride2);
    end
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !run_q);
  assert property (@(posedge clk_i) disable iff (!rst_ni) tile_last_i |-> tile_busy_i);
  assert property (@(posedge clk_i) disable iff (!rst_ni) run_q |-> $stable(instr_i) || start_i);
`endif

endmodule
