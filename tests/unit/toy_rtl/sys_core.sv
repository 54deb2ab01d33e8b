// SPDX-License-Identifier: Apache-2.0
// A toy with the ports of the core, to test the engine that drives it: copies one burst of four beats from
// program_base to program_base + 4096, or hangs, or breaks an assertion, as program_length says.
//
//   length 98: an assertion fails in cycle 10      length 99: hangs, no progress from cycle 0 on

module sys_core #(
  parameter int unsigned ROWS = 16, COLS = 16, UB_KIB = 256, UB_BANKS = 4, WB_TILES = 8, ACC_ROWS = 1024,
  parameter int unsigned PB_ROWS = 64, AXI_BITS = 512, BURST_BEATS = 8, OUTSTANDING = 8, QUEUE_DEPTH = 8, WEIGHT_BITS = 8,
  parameter int unsigned ACT_BITS = 8, CODEBOOK = 0, BITMASK = 0, STRUCTURED = 0
) (
  input  logic clk_i,
  input  logic rst_ni,
  // AXI4-Lite
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
  // AXI4 read
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
  // AXI4 write
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
  // Observation
  input  logic hold_i,
  output logic irq_o,
  output logic running_o,
  output logic [47:0] cycle_o,
  output logic progress_o,
  output logic [4:0] retire_valid_o,
  output logic [4:0][31:0] retire_pc_o,
  output logic [4:0][47:0] retire_start_o,
  output logic [5:0][3:0] unit_cause_o,
  output logic [5:0][31:0] unit_pc_o
);
  typedef enum logic [2:0] {StIdle, StAr, StR, StAw, StW, StB, StHang} state_e;

  state_e state_q;
  logic [31:0] base_q, length_q;
  logic [AXI_BITS-1:0] data_q [4];
  logic [1:0] beat_q;
  logic fault_q;

  assign s_awready_o = s_awvalid_i && s_wvalid_i && !s_bvalid_o;
  assign s_wready_o = s_awready_o;
  assign s_arready_o = !s_rvalid_o;
  assign s_bresp_o = '0;
  assign s_rresp_o = '0;
  assign m_arvalid_o = state_q == StAr;
  assign m_araddr_o = base_q;
  assign m_arlen_o = 8'd3;
  assign m_arsize_o = '0;
  assign m_arburst_o = 2'd1;
  assign m_rready_o = 1'b1;
  assign m_awvalid_o = state_q == StAw;
  assign m_awaddr_o = base_q + 32'd4096;
  assign m_awlen_o = 8'd3;
  assign m_awsize_o = '0;
  assign m_awburst_o = 2'd1;
  assign m_wvalid_o = state_q == StAw || state_q == StW;
  assign m_wdata_o = data_q[beat_q];
  assign m_wstrb_o = {(AXI_BITS / 32){4'b0111}};
  assign m_wlast_o = beat_q == 2'd3;
  assign m_bready_o = 1'b1;
  assign irq_o = 1'b0;
  assign progress_o = state_q != StHang;
  assign retire_valid_o = {state_q == StB && m_bvalid_i, 4'b0};
  assign retire_pc_o = {32'd3, 128'd0};
  assign retire_start_o = {48'h1234_5678_9abc, 192'd0};
  assign unit_cause_o = {6{4'd9}};
  assign unit_pc_o = {6{32'd5}};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      running_o <= 1'b0;
      cycle_o <= '0;
      s_bvalid_o <= 1'b0;
      s_rvalid_o <= 1'b0;
      beat_q <= '0;
      fault_q <= 1'b0;
    end else begin
      if (running_o) cycle_o <= cycle_o + 48'd1;
      if (s_awready_o) begin
        s_bvalid_o <= 1'b1;
        if (s_awaddr_i == 12'h018) base_q <= s_wdata_i;
        if (s_awaddr_i == 12'h01c) length_q <= s_wdata_i;
        if (s_awaddr_i == 12'h010) begin
          running_o <= 1'b1;
          state_q <= length_q == 32'd99 ? StHang : StAr;
        end
      end else if (s_bready_i) begin
        s_bvalid_o <= 1'b0;
      end
      if (s_arvalid_i && s_arready_o) begin
        s_rvalid_o <= 1'b1;
        s_rdata_o <= s_araddr_i == 12'h014 ? {29'd0, fault_q, 1'b1, running_o} :
                     s_araddr_i == 12'h100 ? cycle_o[31:0] : {20'd0, s_araddr_i};
      end else if (s_rready_i) begin
        s_rvalid_o <= 1'b0;
      end
      unique case (state_q)
        StAr: if (m_arready_i) state_q <= StR;
        StR: if (m_rvalid_i) begin
          data_q[beat_q] <= m_rdata_i;
          beat_q <= beat_q + 2'd1;
          if (m_rresp_i != '0) fault_q <= 1'b1;
          if (m_rlast_i) state_q <= StAw;
        end
        StAw: if (m_awready_i) state_q <= StW;
        StW: if (m_wready_i) begin
          beat_q <= beat_q + 2'd1;
          if (m_wlast_o) state_q <= StB;
        end
        StB: if (m_bvalid_i) begin
          running_o <= 1'b0;
          state_q <= StIdle;
        end
        default: ;
      endcase
    end
  end

  AskedFor: assert property (@(posedge clk_i) disable iff (!rst_ni)
      !(running_o && length_q == 32'd98 && cycle_o == 48'd10))
  else $error("cycle ten was reached");
endmodule
