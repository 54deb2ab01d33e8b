// SPDX-License-Identifier: Apache-2.0
// The matrix unit: streams activation rows against weight tiles into the accumulators.
//
// A tile that starts in cycle T - 1 occupies [T, T + cost - 1], cost = max(rows, lanes): in T + m
// row m is addressed, in T + r weight row r. Row m is added to ACC at the end of T + m + 1 + ROWS +
// COLS. An instruction ends in the cycle in which its last row is written; a sync in the cycle
// after its start or after the end before it. Throughput one row a cycle.
//
//   clk              |s   |T   |T+1 |T+2 |T+3 ...       |T+m+R+C|T+m+1+R+C
//   start_i          /----\______________________________
//   tile_start_o     /----\______________________________
//   ub_req_o         _____/--------------------            row 0, row 1, ...
//   ub_rdata_i             <row0|
//   act (edge)                   <row0|
//   PE(0,0)                      <row0|                     PE(r,c): r + c later
//   ACC                                                   <read   |add, write

module sys_mxu #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned WordRows = sys_geom_pkg::word_rows(CFG),
  localparam int unsigned CellW = sys_geom_pkg::cell_bits(CFG),
  localparam int unsigned WordBytes = sys_geom_pkg::word_bytes(CFG),
  localparam int unsigned UbAw = sys_geom_pkg::ub_aw(CFG),
  localparam int unsigned AccAw = sys_geom_pkg::idx_width(CFG.acc_rows),
  localparam int unsigned RowW = sys_geom_pkg::idx_width(CFG.rows),
  localparam int unsigned TileW = sys_geom_pkg::idx_width(CFG.wb_tiles),
  localparam int unsigned CountW = $clog2(CFG.wb_tiles + 1)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // Front
  input  logic                   start_i,         // first RUN cycle
  input  logic [511:0]           instr_i,         // stable during RUN
  input  logic                   is_sync_i,
  output logic                   front_done_o,
  output logic                   end_o,
  // Observation
  output logic                   busy_o,          // a row is streamed
  output logic                   pad_row_o,       // and it is padding
  output logic                   weight_load_o,   // rows are streamed, weights still enter
  output logic                   tile_start_o,
  output logic                   skip_o,          // a tile of zeros is passed over
  output logic                   waiting_tile_o,  // the next tile is not ready
  // Unified buffer
  output logic                   ub_req_o,
  output logic [UbAw-1:0]        ub_addr_o,
  input  logic [8*WordBytes-1:0] ub_rdata_i,
  // Weight buffer
  input  logic [CountW-1:0]      wb_ready_i,
  output logic [TileW-1:0]       wb_next_o,
  input  logic [15:0]            wb_skip_i,
  output logic                   wb_ren_o,
  output logic [TileW-1:0]       wb_slot_o,
  output logic [RowW-1:0]        wb_row_o,
  input  logic [CellW*CFG.cols-1:0] wb_rdata_i,
  output logic                   wb_release_o,
  // Accumulators, for the vector unit
  input  logic                   acc_req_i,
  input  logic [AccAw-1:0]       acc_addr_i,
  output logic [32*CFG.cols-1:0] acc_rdata_o
);

  localparam int unsigned WordLanes = sys_geom_pkg::lanes(CFG);
  localparam int unsigned Slices = sys_geom_pkg::ceil_div(WordLanes, CFG.rows);
  localparam int unsigned SliceW = sys_geom_pkg::idx_width(Slices);
  localparam int unsigned LanesW = $clog2(WordRows + 1);
  localparam int unsigned ActW = sys_geom_pkg::edge_bits(CFG);  // what a processing element sees of a row
  localparam int unsigned ModeW = sys_geom_pkg::mode_bits(CFG);  // {structured, narrow}
  localparam int unsigned ActBits = sys_geom_pkg::act_bits(CFG);
  localparam int unsigned PartW = sys_geom_pkg::idx_width(8 / ActBits);
  localparam int unsigned PosW = 26;
  // From a row's address to its ACC read: word, edge, then down and across the array.
  localparam int unsigned AccDelay = CFG.rows + CFG.cols;

  sys_isa_pkg::matmul_t instr;
  assign instr = sys_isa_pkg::matmul_t'(instr_i);

  // Tiles.
  logic              run, tile_busy, tile_last, first, last;
  logic [UbAw-1:0]   base;
  logic [PosW-1:0]   row0, col0;
  logic [SliceW-1:0] slice;
  logic [PartW-1:0]  part;
  logic [LanesW-1:0] lanes, rows;
  logic [TileW-1:0]  slot;

  sys_mxu_tiles #(.CFG(CFG)) u_tiles (
    .clk_i,
    .rst_ni,
    .start_i     (start_i && !is_sync_i),
    .instr_i     (instr),
    .run_o       (run),
    .wb_ready_i,
    .wb_next_o,
    .wb_skip_i,
    .skip_o,
    .tile_busy_i (tile_busy),
    .tile_last_i (tile_last),
    .tile_start_o,
    .base_o      (base),
    .row_o       (row0),
    .col_o       (col0),
    .slice_o     (slice),
    .part_o      (part),
    .lanes_o     (lanes),
    .rows_o      (rows),
    .slot_o      (slot),
    .first_o     (first),
    .last_o      (last)
  );

  // The tile at the entry, from T on: rows stream, weight rows enter.
  logic              stream_q, load_q, overwrite_q, last_tile_q;
  logic [LanesW-1:0] rows_q;
  logic [RowW-1:0]   weight_row_q;
  logic [TileW-1:0]  slot_q;
  logic [AccAw-1:0]  acc_row_q;
  logic              row_last, last2, last1, weight_last, in_range;
  logic [UbAw-1:0]   step_h_q, step_w_q;  // UB words between output rows and columns

  assign weight_last = 32'(weight_row_q) + 1 == 32'(rows_q);
  assign tile_busy   = stream_q || load_q;
  assign tile_last   = tile_busy && (!stream_q || row_last) && (!load_q || weight_last);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      stream_q <= 1'b0;
      load_q   <= 1'b0;
    end else begin
      stream_q <= tile_start_o || (stream_q && !row_last);
      load_q   <= tile_start_o || (load_q && !weight_last);
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      step_h_q <= UbAw'(instr.stride_h) * UbAw'(instr.ub_stride1);
      step_w_q <= UbAw'(instr.stride_w) * UbAw'(instr.ub_stride2);
    end
    if (tile_start_o) begin
      overwrite_q  <= first && !instr.accumulate;
      last_tile_q  <= last;
      rows_q       <= rows;
      slot_q       <= slot;
      acc_row_q    <= AccAw'(instr.acc_addr);
      weight_row_q <= '0;
    end else begin
      if (stream_q) acc_row_q <= acc_row_q + 1'b1;
      if (load_q) weight_row_q <= weight_row_q + 1'b1;
    end
  end

  sys_loop3 u_loop (
    .clk_i,
    .load_i  (tile_start_o),
    .step_i  (stream_q),
    .count0_i(instr.n),
    .count1_i(instr.oh),
    .count2_i(instr.ow),
    .last2_o (last2),
    .last1_o (last1),
    .last_o  (row_last)
  );

  logic [UbAw-1:0] unused_next;
  sys_addr3 #(.WIDTH(UbAw)) u_addr (
    .clk_i,
    .load_i   (tile_start_o),
    .base_i   (base),
    .step_i   (stream_q),
    .last2_i  (last2),
    .last1_i  (last1),
    .stride0_i(UbAw'(instr.ub_stride0)),
    .stride1_i(step_h_q),
    .stride2_i(step_w_q),
    .addr_o   (ub_addr_o),
    .next_o   (unused_next)
  );

  logic [PosW-1:0] unused_next_row, unused_next_col;
  sys_window u_window (
    .clk_i,
    .load_i    (tile_start_o),
    .row_i     (row0),
    .col_i     (col0),
    .step_i    (stream_q),
    .last2_i   (last2),
    .last1_i   (last1),
    .row_step_i(instr.stride_h),
    .col_step_i(instr.stride_w),
    .height_i  (instr.height),
    .width_i   (instr.width),
    .in_range_o  (in_range),
    .next_row_o(unused_next_row),
    .next_col_o(unused_next_col)
  );

  assign ub_req_o     = stream_q && in_range;
  assign wb_ren_o     = load_q;
  assign wb_slot_o    = slot_q;
  assign wb_row_o     = weight_row_q;
  assign wb_release_o = tile_last && !instr.keep;

  // Bit k - 1: a row is k cycles past its address.
  logic [AccDelay:0] row_valid_q;
  logic              load1_q;
  logic [RowW-1:0]   weight_row1_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      row_valid_q <= '0;
      load1_q     <= 1'b0;
    end else begin
      row_valid_q <= {row_valid_q[AccDelay-1:0], stream_q};
      load1_q     <= load_q;
    end
  end
  always_ff @(posedge clk_i) if (load_q) weight_row1_q <= weight_row_q;

  logic [ActW*CFG.rows-1:0] act;
  logic [ModeW*CFG.rows-1:0] mode;
  sys_mxu_edge #(.CFG(CFG)) u_edge (
    .clk_i, .tile_i(tile_start_o), .slice_i(slice), .part_i(part), .lanes_i(lanes), .pad_byte_i(instr.pad_byte),
    .narrow_i(instr.narrow), .expand_i(instr.expand), .structured_i(instr.structured), .row_i(stream_q),
    .in_range_i(in_range), .row1_i(row_valid_q[0]), .word_i(ub_rdata_i), .act_o(act), .mode_o(mode)
  );

  logic [32*CFG.cols-1:0] sum;
  sys_mxu_array #(.CFG(CFG)) u_array (
    .clk_i,
    .rst_ni,
    .en_i          (row_valid_q[AccDelay-1:1] != '0),
    .act_i         (act),
    .mode_i        (mode),
    .weight_valid_i(load1_q),
    .weight_row_i  (weight_row1_q),
    .weight_i      (wb_rdata_i),
    .sum_o         (sum)
  );

  // Where a row's sums go travels beside it.
  logic             row_end, row_end_q, row_overwrite;
  logic [AccAw-1:0] row_addr;
  sys_delay #(.WIDTH(AccAw + 2), .DEPTH(AccDelay)) u_tag (
    .clk_i,
    .rst_ni,
    .en_i  (stream_q || row_valid_q != '0),
    .data_i({last_tile_q && row_last, overwrite_q, acc_row_q}),
    .data_o({row_end, row_overwrite, row_addr})
  );

  sys_acc #(.COLS(CFG.cols), .ACC_ROWS(CFG.acc_rows)) u_acc (
    .clk_i,
    .rst_ni,
    .row_req_i      (row_valid_q[AccDelay-1]),
    .row_addr_i     (row_addr),
    .row_overwrite_i(row_overwrite),
    .sum_i          (sum),
    .vpu_req_i      (acc_req_i),
    .vpu_addr_i     (acc_addr_i),
    .vpu_rdata_o    (acc_rdata_o)
  );

  always_ff @(posedge clk_i) row_end_q <= row_end;

  sys_retire u_retire (
    .clk_i,
    .rst_ni,
    .push_i   (start_i),
    .sync_i   (is_sync_i),
    .written_i(row_valid_q[AccDelay] && row_end_q),
    .end_o
  );

  assign front_done_o   = (start_i && is_sync_i) || (tile_last && last_tile_q);
  assign busy_o         = stream_q;
  assign pad_row_o      = stream_q && !in_range;
  assign weight_load_o  = load_q && !stream_q;
  assign waiting_tile_o = run && !tile_start_o && !skip_o && !tile_busy;

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !tile_busy);
  assert property (@(posedge clk_i) disable iff (!rst_ni) tile_start_o |-> lanes != '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   tile_last && !tile_start_o |=> !tile_busy);
`endif

endmodule
