// SPDX-License-Identifier: Apache-2.0
// Cuts the runs of a transfer into AXI bursts, in loop order, at multiples of the burst size.
//
// Latency: the first burst is pending the cycle after start_i. Throughput: one burst a cycle.
// The descriptor must be stable from start_i to done_o.
//
//   clk        |s |  |  |  |
//   start_i    /--\________
//   pending_o  ___/--------\_    payload held until granted
//   grant_i    ______/-----\_
//   done_o     _________/--\_    with the last grant (sync: in s)

module sys_burst_issue #(
  parameter int unsigned AXI_BITS = 512,
  parameter int unsigned BURST_BEATS = 8,
  localparam int unsigned BeatW = sys_geom_pkg::idx_width(BURST_BEATS),
  localparam int unsigned OffW = $clog2(AXI_BITS / 8 * BURST_BEATS)
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic start_i,
  input  sys_dma_pkg::dma_desc_t desc_i,
  output logic done_o,

  output logic pending_o,
  input  logic grant_i,
  output logic [31:0] addr_o,        // first beat, aligned to the bus
  output logic [7:0] len_o,          // beats - 1
  output logic [OffW:0] bytes_o,     // bytes of the run in the burst
  output logic [BeatW-1:0] beat_o    // place of the first beat in the burst's aligned window
);

  localparam int unsigned AxiBytes = AXI_BITS / 8;
  localparam int unsigned BurstBytes = AxiBytes * BURST_BEATS;
  localparam int unsigned ByteW = $clog2(AxiBytes);

  logic pending_q;
  logic [31:0] addr_q, base0_q, base1_q, base2_q;
  logic [37:0] left_q;  // bytes of the run still to ask for
  logic [15:0] left0_q, left1_q, left2_q;

  logic [37:0] run_bytes;
  logic [OffW:0] burst_left;
  logic run_last, last0, last1, last2;
  logic [31:0] next0, next1, next2;
  logic [13:0] last_byte;  // from the first beat's start

  assign run_bytes = 38'(desc_i.pixels) * 38'(desc_i.pixel_bytes);

  assign burst_left = (OffW + 1)'(BurstBytes) - (OffW + 1)'(addr_q[OffW-1:0]);
  assign run_last = left_q <= 38'(burst_left);
  assign bytes_o = run_last ? left_q[OffW:0] : burst_left;

  assign last0 = left0_q == 16'd1;
  assign last1 = left1_q == 16'd1;
  assign last2 = left2_q == 16'd1;
  assign next0 = base0_q + desc_i.stride0;
  assign next1 = base1_q + desc_i.stride1;
  assign next2 = base2_q + desc_i.stride2;

  assign pending_o = pending_q;
  assign addr_o = {addr_q[31:ByteW], {ByteW{1'b0}}};
  assign last_byte = 14'(addr_q[ByteW-1:0]) + 14'(bytes_o) - 14'd1;
  assign len_o = last_byte[ByteW +: 8];
  assign beat_o = BeatW'(addr_q[OffW-1:0] >> ByteW);
  assign done_o = (start_i && desc_i.sync) ||
                  (grant_i && run_last && last0 && last1 && last2);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pending_q <= 1'b0;
    end else if (start_i) begin
      pending_q <= !desc_i.sync;
    end else if (done_o) begin
      pending_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      addr_q <= desc_i.addr;
      base0_q <= desc_i.addr;
      base1_q <= desc_i.addr;
      base2_q <= desc_i.addr;
      left_q <= run_bytes;
      left0_q <= desc_i.count0;
      left1_q <= desc_i.count1;
      left2_q <= desc_i.count2;
    end else if (grant_i) begin
      if (!run_last) begin
        addr_q <= addr_q + 32'(bytes_o);
        left_q <= left_q - 38'(bytes_o);
      end else begin
        left_q <= run_bytes;
        if (!last2) begin
          addr_q <= next2;
          base2_q <= next2;
          left2_q <= left2_q - 1'b1;
        end else begin
          left2_q <= desc_i.count2;
          if (!last1) begin
            addr_q <= next1;
            base2_q <= next1;
            base1_q <= next1;
            left1_q <= left1_q - 1'b1;
          end else begin
            left1_q <= desc_i.count1;
            addr_q <= next0;
            base2_q <= next0;
            base1_q <= next0;
            base0_q <= next0;
            left0_q <= left0_q - 1'b1;
          end
        end
      end
    end
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) grant_i |-> pending_q);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
      pending_q && !grant_i |=> pending_q && $stable(addr_o) && $stable(len_o));
`endif

endmodule
