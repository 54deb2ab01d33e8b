// SPDX-License-Identifier: Apache-2.0
// Control and status registers behind AXI4-Lite.
//
// A write is taken when address and data are there: accepted the cycle after, answered the next. The write that
// starts the core is held back while bursts of a stopped run are still on the bus. Reads are answered the cycle
// after their address. Addresses of no register, and writes of read-only ones, answer SLVERR.
//
//   clk           |0 |1 |2 |
//   s_awvalid_i   /-----\___   s_wvalid_i alike
//   s_awready_o   ___/--\___   the start cycle -1, if it is the START write
//   s_bvalid_o    ______/---   held until accepted
//   s_arvalid_i   /--\______
//   s_rvalid_o    ___/------   held until accepted

module sys_csr #(
  parameter int unsigned ROWS = 16,
  parameter int unsigned COLS = 16
) (
  input  logic clk_i,
  input  logic rst_ni,

  // AXI4-Lite subordinate.
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

  // The core.
  input  logic bus_idle_i,
  output logic start_o,               // the cycle before cycle 0
  output logic [25:0] program_base_o, // in units of 64 bytes
  output logic [31:0] program_length_o,
  input  logic running_i,
  input  logic finished_i,
  input  logic [3:0] fault_code_i,
  input  logic [31:0] fault_pc_i,
  output logic counter_read_o,
  output logic [sys_isa_pkg::CounterW-1:0] counter_index_o,
  input  logic [63:0] counter_i
);

  localparam logic [1:0] Okay = 2'b00;
  localparam logic [1:0] SlvErr = 2'b10;

  // Writes.
  logic accept_q, start_q, bvalid_q, wanted, starts, known_write;
  logic [1:0] bresp_q;
  logic [31:0] base_q, length_q, strobes;
  assign strobes = {{8{s_wstrb_i[3]}}, {8{s_wstrb_i[2]}}, {8{s_wstrb_i[1]}}, {8{s_wstrb_i[0]}}};
  assign wanted = s_awvalid_i && s_wvalid_i && !accept_q && (!bvalid_q || s_bready_i);
  assign starts = s_awaddr_i == sys_isa_pkg::CsrControl && s_wstrb_i[0] && s_wdata_i[0] &&
      !running_i;
  assign known_write = s_awaddr_i == sys_isa_pkg::CsrControl ||
      s_awaddr_i == sys_isa_pkg::CsrProgramBase || s_awaddr_i == sys_isa_pkg::CsrProgramLength;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      accept_q <= 1'b0;
      start_q <= 1'b0;
      bvalid_q <= 1'b0;
      bresp_q <= Okay;
      base_q <= '0;
      length_q <= '0;
    end else begin
      accept_q <= wanted && (!starts || bus_idle_i);
      start_q <= wanted && starts && bus_idle_i;
      if (accept_q) begin
        bvalid_q <= 1'b1;
        bresp_q <= known_write ? Okay : SlvErr;
        // The program cannot change under a running core.
        if (s_awaddr_i == sys_isa_pkg::CsrProgramBase && !running_i)
          base_q <= ((base_q & ~strobes) | (s_wdata_i & strobes)) & ~32'h3f;
        if (s_awaddr_i == sys_isa_pkg::CsrProgramLength && !running_i)
          length_q <= (length_q & ~strobes) | (s_wdata_i & strobes);
      end else if (s_bready_i) begin
        bvalid_q <= 1'b0;
      end
    end
  end
  assign s_awready_o = accept_q;
  assign s_wready_o = accept_q;
  assign s_bvalid_o = bvalid_q;
  assign s_bresp_o = bresp_q;
  assign start_o = start_q;
  assign program_base_o = base_q[31:6];
  assign program_length_o = length_q;

  // Reads.
  logic rvalid_q, read, is_counter;
  logic [1:0] rresp_q, rresp;
  logic [31:0] rdata_q, rdata;
  logic [11:0] counter_offset;
  assign read = s_arvalid_i && s_arready_o;
  assign s_arready_o = !rvalid_q || s_rready_i;
  assign counter_offset = s_araddr_i - sys_isa_pkg::CsrCounter;
  assign is_counter = s_araddr_i >= sys_isa_pkg::CsrCounter &&
      counter_offset < 12'(8 * sys_isa_pkg::NumCounters);
  assign counter_read_o = read && is_counter;
  assign counter_index_o = counter_offset[3+:sys_isa_pkg::CounterW];

  always_comb begin
    rresp = Okay;
    rdata = '0;
    unique case (s_araddr_i)
      sys_isa_pkg::CsrId: rdata = 32'h53595331;
      sys_isa_pkg::CsrIsaVersion: rdata = 32'(sys_isa_pkg::IsaVersion);
      sys_isa_pkg::CsrArray: rdata = {16'(COLS), 16'(ROWS)};
      sys_isa_pkg::CsrControl: rdata = '0;
      sys_isa_pkg::CsrStatus:
        rdata = {29'd0, fault_code_i != sys_isa_pkg::FaultNone, finished_i, running_i};
      sys_isa_pkg::CsrProgramBase: rdata = base_q;
      sys_isa_pkg::CsrProgramLength: rdata = length_q;
      sys_isa_pkg::CsrFaultCode: rdata = 32'(fault_code_i);
      sys_isa_pkg::CsrFaultPc: rdata = fault_pc_i;
      default: begin
        rdata = counter_offset[2] ? counter_i[63:32] : counter_i[31:0];
        rresp = (is_counter && counter_offset[1:0] == 2'b00) ? Okay : SlvErr;
      end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) rvalid_q <= 1'b0;
    else if (read) rvalid_q <= 1'b1;
    else if (s_rready_i) rvalid_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (read) begin
      rdata_q <= rdata;
      rresp_q <= rresp;
    end
  end
  assign s_rvalid_o = rvalid_q;
  assign s_rdata_o = rdata_q;
  assign s_rresp_o = rresp_q;

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_o |-> accept_q && !running_i);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      accept_q |-> s_awvalid_i && s_wvalid_i);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      s_bvalid_o && !s_bready_i |=> s_bvalid_o && $stable(s_bresp_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      s_rvalid_o && !s_rready_i |=> s_rvalid_o && $stable(s_rdata_o));
`endif

endmodule
