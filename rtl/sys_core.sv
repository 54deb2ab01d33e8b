// SPDX-License-Identifier: Apache-2.0
// The core: fetch and issue, three DMA engines, matrix and vector unit, their memories, CSRs and the AXI4 port.
//
// docs/architecture.md shows how the parts connect; docs/timing.md says when everything happens. All units are
// reset by the START write, so that a run never sees what an earlier one left behind.
//
//   clk        |-1|0 |1 |...|t |t+1|
//   START      /--\__________________   CSR write accepted
//   running_o  ___/-------------\____
//   irq_o      _________________/----

module sys_core #(
  parameter int unsigned ROWS = 16,
  parameter int unsigned COLS = 16,
  parameter int unsigned UB_KIB = 256,
  parameter int unsigned UB_BANKS = 4,
  parameter int unsigned WB_TILES = 8,
  parameter int unsigned ACC_ROWS = 1024,
  parameter int unsigned PB_ROWS = 64,
  parameter int unsigned AXI_BITS = 512,
  parameter int unsigned BURST_BEATS = 8,
  parameter int unsigned OUTSTANDING = 8,
  parameter int unsigned QUEUE_DEPTH = 8,
  parameter int unsigned WEIGHT_BITS = 8,
  parameter int unsigned ACT_BITS = 8,
  parameter int unsigned CODEBOOK = 0,
  parameter int unsigned BITMASK = 0,
  parameter int unsigned STRUCTURED = 0,
  localparam int unsigned NumUnits = sys_isa_pkg::NumUnits
) (
  input  logic clk_i,
  input  logic rst_ni,

  // AXI4-Lite subordinate: CSRs.
  input  logic s_awvalid_i,
  output logic s_awready_o,
  input  logic [11:0] s_awaddr_i,
  input  logic s_wvalid_i,
  output logic s_wready_o,
  input  logic [31:0] s_wdata_i,
  input  logic [3:0] s_wstrb_i,
  output logic s_bvalid_o,
  input  logic s_bready_i,
  output logic [1:0] s_bresp_o,
  input  logic s_arvalid_i,
  output logic s_arready_o,
  input  logic [11:0] s_araddr_i,
  output logic s_rvalid_o,
  input  logic s_rready_i,
  output logic [31:0] s_rdata_o,
  output logic [1:0] s_rresp_o,

  // AXI4 manager: memory.
  output logic m_arvalid_o,
  input  logic m_arready_i,
  output logic [31:0] m_araddr_o,
  output logic [7:0] m_arlen_o,
  output logic [2:0] m_arsize_o,
  output logic [1:0] m_arburst_o,
  input  logic m_rvalid_i,
  output logic m_rready_o,
  input  logic [AXI_BITS-1:0] m_rdata_i,
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
  output logic [AXI_BITS-1:0] m_wdata_o,
  output logic [AXI_BITS/8-1:0] m_wstrb_o,
  output logic m_wlast_o,
  input  logic m_bvalid_i,
  output logic m_bready_o,
  input  logic [1:0] m_bresp_i,

  // Observation.
  input  logic hold_i,                      // the run is cut off: cycle and counters stay as they are
  output logic irq_o,                       // the run is over
  output logic running_o,
  output logic [47:0] cycle_o,
  output logic progress_o,                  // some unit moves or will move by itself
  output logic [NumUnits-2:0] retire_valid_o,       // units in the order of unit_e, but fetch
  output logic [NumUnits-2:0][31:0] retire_pc_o,
  output logic [NumUnits-2:0][47:0] retire_start_o,
  output logic [NumUnits-1:0][3:0] unit_cause_o,    // in the order of unit_e
  output logic [NumUnits-1:0][31:0] unit_pc_o
);

  localparam sys_cfg_pkg::cfg_t Cfg = sys_cfg_pkg::make(
      ROWS, COLS, UB_KIB, UB_BANKS, WB_TILES, ACC_ROWS, PB_ROWS, AXI_BITS, BURST_BEATS, OUTSTANDING, QUEUE_DEPTH,
      WEIGHT_BITS, ACT_BITS, CODEBOOK, BITMASK, STRUCTURED);
  sys_params #(.CFG(Cfg)) u_params ();

  localparam int unsigned Lda = 32'(sys_isa_pkg::UnitLda);
  localparam int unsigned Ldw = 32'(sys_isa_pkg::UnitLdw);
  localparam int unsigned Mxu = 32'(sys_isa_pkg::UnitMxu);
  localparam int unsigned Vpu = 32'(sys_isa_pkg::UnitVpu);
  localparam int unsigned Sto = 32'(sys_isa_pkg::UnitSto);
  localparam int unsigned LocksW = sys_geom_pkg::locks_width(Cfg);
  localparam int unsigned WBytes = sys_geom_pkg::word_bytes(Cfg);
  localparam int unsigned UbAw = sys_geom_pkg::ub_aw(Cfg);
  localparam int unsigned CellW = sys_geom_pkg::cell_bits(Cfg);
  localparam int unsigned AccAw = sys_geom_pkg::idx_width(Cfg.acc_rows);
  localparam int unsigned RowW = sys_geom_pkg::idx_width(Cfg.rows);
  localparam int unsigned TileW = sys_geom_pkg::idx_width(Cfg.wb_tiles);
  localparam int unsigned ReadyW = $clog2(Cfg.wb_tiles + 1);
  localparam int unsigned PbWordBytes = sys_geom_pkg::pb_word_bytes(Cfg);
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(Cfg.burst_beats);
  localparam int unsigned OffW = sys_geom_pkg::burst_aw(Cfg);

  // ---- Control -------------------------------------------------------------------------------
  logic start, bus_idle, finished, counter_read, fault, over, stopped;
  logic [25:0] program_base;
  logic [31:0] program_length, fault_pc;
  logic [3:0] fault_code;
  logic [sys_isa_pkg::CounterW-1:0] counter_index;
  logic [63:0] counter;
  sys_csr #(.ROWS(Cfg.rows), .COLS(Cfg.cols)) u_csr (
    .clk_i, .rst_ni, .s_awvalid_i, .s_awready_o, .s_awaddr_i, .s_wvalid_i, .s_wready_o,
    .s_wdata_i, .s_wstrb_i, .s_bvalid_o, .s_bready_i, .s_bresp_o, .s_arvalid_i, .s_arready_o,
    .s_araddr_i, .s_rvalid_o, .s_rready_i, .s_rdata_o, .s_rresp_o, .bus_idle_i(bus_idle),
    .start_o(start), .program_base_o(program_base), .program_length_o(program_length),
    .running_i(running_o), .finished_i(finished), .fault_code_i(fault_code),
    .fault_pc_i(fault_pc), .counter_read_o(counter_read), .counter_index_o(counter_index),
    .counter_i(counter)
  );
  assign irq_o = finished;

  // Reset of everything a run uses; `start` is a flip-flop, so the reset has no glitches.
  logic unit_rst_n, first_q;
  assign unit_rst_n = rst_ni && !start;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) first_q <= 1'b0;
    else first_q <= start;
  end

  logic read_error, write_error, dispatch_fault;
  logic [31:0] read_error_pc, write_error_pc, fetch_pc;
  logic [3:0] dispatch_code;
  sys_run u_run (
    .clk_i, .rst_ni, .start_i(start), .over_i(over), .stopped_i(stopped),
    .read_error_i(read_error), .read_pc_i(read_error_pc), .write_error_i(write_error),
    .write_pc_i(write_error_pc), .dispatch_fault_i(dispatch_fault),
    .dispatch_code_i(dispatch_code), .dispatch_pc_i(fetch_pc), .hold_i, .running_o,
    .finished_o(finished),
    .cycle_o, .fault_o(fault), .fault_code_o(fault_code), .fault_pc_o(fault_pc)
  );

  // ---- Fetch and issue -----------------------------------------------------------------------
  logic [NumUnits-1:0] queue_full, push;
  logic req, grant, r_valid, r_last;
  logic [31:0] req_addr, req_pc;
  logic [7:0] req_len;
  logic [OffW:0] req_bytes;
  logic [BeatW-1:0] req_beat, r_beat;
  logic [Cfg.axi_bits-1:0] r_data;
  logic [511:0] fetch_instr;
  logic [LocksW-1:0] fetch_locks;
  logic all_dispatched;
  logic [3:0] fetch_cause;
  sys_fetch #(.CFG(Cfg)) u_fetch (
    .clk_i, .rst_ni(unit_rst_n), .start_i(first_q), .base_i(program_base),
    .length_i(program_length), .fault_i(fault), .req_o(req), .grant_i(grant),
    .req_addr_o(req_addr), .req_len_o(req_len), .req_bytes_o(req_bytes), .req_beat_o(req_beat),
    .req_pc_o(req_pc), .r_valid_i(r_valid), .r_last_i(r_last), .r_beat_i(r_beat),
    .r_data_i(r_data), .full_i(queue_full), .push_o(push),
    .instr_o(fetch_instr), .pc_o(fetch_pc), .locks_o(fetch_locks), .all_done_o(all_dispatched),
    .fault_o(dispatch_fault), .fault_code_o(dispatch_code), .cause_o(fetch_cause)
  );

  logic [NumUnits-1:1] unit_start, unit_run, front_done, unit_end, empty, in_wait, blocked, in_flight, single;
  logic [NumUnits-1:1][511:0] instr;
  logic [NumUnits-1:1][31:0] pc;
  logic [NumUnits-1:1][3:0] front_cause;
  sys_issue #(.CFG(Cfg)) u_issue (
    .clk_i, .rst_ni(unit_rst_n), .cycle_i(cycle_o), .fault_i(fault),
    .all_dispatched_i(all_dispatched), .push_i(push), .instr_i(fetch_instr), .pc_i(fetch_pc),
    .locks_i(fetch_locks), .full_o(queue_full), .start_o(unit_start), .run_o(unit_run),
    .instr_o(instr), .pc_o(pc), .front_done_i(front_done), .end_i(unit_end),
    .retire_pc_o(retire_pc_o), .retire_start_o(retire_start_o), .empty_o(empty),
    .in_wait_o(in_wait), .blocked_o(blocked), .in_flight_o(in_flight), .single_o(single), .cause_o(front_cause)
  );
  assign retire_valid_o = unit_end;
  assign unit_pc_o = {pc, fetch_pc};

  // ---- DMA engines and memory port -----------------------------------------------------------
  logic lda_busy, ldw_busy, sto_busy, ldw_no_credit, lda_ub_we, sto_ub_req, param_we, param_table;
  logic wb_credit, wb_take, wb_we, wb_last;
  logic [UbAw-1:0] lda_ub_addr, sto_ub_addr;
  logic [8*WBytes-1:0] lda_ub_data, sto_ub_data;
  logic [WBytes-1:0] lda_ub_be;
  logic [15:0] param_row;
  logic [7:0] param_word;
  logic [8*PbWordBytes-1:0] param_data;
  logic [RowW-1:0] wb_wrow;
  logic [CellW*Cfg.cols-1:0] wb_wdata;
  logic [15:0] wb_wskip, wb_skip;
  logic [sys_isa_pkg::NumEventCounters-1:0][12:0] dma_inc;
  sys_dma #(.CFG(Cfg)) u_dma (
    .clk_i, .rst_ni(unit_rst_n), .running_i(running_o), .bus_idle_o(bus_idle),
    .fetch_req_i(req), .fetch_grant_o(grant), .fetch_addr_i(req_addr), .fetch_len_i(req_len),
    .fetch_bytes_i(req_bytes), .fetch_beat_i(req_beat), .fetch_pc_i(req_pc), .r_valid_o(r_valid),
    .r_last_o(r_last), .r_beat_o(r_beat), .r_data_o(r_data),
    .start_i({unit_start[Sto], unit_start[Ldw], unit_start[Lda]}),
    .instr_i({instr[Sto], instr[Ldw], instr[Lda]}), .pc_i({pc[Sto], pc[Ldw], pc[Lda]}),
    .front_done_o({front_done[Sto], front_done[Ldw], front_done[Lda]}),
    .end_o({unit_end[Sto], unit_end[Ldw], unit_end[Lda]}), .busy_o({sto_busy, ldw_busy, lda_busy}),
    .no_credit_o(ldw_no_credit), .ub_we_o(lda_ub_we), .ub_waddr_o(lda_ub_addr),
    .ub_wdata_o(lda_ub_data), .ub_wbe_o(lda_ub_be), .ub_req_o(sto_ub_req),
    .ub_raddr_o(sto_ub_addr), .ub_rdata_i(sto_ub_data), .param_we_o(param_we),
    .param_table_o(param_table), .param_row_o(param_row), .param_word_o(param_word),
    .param_wdata_o(param_data), .wb_credit_i(wb_credit), .wb_take_o(wb_take), .wb_we_o(wb_we),
    .wb_row_o(wb_wrow), .wb_data_o(wb_wdata), .wb_last_o(wb_last),
    .wb_skip_o(wb_wskip), .read_error_o(read_error),
    .read_error_pc_o(read_error_pc), .write_error_o(write_error),
    .write_error_pc_o(write_error_pc), .inc_o(dma_inc), .m_arvalid_o, .m_arready_i, .m_araddr_o,
    .m_arlen_o, .m_arsize_o, .m_arburst_o, .m_rvalid_i, .m_rready_o, .m_rdata_i, .m_rresp_i,
    .m_rlast_i, .m_awvalid_o, .m_awready_i, .m_awaddr_o, .m_awlen_o, .m_awsize_o, .m_awburst_o,
    .m_wvalid_o, .m_wready_i, .m_wdata_o, .m_wstrb_o, .m_wlast_o, .m_bvalid_i, .m_bready_o,
    .m_bresp_i
  );

  // ---- Matrix and vector unit, memories ------------------------------------------------------
  logic mxu_busy, mxu_pad, mxu_weight_load, mxu_tile, mxu_skip, mxu_waiting, mxu_ub_req;
  logic wb_ren, wb_release, acc_req, mxu_sync;
  logic [UbAw-1:0] mxu_ub_addr;
  logic [8*WBytes-1:0] mxu_ub_data;
  logic [ReadyW-1:0] wb_ready;
  logic [TileW-1:0] wb_slot, wb_next;
  logic [RowW-1:0] wb_rrow;
  logic [CellW*Cfg.cols-1:0] wb_rdata;
  logic [AccAw-1:0] acc_addr;
  logic [32*Cfg.cols-1:0] acc_data;
  assign mxu_sync = sys_isa_pkg::opcode_of(instr[Mxu]) != sys_isa_pkg::OpMatmul;
  sys_mxu #(.CFG(Cfg)) u_mxu (
    .clk_i, .rst_ni(unit_rst_n), .start_i(unit_start[Mxu]), .instr_i(instr[Mxu]),
    .is_sync_i(mxu_sync), .front_done_o(front_done[Mxu]), .end_o(unit_end[Mxu]), .busy_o(mxu_busy),
    .pad_row_o(mxu_pad), .weight_load_o(mxu_weight_load), .tile_start_o(mxu_tile),
    .skip_o(mxu_skip), .waiting_tile_o(mxu_waiting), .wb_next_o(wb_next), .wb_skip_i(wb_skip), .ub_req_o(mxu_ub_req), .ub_addr_o(mxu_ub_addr),
    .ub_rdata_i(mxu_ub_data), .wb_ready_i(wb_ready), .wb_ren_o(wb_ren), .wb_slot_o(wb_slot),
    .wb_row_o(wb_rrow), .wb_rdata_i(wb_rdata), .wb_release_o(wb_release), .acc_req_i(acc_req),
    .acc_addr_i(acc_addr), .acc_rdata_o(acc_data)
  );

  sys_wb #(.CFG(Cfg)) u_wb (
    .clk_i, .rst_ni(unit_rst_n), .credit_o(wb_credit), .take_i(wb_take), .we_i(wb_we),
    .wrow_i(wb_wrow), .wdata_i(wb_wdata), .wlast_i(wb_last), .wskip_i(wb_wskip),
    .next_i(wb_next), .skip_o(wb_skip), .ready_o(wb_ready), .ren_i(wb_ren),
    .slot_i(wb_slot), .row_i(wb_rrow), .rdata_o(wb_rdata), .release_i(wb_release)
  );

  logic is_vector, is_set, vpu_setup, vpu_busy, vpu_drain, vpu_tap, vpu_output;
  logic vpu_ub_req, vpu_ub_we;
  logic [UbAw-1:0] vpu_ub_raddr, vpu_ub_waddr;
  logic [8*WBytes-1:0] vpu_ub_rdata, vpu_ub_wdata;
  logic [WBytes-1:0] vpu_ub_be;
  assign is_vector = sys_isa_pkg::opcode_of(instr[Vpu]) == sys_isa_pkg::OpVector;
  assign is_set = sys_isa_pkg::opcode_of(instr[Vpu]) == sys_isa_pkg::OpVectorSet;
  sys_vpu #(.CFG(Cfg)) u_vpu (
    .clk_i, .rst_ni(unit_rst_n), .start_i(unit_start[Vpu]), .instr_i(instr[Vpu]),
    .is_vector_i(is_vector), .is_set_i(is_set), .end_o(unit_end[Vpu]), .setup_o(vpu_setup),
    .busy_o(vpu_busy), .drain_o(vpu_drain), .tap_o(vpu_tap), .output_o(vpu_output),
    .acc_req_o(acc_req), .acc_addr_o(acc_addr), .acc_rdata_i(acc_data), .ub_req_o(vpu_ub_req),
    .ub_addr_o(vpu_ub_raddr), .ub_rdata_i(vpu_ub_rdata), .ub_we_o(vpu_ub_we),
    .ub_waddr_o(vpu_ub_waddr), .ub_wdata_o(vpu_ub_wdata), .ub_wbe_o(vpu_ub_be),
    .param_we_i(param_we), .param_table_i(param_table), .param_row_i(param_row),
    .param_word_i(param_word), .param_wdata_i(param_data)
  );
  assign front_done[Vpu] = unit_end[Vpu];

  sys_ub #(.CFG(Cfg)) u_ub (
    .clk_i, .rst_ni(unit_rst_n), .mxu_req_i(mxu_ub_req), .mxu_addr_i(mxu_ub_addr),
    .mxu_rdata_o(mxu_ub_data), .vpu_req_i(vpu_ub_req), .vpu_addr_i(vpu_ub_raddr),
    .vpu_rdata_o(vpu_ub_rdata), .sto_req_i(sto_ub_req), .sto_addr_i(sto_ub_addr),
    .sto_rdata_o(sto_ub_data), .lda_we_i(lda_ub_we), .lda_waddr_i(lda_ub_addr),
    .lda_wdata_i(lda_ub_data), .lda_wbe_i(lda_ub_be), .vpu_we_i(vpu_ub_we),
    .vpu_waddr_i(vpu_ub_waddr), .vpu_wdata_i(vpu_ub_wdata), .vpu_wbe_i(vpu_ub_be)
  );

  // ---- End of the run, causes and counters ---------------------------------------------------
  sys_observe u_observe (
    .running_i(running_o), .all_dispatched_i(all_dispatched), .empty_i(empty), .in_wait_i(in_wait),
    .blocked_i(blocked), .in_flight_i(in_flight), .single_i(single), .run_i(unit_run), .fetch_cause_i(fetch_cause),
    .front_cause_i(front_cause), .lda_busy_i(lda_busy), .ldw_busy_i(ldw_busy),
    .ldw_no_credit_i(ldw_no_credit), .mxu_busy_i(mxu_busy), .mxu_weight_load_i(mxu_weight_load),
    .mxu_tile_i(mxu_tile || mxu_skip), .mxu_sync_i(mxu_sync), .mxu_waiting_i(mxu_waiting),
    .vpu_setup_i(vpu_setup), .vpu_busy_i(vpu_busy), .vpu_drain_i(vpu_drain),
    .sto_busy_i(sto_busy), .over_o(over), .stopped_o(stopped), .progress_o, .cause_o(unit_cause_o)
  );

  logic [sys_isa_pkg::NumEventCounters-1:0][12:0] inc;
  always_comb begin
    inc = dma_inc;
    inc[sys_isa_pkg::CntMxuTiles] = 13'(mxu_tile);
    inc[sys_isa_pkg::CntMxuSkippedTiles] = 13'(mxu_skip);
    inc[sys_isa_pkg::CntMxuRows] = 13'(mxu_busy);
    inc[sys_isa_pkg::CntMxuPadRows] = 13'(mxu_pad);
    inc[sys_isa_pkg::CntVpuTaps] = 13'(vpu_tap);
    inc[sys_isa_pkg::CntVpuOutputs] = 13'(vpu_output);
    for (int unsigned u = 1; u < NumUnits; u++) inc[sys_isa_pkg::retired_counter(3'(u))] = 13'(unit_end[u]);
  end
  sys_counters u_counters (
    .clk_i, .rst_ni, .clear_i(start), .count_i(running_o && !hold_i), .cycle_i(cycle_o), .inc_i(inc),
    .cause_i(unit_cause_o), .read_i(counter_read), .index_i(counter_index), .data_o(counter)
  );

endmodule
