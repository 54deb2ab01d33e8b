// SPDX-License-Identifier: Apache-2.0
// Activation and parameter load DMA: load, load_window and load_param through one burst reader.
//
// Every mode is a transfer of "pixels" to words: load fills UB words of L lanes; load_param fills words of the
// parameter memory; load_window fills blocks of the line buffer, which then emits the windows.
// Latency: a step in d is written in d+1; end = last step + 1. Throughput: one step or emission a cycle.
//
//   clk       |d |d+1|
//   busy_o    /--\___     step or emission
//   ub_we_o   ___/---\    what it completed
//   end_o     ___/---\    if it was the last

module sys_lda #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned L = sys_geom_pkg::lanes(CFG),
  localparam int unsigned WBytes = sys_geom_pkg::word_bytes(CFG),
  localparam int unsigned UbAw = sys_geom_pkg::ub_aw(CFG),
  localparam int unsigned PbWordBytes = sys_geom_pkg::pb_word_bytes(CFG),
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

  // Read port.
  output logic req_o,
  input  logic grant_i,
  output logic [31:0] req_addr_o,
  output logic [7:0] req_len_o,
  output logic [OffW:0] req_bytes_o,
  output logic [BeatW-1:0] req_beat_o,
  output logic req_param_o,           // the burst belongs to a load_param
  input  logic r_valid_i,
  input  logic r_last_i,
  input  logic [BeatW-1:0] r_beat_i,
  input  logic [CFG.axi_bits-1:0] r_data_i,

  // Unified buffer.
  output logic ub_we_o,
  output logic [UbAw-1:0] ub_waddr_o,
  output logic [8*WBytes-1:0] ub_wdata_o,
  output logic [WBytes-1:0] ub_wbe_o,

  // Parameter memory.
  output logic param_we_o,
  output logic param_table_o,
  output logic [15:0] param_row_o,
  output logic [7:0] param_word_o,    // within the row or table
  output logic [8*PbWordBytes-1:0] param_wdata_o
);

  // Words of a parameter row and of a table.
  localparam int unsigned RowWords = sys_geom_pkg::pb_row_bytes(CFG) / PbWordBytes;
  localparam int unsigned TableWords = 256 / PbWordBytes;
  localparam int unsigned RowShift = $clog2(RowWords);
  localparam int unsigned TableShift = $clog2(TableWords);

  typedef enum logic [1:0] {ToUb, ToLine, ToParam, ToTable} target_e;

  // What a descriptor carries for this unit alone.
  typedef struct packed {
    target_e target;
    logic [12:0] row_bytes;
    logic [15:0] windows;
    logic [12:0] size;
    logic [15:0] step;
    logic [15:0] pad_left;
    logic [7:0] pad_byte;
    logic [15:0] window_words;
    logic [7:0] lane;
    logic [7:0] count2;
    logic [7:0] lane_stride;
  } client_t;
  localparam int unsigned ClientBits = 2 + 13 + 16 + 13 + 16 + 16 + 8 + 16 + 3 * 8;

  // Decode.
  sys_isa_pkg::load_t ld;
  sys_isa_pkg::load_window_t lw;
  sys_isa_pkg::load_param_t lp;
  sys_dma_pkg::dma_desc_t desc;
  client_t client, active;
  assign ld = instr_i;
  assign lw = instr_i;
  assign lp = instr_i;

  always_comb begin
    desc = '0;
    desc.addr = ld.dram_addr;
    desc.count0 = 16'd1;
    desc.count1 = 16'd1;
    desc.count2 = 16'd1;
    client = '0;
    client.row_bytes = lw.row_bytes[12:0];
    client.windows = lw.windows;
    client.size = lw.size[12:0];
    client.step = lw.step;
    client.pad_left = lw.pad_left;
    client.pad_byte = lw.pad_byte;
    client.window_words = lw.window_words;
    client.lane = lw.lane;
    client.count2 = lw.count2;
    client.lane_stride = lw.lane_stride;
    unique case (sys_isa_pkg::opcode_of(instr_i))
      sys_isa_pkg::OpLoad: begin
        client.target = ToUb;
        desc.stride0 = ld.dram_stride0;
        desc.stride1 = ld.dram_stride1;
        desc.stride2 = ld.dram_stride2;
        desc.count0 = ld.count0;
        desc.count1 = ld.count1;
        desc.count2 = ld.count2;
        desc.pixels = 32'(ld.pixels);
        desc.pixel_bytes = ld.pixel_bytes;
        desc.word_bytes = 9'(L);
        desc.dst = ld.ub_addr;
        desc.dst_stride0 = ld.ub_stride0;
        desc.dst_stride1 = ld.ub_stride1;
        desc.dst_stride2 = ld.ub_stride2;
        desc.dst_pixel_stride = ld.ub_pixel_stride;
      end
      sys_isa_pkg::OpLoadWindow: begin
        client.target = ToLine;
        desc.stride0 = lw.dram_stride0;
        desc.stride1 = lw.dram_stride1;
        desc.stride2 = lw.dram_stride2;
        desc.count0 = lw.count0;
        desc.count1 = lw.count1;
        desc.count2 = 16'(lw.count2);
        desc.pixels = 32'd1;
        desc.pixel_bytes = lw.row_bytes;
        desc.word_bytes = 9'(WBytes);
        desc.dst = lw.ub_addr;
        desc.dst_stride0 = lw.ub_stride0;
        desc.dst_stride1 = lw.ub_stride1;
        desc.dst_stride2 = 24'(lw.ub_stride2);
      end
      sys_isa_pkg::OpLoadParam: begin
        client.target = lp.target ? ToTable : ToParam;
        desc.pixels = lp.target ? 32'(lp.count) << TableShift : 32'(lp.count) << RowShift;
        desc.pixel_bytes = 16'(PbWordBytes);
        desc.word_bytes = 9'(PbWordBytes);
        desc.dst = lp.target ? 24'(lp.row) << TableShift : 24'(lp.row) << RowShift;
        desc.dst_pixel_stride = 16'd1;
      end
      default: desc.sync = 1'b1;
    endcase
  end
  assign req_param_o = sys_isa_pkg::opcode_of(instr_i) == sys_isa_pkg::OpLoadParam;

  // Reader.
  logic ready, sync, run_last, desc_last, step, finish;
  logic word_valid;
  logic [8*PbWordBytes-1:0] word;
  logic [23:0] pixel, word_dst;
  logic [15:0] word_idx;
  logic [8:0] word_bytes;
  logic unused_active, unused_first, unused_last;
  sys_reader #(
    .AXI_BITS(CFG.axi_bits), .BURST_BEATS(CFG.burst_beats), .OUTSTANDING(CFG.outstanding),
    .WORD_BYTES(PbWordBytes), .DESCS(4), .CLIENT_BITS(ClientBits)
  ) u_reader (
    .clk_i, .rst_ni, .start_i, .desc_i(desc), .client_i(client), .front_done_o, .enable_i(1'b1),
    .req_o, .grant_i, .req_addr_o, .req_len_o, .req_bytes_o, .req_beat_o, .r_valid_i, .r_last_i,
    .r_beat_i, .r_data_i, .active_o(unused_active), .ready_o(ready), .sync_o(sync),
    .client_o(active), .word_first_o(unused_first), .word_last_o(unused_last),
    .run_last_o(run_last), .desc_last_o(desc_last), .pixel_o(pixel), .step_i(step),
    .finish_i(finish), .dynamic_i(1'b0), .word_bytes_i('0), .word_valid_o(word_valid), .word_data_o(word), .word_dst_o(word_dst),
    .word_idx_o(word_idx), .word_bytes_o(word_bytes), .end_o
  );

  // Window mode: fill steps and emission take turns; the last emission ends the instruction.
  logic to_line, row_done, line_busy, emit, emit_last, last_row_q;
  logic line_valid;
  logic [8*WBytes-1:0] line_word;
  logic [23:0] line_dst;
  logic [7:0] line_first;
  logic [8:0] line_bytes;
  logic [7:0] row_lane, row_carry;
  assign to_line = active.target == ToLine && !sync;
  assign row_done = step && to_line && run_last;
  sys_line #(.LANES(L), .WORD_BYTES(WBytes)) u_line (
    .clk_i, .rst_ni,
    .block_we_i(word_valid && to_line), .block_idx_i(word_idx[$clog2(4096/WBytes)-1:0]),
    .block_i(word[8*WBytes-1:0]),
    .row_done_i(row_done), .row_bytes_i(active.row_bytes),
    .windows_i(active.windows), .size_i(active.size), .lane_i(row_lane),
    .window_words_i(active.window_words), .step_i(active.step),
    .pad_left_i(active.pad_left), .pad_byte_i(active.pad_byte), .dst_i(pixel + 24'(row_carry)),
    .busy_o(line_busy), .emit_o(emit), .last_o(emit_last), .word_valid_o(line_valid),
    .word_o(line_word), .word_dst_o(line_dst), .word_first_o(line_first), .word_bytes_o(line_bytes)
  );

  // Where a row begins: lanes from one of the rows packed together to the next, what exceeds L in whole words.
  logic [7:0] row_q, lane_q, carry_q;
  logic [8:0] next_lane;
  logic wraps;
  assign row_lane = row_q == '0 ? active.lane : lane_q;
  assign row_carry = row_q == '0 ? '0 : carry_q;
  assign next_lane = 9'(row_lane) + 9'(active.lane_stride);
  assign wraps = next_lane >= 9'(L);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) row_q <= '0;
    else if (row_done) row_q <= row_q == active.count2 - 8'd1 ? '0 : row_q + 8'd1;
  end
  always_ff @(posedge clk_i) begin
    if (row_done) begin
      lane_q <= 8'(wraps ? next_lane - 9'(L) : next_lane);
      carry_q <= row_carry + 8'(wraps);
    end
  end
  always_ff @(posedge clk_i) begin
    if (step) last_row_q <= desc_last;
  end

  assign step = ready && !line_busy;
  assign finish = to_line ? emit_last && last_row_q : step && (sync || desc_last);
  assign busy_o = step || emit;

  // Writes, a cycle after the step or emission. The mode of the completed word is registered with it, since a
  // new descriptor may be active by then.
  target_e target_q;
  always_ff @(posedge clk_i) begin
    if (step) target_q <= active.target;
  end

  logic [7:0] ub_first;
  logic [8:0] ub_bytes;
  assign ub_we_o = line_valid || (word_valid && target_q == ToUb);
  assign ub_waddr_o = line_valid ? line_dst[UbAw-1:0] : word_dst[UbAw-1:0];
  assign ub_wdata_o = line_valid ? line_word : word[8*WBytes-1:0];
  assign ub_bytes = line_valid ? line_bytes : word_bytes;
  assign ub_first = line_valid ? line_first : '0;
  assign ub_wbe_o = ~({WBytes{1'b1}} << ub_bytes) & ({WBytes{1'b1}} << ub_first);

  assign param_we_o = word_valid && (target_q == ToParam || target_q == ToTable);
  assign param_table_o = target_q == ToTable;
  assign param_row_o = 16'(word_dst >> (param_table_o ? TableShift : RowShift));
  assign param_word_o = 8'(word_dst & (param_table_o ? 24'(TableWords - 1) : 24'(RowWords - 1)));
  assign param_wdata_o = word;

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) line_valid |-> !word_valid);
  assert property (@(posedge clk_i) disable iff (!rst_ni) finish |=> end_o);
`endif

endmodule
