// SPDX-License-Identifier: Apache-2.0
// AXI4 read side: arbiter and AR register of the three burst readers, routing of the beats back to them.
//
// Clients: 0 fetch (first), 1 lda and 2 ldw (alternate). One request is granted a cycle when the AR register is
// empty or its burst is accepted in this cycle; the burst is on the bus from the next cycle on.
//
//   clk          |g |g+1|a |...|f ...l|
//   grant_o      /--\______
//   m_arvalid_o  ___/------\__            held until accepted
//   r_valid_o    _______________/-----\   beats of the burst, in the order of the grants

module sys_axi_read #(
  parameter int unsigned AXI_BITS = 512,
  parameter int unsigned BURST_BEATS = 8,
  parameter int unsigned SLOTS = 24,   // of the three readers together
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(BURST_BEATS)
) (
  input  logic clk_i,
  input  logic rst_ni,
  output logic idle_o,   // nothing on the bus and nothing expected

  // Requests.
  input  logic [2:0] req_i,
  input  logic [2:0][31:0] addr_i,
  input  logic [2:0][7:0] len_i,
  input  logic [2:0][BeatW-1:0] beat_i,
  input  logic [2:0][31:0] pc_i,
  output logic [2:0] grant_o,

  // Beats for the clients.
  output logic [2:0] r_valid_o,
  output logic r_last_o,
  output logic [BeatW-1:0] r_beat_o,
  output logic [AXI_BITS-1:0] r_data_o,   // zeros if erroneous

  // A burst came back with an error (in the cycle of its last beat).
  output logic error_o,
  output logic [31:0] error_pc_o,

  // AXI4 manager, read channels.
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
  input  logic m_rlast_i
);

  localparam int unsigned RouteBits = 2 + BeatW + 32;

  logic arvalid_q, ldw_next_q;
  logic [31:0] araddr_q;
  logic [7:0] arlen_q;
  logic free, any;
  logic [1:0] winner;

  assign free = !arvalid_q || m_arready_i;
  assign any = req_i != '0;
  always_comb begin
    if (req_i[0]) winner = 2'd0;
    else if (req_i[1] && !(req_i[2] && ldw_next_q)) winner = 2'd1;
    else winner = 2'd2;
  end
  assign grant_o = (free && any) ? 3'b001 << winner : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      arvalid_q <= 1'b0;
      ldw_next_q <= 1'b0;
    end else begin
      if (free) arvalid_q <= any;
      if (grant_o[1]) ldw_next_q <= 1'b1;
      else if (grant_o[2]) ldw_next_q <= 1'b0;
    end
  end
  always_ff @(posedge clk_i) begin
    if (free && any) begin
      araddr_q <= addr_i[winner];
      arlen_q <= len_i[winner];
    end
  end

  assign m_arvalid_o = arvalid_q;
  assign m_araddr_o = araddr_q;
  assign m_arlen_o = arlen_q;
  assign m_arsize_o = 3'($clog2(AXI_BITS / 8));
  assign m_arburst_o = 2'b01;

  // Routing: who asked, where the burst starts in its aligned window, for which instruction.
  logic expected;
  logic [1:0] client;
  logic [BeatW-1:0] first;
  logic [31:0] pc;
  logic [$clog2(SLOTS+1)-1:0] unused_count;
  logic done;
  sys_fifo #(.WIDTH(RouteBits), .DEPTH(SLOTS)) u_route (
    .clk_i, .rst_ni, .push_i(free && any), .data_i({winner, beat_i[winner], pc_i[winner]}),
    .pop_i(done), .head_o({client, first, pc}), .valid_o(expected), .count_o(unused_count)
  );

  logic [BeatW-1:0] count_q;  // beats of the burst so far
  logic bad_q, bad;
  assign done = m_rvalid_i && m_rlast_i;
  assign bad = m_rresp_i != 2'b00;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q <= '0;
      bad_q <= 1'b0;
    end else if (m_rvalid_i) begin
      count_q <= m_rlast_i ? '0 : count_q + 1'b1;
      bad_q <= !m_rlast_i && (bad || bad_q);
    end
  end

  assign m_rready_o = 1'b1;
  assign r_valid_o = m_rvalid_i ? 3'b001 << client : '0;
  assign r_last_o = m_rlast_i;
  assign r_beat_o = first + count_q;
  assign r_data_o = bad ? '0 : m_rdata_i;
  assign error_o = done && (bad || bad_q);
  assign error_pc_o = pc;
  assign idle_o = !arvalid_q && !expected;

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_rvalid_i |-> expected);
  assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0(grant_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      m_arvalid_o && !m_arready_i |=> m_arvalid_o && $stable(m_araddr_o) && $stable(m_arlen_o));
`endif

endmodule
