// SPDX-License-Identifier: Apache-2.0
// Sequences the weight tiles of a matmul: kernel rows, kernel columns, channel groups.
//
// A tile is started in the first cycle in which it is ready and the one before is in its last cycle or past it;
// the first one in the first RUN cycle at the earliest. What describes the tile is at the outputs in the cycle of
// its start. Throughput one tile a cycle.
//
//   clk           |0 |1 |2 |3 |4 |    two tiles of two cycles, both ready
//   start_i       /--\____________
//   tile_start_o  /--\__/--\______
//   tile_busy_i   ___/-----------\
//   tile_last_i   ______/--\__/--\

module sys_mxu_tiles #(
  parameter int unsigned ROWS = 16,
  parameter int unsigned COLS = 16,
  parameter int unsigned UB_KIB = 256,
  parameter int unsigned WB_TILES = 8,
  localparam int unsigned Aw = sys_geom_pkg::ub_aw(UB_KIB, ROWS, COLS),
  localparam int unsigned SliceW =
      sys_geom_pkg::idx_width(sys_geom_pkg::row_slices(ROWS, COLS)),
  localparam int unsigned LanesW = $clog2(ROWS + 1),
  localparam int unsigned TileW = sys_geom_pkg::idx_width(WB_TILES),
  localparam int unsigned CountW = $clog2(WB_TILES + 1),
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
  input  logic              tile_busy_i,
  input  logic              tile_last_i,
  // The tile that starts
  output logic              tile_start_o,
  output logic [Aw-1:0]     base_o,       // UB word of output 0
  output logic [PosW-1:0]   row_o,        // its input row and column
  output logic [PosW-1:0]   col_o,
  output logic [SliceW-1:0] slice_o,
  output logic [LanesW-1:0] lanes_o,
  output logic [TileW-1:0]  slot_o,       // offset from the ring's head
  output logic              first_o,
  output logic              last_o
);

  localparam int unsigned Lanes = sys_geom_pkg::lanes(ROWS, COLS);

  typedef struct packed {
    logic [7:0]      y_left;     // kernel rows and columns after this one
    logic [7:0]      x_left;
    logic [Aw-1:0]   line;       // UB word of kernel column 0, group 0
    logic [Aw-1:0]   pos;        // UB word of group 0
    logic [Aw-1:0]   base;       // UB word
    logic [PosW-1:0] row;        // input position of output 0
    logic [PosW-1:0] col;
    logic [15:0]     chan_left;  // channels from this group on
    logic [8:0]      lane_left;  // lanes of the UB word from this slice on
    logic [SliceW-1:0] slice;
    logic [CountW-1:0] index;    // within the instruction; counts only while tiles are kept
  } tile_t;

  // Whether tile j of the instruction is to start (never with a lower one left), and the tile before it.
  logic  run_q, any_started_q;
  tile_t tile_q;

  // Position steps of the kernel loops, in UB words.
  logic [Aw-1:0] step_y_q, step_x_q;

  function automatic tile_t first_tile(sys_isa_pkg::matmul_t m);
    logic [Aw-1:0] base;
    base = Aw'(m.ub_addr) + Aw'(m.h0) * Aw'(m.ub_stride1) + Aw'(m.w0) * Aw'(m.ub_stride2);
    first_tile.y_left    = m.kh - 1'b1;
    first_tile.x_left    = m.kw - 1'b1;
    first_tile.line      = base;
    first_tile.pos       = base;
    first_tile.base      = base;
    first_tile.row       = PosW'(m.h0);
    first_tile.col       = PosW'(m.w0);
    first_tile.chan_left = m.channels;
    first_tile.lane_left = 9'(Lanes);
    first_tile.slice     = '0;
    first_tile.index     = '0;
  endfunction

  // Lanes of a group if the channels do not end in it.
  function automatic logic [8:0] slice_lanes(tile_t t);
    slice_lanes = t.lane_left < 9'(ROWS) ? t.lane_left : 9'(ROWS);
  endfunction

  function automatic logic last_group(tile_t t);
    last_group = t.chan_left <= 16'(slice_lanes(t));
  endfunction

  function automatic tile_t next_tile(tile_t t, sys_isa_pkg::matmul_t m, logic [Aw-1:0] step_y,
                                      logic [Aw-1:0] step_x);
    next_tile       = t;
    next_tile.index = t.index + CountW'(m.keep);
    next_tile.slice = '0;
    next_tile.lane_left = 9'(Lanes);
    if (!last_group(t)) begin
      next_tile.chan_left = t.chan_left - 16'(slice_lanes(t));
      if (t.lane_left > 9'(ROWS)) begin
        next_tile.slice     = t.slice + 1'b1;
        next_tile.lane_left = t.lane_left - 9'(ROWS);
      end else begin
        next_tile.base = t.base + 1'b1;
      end
    end else begin
      next_tile.chan_left = m.channels;
      if (t.x_left != '0) begin
        next_tile.x_left = t.x_left - 1'b1;
        next_tile.pos    = t.pos + step_x;
        next_tile.col    = t.col + PosW'(m.dil_w);
      end else begin
        next_tile.x_left = m.kw - 1'b1;
        next_tile.y_left = t.y_left - 1'b1;
        next_tile.line   = t.line + step_y;
        next_tile.pos    = t.line + step_y;
        next_tile.row    = t.row + PosW'(m.dil_h);
        next_tile.col    = PosW'(m.w0);
      end
      next_tile.base = next_tile.pos;
    end
  endfunction

  logic  want, last;
  tile_t tile;
  assign want = (start_i || run_q) && (!tile_busy_i || tile_last_i);

  always_comb begin
    tile = tile_q;
    if (start_i) tile = first_tile(instr_i);
    else if (want && any_started_q) tile = next_tile(tile_q, instr_i, step_y_q, step_x_q);
  end

  // A tile in its last cycle is still the ring's head, unless tiles are kept.
  assign slot_o = instr_i.keep ? TileW'(tile.index) : '0;
  assign tile_start_o = want && wb_ready_i > (instr_i.keep ? tile.index : CountW'(tile_busy_i));

  assign last    = tile.y_left == '0 && tile.x_left == '0 && last_group(tile);
  assign base_o  = tile.base;
  assign row_o   = tile.row;
  assign col_o   = tile.col;
  assign slice_o = tile.slice;
  assign lanes_o = LanesW'(last_group(tile) ? tile.chan_left : 16'(slice_lanes(tile)));
  assign first_o = start_i || !any_started_q;
  assign last_o  = last;
  assign run_o   = start_i || run_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q         <= 1'b0;
      any_started_q <= 1'b0;
    end else begin
      if (tile_start_o) run_q <= !last;
      else if (start_i) run_q <= 1'b1;
      if (tile_start_o) any_started_q <= 1'b1;
      else if (start_i) any_started_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i || tile_start_o) tile_q <= tile;
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
