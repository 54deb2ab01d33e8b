// SPDX-License-Identifier: Apache-2.0
// The weight buffer: a ring of weight tiles between weight DMA and matrix unit, with credits.
//
// The DMA takes a credit for each tile, writes its rows in order and marks the last one; the tile
// counts as ready from the next cycle. The matrix unit reads rows of any ready tile, named by its
// offset from the oldest, and releases the oldest; the credit is back in the next cycle. Latency of
// a read 1. Beside each tile stands how many tiles of zeros, which the ring does not hold, come before it.
//
//   clk        |0 |1 |2 |3 |
//   we_i       /-----\______   rows 0 and 1 of a tile of two
//   wlast_i    ___/--\______
//   ready_o    <n       ><n+1

module sys_wb #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned CellW = sys_geom_pkg::cell_bits(CFG),  // a column of a row
  localparam int unsigned RowW = sys_geom_pkg::idx_width(CFG.rows),
  localparam int unsigned TileW = sys_geom_pkg::idx_width(CFG.wb_tiles),
  localparam int unsigned CountW = $clog2(CFG.wb_tiles + 1)
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // Weight DMA
  output logic              credit_o,   // a tile is free
  input  logic              take_i,     // one is taken
  input  logic              we_i,
  input  logic [RowW-1:0]   wrow_i,
  input  logic [CellW*CFG.cols-1:0] wdata_i,
  input  logic              wlast_i,    // the row written is the tile's last
  input  logic [15:0]       wskip_i,    // holes before that tile
  // Matrix unit
  output logic [CountW-1:0] ready_o,    // complete tiles in the ring
  input  logic [TileW-1:0]  next_i,     // the tile to start, as an offset from the oldest
  output logic [15:0]       skip_o,     // holes before it
  input  logic              ren_i,
  input  logic [TileW-1:0]  slot_i,     // offset from the oldest tile
  input  logic [RowW-1:0]   row_i,
  output logic [CellW*CFG.cols-1:0] rdata_o,
  input  logic              release_i   // the oldest tile is given back
);

  localparam int unsigned Aw = sys_geom_pkg::idx_width(CFG.wb_tiles * CFG.rows);

  logic [TileW-1:0]  head_q, tail_q;
  logic [CountW-1:0] ready_q, credits_q;

  function automatic logic [TileW-1:0] next_tile(logic [TileW-1:0] tile);
    next_tile = (32'(tile) == CFG.wb_tiles - 1) ? '0 : tile + 1'b1;
  endfunction

  logic complete;
  assign complete = we_i && wlast_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      head_q    <= '0;
      tail_q    <= '0;
      ready_q   <= '0;
      credits_q <= CountW'(CFG.wb_tiles);
    end else begin
      if (release_i) head_q <= next_tile(head_q);
      if (complete) tail_q <= next_tile(tail_q);
      ready_q   <= ready_q + CountW'(complete) - CountW'(release_i);
      credits_q <= credits_q + CountW'(release_i) - CountW'(take_i);
    end
  end

  assign credit_o = credits_q != '0;
  assign ready_o  = ready_q;

  // The tile at an offset from the head, around the ring.
  function automatic logic [TileW-1:0] place(logic [TileW-1:0] head, logic [TileW-1:0] offset);
    logic [TileW:0] sum;
    sum = (TileW + 1)'(head) + (TileW + 1)'(offset);
    place = TileW'(32'(sum) >= CFG.wb_tiles ? 32'(sum) - CFG.wb_tiles : 32'(sum));
  endfunction
  logic [TileW-1:0] tile;
  assign tile = place(head_q, slot_i);

  logic [15:0] skip_q [CFG.wb_tiles];
  always_ff @(posedge clk_i) if (complete) skip_q[tail_q] <= wskip_i;
  assign skip_o = skip_q[place(head_q, next_i)];

  sys_ram #(.WIDTH(CellW * CFG.cols), .DEPTH(CFG.wb_tiles * CFG.rows)) u_ram (
    .clk_i,
    .ren_i,
    .raddr_i(Aw'(32'(tile) * CFG.rows + 32'(row_i))),
    .rdata_o,
    .we_i,
    .waddr_i(Aw'(32'(tail_q) * CFG.rows + 32'(wrow_i))),
    .wdata_i
  );

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) ren_i |-> 32'(row_i) < CFG.rows);
  assert property (@(posedge clk_i) disable iff (!rst_ni) we_i |-> 32'(wrow_i) < CFG.rows);
  assert property (@(posedge clk_i) disable iff (!rst_ni) take_i |-> credit_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni) release_i |-> ready_q != '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni) ren_i |-> 32'(slot_i) < 32'(ready_q));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   32'(ready_q) + 32'(credits_q) <= CFG.wb_tiles);
  assert property (@(posedge clk_i) disable iff (!rst_ni) complete |-> 32'(ready_q) < CFG.wb_tiles);
`endif

endmodule
