// SPDX-License-Identifier: Apache-2.0
// The memory side of the core: the three DMA engines, and the AXI4 port that they share with fetch.
//
// Wiring only; each engine's page of docs/timing.md holds. Read clients: 0 fetch, 1 lda, 2 ldw; the store engine has
// the write channels for itself. Vectors of the engines: 0 lda, 1 ldw, 2 sto.
//
//   fetch ---\                  u_lda --> UB write, parameters
//   u_lda ----+--> u_read (AR, R)  u_ldw --> weight ring
//   u_ldw ---/                  u_sto <-- UB read, --> AW, W, B

module sys_dma #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned WBytes = sys_geom_pkg::word_bytes(CFG),
  localparam int unsigned UbAw = sys_geom_pkg::ub_aw(CFG),
  localparam int unsigned CellW = sys_geom_pkg::cell_bits(CFG),
  localparam int unsigned RowW = sys_geom_pkg::idx_width(CFG.rows),
  localparam int unsigned PbWordBytes = sys_geom_pkg::pb_word_bytes(CFG),
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(CFG.burst_beats),
  localparam int unsigned OffW = sys_geom_pkg::burst_aw(CFG)
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic running_i,                   // no read is asked outside of a run
  output logic bus_idle_o,

  // Fetch, a client of the read port.
  input  logic fetch_req_i,
  output logic fetch_grant_o,
  input  logic [31:0] fetch_addr_i,
  input  logic [7:0] fetch_len_i,
  input  logic [OffW:0] fetch_bytes_i,
  input  logic [BeatW-1:0] fetch_beat_i,
  input  logic [31:0] fetch_pc_i,
  output logic r_valid_o,                   // a beat for fetch
  output logic r_last_o,
  output logic [BeatW-1:0] r_beat_o,
  output logic [CFG.axi_bits-1:0] r_data_o,

  // Issue.
  input  logic [2:0] start_i,
  input  logic [2:0][511:0] instr_i,
  input  logic [2:0][31:0] pc_i,
  output logic [2:0] front_done_o,
  output logic [2:0] end_o,
  output logic [2:0] busy_o,
  output logic no_credit_o,                 // ldw waits for a free tile

  // Unified buffer and parameter buffer.
  output logic ub_we_o,
  output logic [UbAw-1:0] ub_waddr_o,
  output logic [8*WBytes-1:0] ub_wdata_o,
  output logic [WBytes-1:0] ub_wbe_o,
  output logic ub_req_o,
  output logic [UbAw-1:0] ub_raddr_o,
  input  logic [8*WBytes-1:0] ub_rdata_i,
  output logic param_we_o,
  output logic param_table_o,
  output logic [15:0] param_row_o,
  output logic [7:0] param_word_o,
  output logic [8*PbWordBytes-1:0] param_wdata_o,

  // Weight ring.
  input  logic wb_credit_i,
  output logic wb_take_o,
  output logic wb_we_o,
  output logic [RowW-1:0] wb_row_o,
  output logic [CellW*CFG.cols-1:0] wb_data_o,
  output logic wb_last_o,
  output logic [15:0] wb_skip_o,

  // Faults and counters.
  output logic read_error_o,
  output logic [31:0] read_error_pc_o,
  output logic write_error_o,
  output logic [31:0] write_error_pc_o,
  output logic [sys_isa_pkg::NumEventCounters-1:0][12:0] inc_o,

  // AXI4 manager.
  output logic m_arvalid_o,
  input  logic m_arready_i,
  output logic [31:0] m_araddr_o,
  output logic [7:0] m_arlen_o,
  output logic [2:0] m_arsize_o,
  output logic [1:0] m_arburst_o,
  input  logic m_rvalid_i,
  output logic m_rready_o,
  input  logic [CFG.axi_bits-1:0] m_rdata_i,
  input  logic [1:0] m_rresp_i,
  input  logic m_rlast_i,
  output logic m_awvalid_o,
  input  logic m_awready_i,
  output logic [31:0] m_awaddr_o,
  output logic [7:0] m_awlen_o,
  output logic [2:0] m_awsize_o,
  output logic [1:0] m_awburst_o,
  output logic m_wvalid_o,
  input  logic m_wready_i,
  output logic [CFG.axi_bits-1:0] m_wdata_o,
  output logic [CFG.axi_bits/8-1:0] m_wstrb_o,
  output logic m_wlast_o,
  input  logic m_bvalid_i,
  output logic m_bready_o,
  input  logic [1:0] m_bresp_i
);

  logic [2:0] req, grant, r_valid;
  logic [2:0][31:0] req_addr;
  logic [2:0][7:0] req_len;
  logic [2:0][OffW:0] req_bytes;
  logic [2:0][BeatW-1:0] req_beat;
  assign req[0] = fetch_req_i;
  assign req_addr[0] = fetch_addr_i;
  assign req_len[0] = fetch_len_i;
  assign req_bytes[0] = fetch_bytes_i;
  assign req_beat[0] = fetch_beat_i;
  assign fetch_grant_o = grant[0];
  assign r_valid_o = r_valid[0];
  sys_axi_read #(
    .AXI_BITS(CFG.axi_bits), .BURST_BEATS(CFG.burst_beats),
    .SLOTS(2 * CFG.outstanding + sys_geom_pkg::fetch_slots(CFG))
  ) u_read (
    .clk_i, .rst_ni, .idle_o(bus_idle_o), .req_i(running_i ? req : '0), .addr_i(req_addr),
    .len_i(req_len), .beat_i(req_beat), .pc_i({pc_i[1:0], fetch_pc_i}), .grant_o(grant),
    .r_valid_o(r_valid), .r_last_o, .r_beat_o, .r_data_o, .error_o(read_error_o),
    .error_pc_o(read_error_pc_o), .m_arvalid_o, .m_arready_i, .m_araddr_o, .m_arlen_o,
    .m_arsize_o, .m_arburst_o, .m_rvalid_i, .m_rready_o, .m_rdata_i, .m_rresp_i, .m_rlast_i
  );

  logic lda_param;
  sys_lda #(.CFG(CFG)) u_lda (
    .clk_i, .rst_ni, .start_i(start_i[0]), .instr_i(instr_i[0]), .front_done_o(front_done_o[0]),
    .end_o(end_o[0]), .busy_o(busy_o[0]), .req_o(req[1]), .grant_i(grant[1]),
    .req_addr_o(req_addr[1]), .req_len_o(req_len[1]), .req_bytes_o(req_bytes[1]),
    .req_beat_o(req_beat[1]), .req_param_o(lda_param), .r_valid_i(r_valid[1]),
    .r_last_i(r_last_o), .r_beat_i(r_beat_o), .r_data_i(r_data_o), .ub_we_o, .ub_waddr_o,
    .ub_wdata_o, .ub_wbe_o, .param_we_o, .param_table_o, .param_row_o, .param_word_o,
    .param_wdata_o
  );

  sys_ldw #(.CFG(CFG)) u_ldw (
    .clk_i, .rst_ni, .start_i(start_i[1]), .instr_i(instr_i[1]), .front_done_o(front_done_o[1]),
    .end_o(end_o[1]), .busy_o(busy_o[1]), .no_credit_o, .req_o(req[2]), .grant_i(grant[2]),
    .req_addr_o(req_addr[2]), .req_len_o(req_len[2]), .req_bytes_o(req_bytes[2]),
    .req_beat_o(req_beat[2]), .r_valid_i(r_valid[2]), .r_last_i(r_last_o), .r_beat_i(r_beat_o),
    .r_data_i(r_data_o), .credit_i(wb_credit_i), .take_o(wb_take_o), .wb_we_o, .wb_row_o,
    .wb_data_o, .wb_last_o, .wb_skip_o
  );

  logic aw_enter;
  logic [OffW:0] aw_bytes;
  logic [7:0] aw_len;
  sys_sto #(.CFG(CFG)) u_sto (
    .clk_i, .rst_ni, .start_i(start_i[2]), .instr_i(instr_i[2]), .pc_i(pc_i[2]),
    .front_done_o(front_done_o[2]), .end_o(end_o[2]), .busy_o(busy_o[2]), .ub_req_o,
    .ub_addr_o(ub_raddr_o), .ub_rdata_i, .aw_enter_o(aw_enter), .aw_bytes_o(aw_bytes),
    .aw_len_o(aw_len), .error_o(write_error_o), .error_pc_o(write_error_pc_o), .m_awvalid_o,
    .m_awready_i, .m_awaddr_o, .m_awlen_o, .m_awsize_o, .m_awburst_o, .m_wvalid_o, .m_wready_i,
    .m_wdata_o, .m_wstrb_o, .m_wlast_o, .m_bvalid_i, .m_bready_o, .m_bresp_i
  );

  logic [8:0] read_beats;
  always_comb begin
    read_beats = '0;
    for (int c = 0; c < 3; c++) if (grant[c]) read_beats = 9'(req_len[c]) + 9'd1;
    inc_o = '0;
    if (grant[0]) inc_o[sys_isa_pkg::CntReadBytesInstructions] = 13'(req_bytes[0]);
    if (grant[1] && !lda_param) inc_o[sys_isa_pkg::CntReadBytesActivations] = 13'(req_bytes[1]);
    if (grant[1] && lda_param) inc_o[sys_isa_pkg::CntReadBytesParams] = 13'(req_bytes[1]);
    if (grant[2]) inc_o[sys_isa_pkg::CntReadBytesWeights] = 13'(req_bytes[2]);
    if (aw_enter) inc_o[sys_isa_pkg::CntWriteBytes] = 13'(aw_bytes);
    inc_o[sys_isa_pkg::CntReadBursts] = 13'(grant != '0);
    inc_o[sys_isa_pkg::CntWriteBursts] = 13'(aw_enter);
    inc_o[sys_isa_pkg::CntReadBeats] = 13'(read_beats);
    if (aw_enter) inc_o[sys_isa_pkg::CntWriteBeats] = 13'(aw_len) + 13'd1;
  end

endmodule
