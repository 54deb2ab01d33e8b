// SPDX-License-Identifier: Apache-2.0
// Walks a transfer in steps: each step is the bytes that one buffer word and one AXI burst share.
//
// Words may be of any sizes (dynamic_i): the user gives each as it comes, and the transfer is one run of `pixels` bytes.
// Latency: the first step is described the cycle after load_i. Throughput: one step a cycle.
//
//   clk      |0 |1 |2 |3 |
//   load_i   /--\________
//   step_i   ___/-----\__    outputs describe the step taken in this cycle

module sys_walk #(
  parameter int unsigned BURST_BYTES = 512,
  localparam int unsigned OffW = $clog2(BURST_BYTES)
) (
  input  logic clk_i,

  input  logic load_i,
  input  sys_dma_pkg::dma_desc_t desc_i,
  input  logic step_i,
  input  logic dynamic_i,           // of the transfer
  input  logic [8:0] word_bytes_i,  // dynamic: of the word, steady until it is complete

  output logic [31:0] addr_o,       // DRAM address of the step's first byte
  output logic [7:0] pos_o,         // its place in the word
  output logic [8:0] bytes_o,       // bytes of the step
  output logic [23:0] pixel_o,      // first word of the pixel
  output logic [15:0] word_o,       // word within the pixel
  output logic burst_first_o,       // first step of its burst
  output logic burst_last_o,        // last step of its burst
  output logic word_last_o,         // completes the word
  output logic run_last_o,          // last step of the run
  output logic desc_last_o          // last step of the transfer
);

  sys_dma_pkg::dma_desc_t desc_q;
  logic [31:0] addr_q, base0_q, base1_q, base2_q;
  logic [23:0] pixel_q, dst0_q, dst1_q, dst2_q;
  logic [15:0] word_q, left0_q, left1_q, left2_q;
  logic [31:0] pixels_left_q;  // dynamic: bytes left
  logic [15:0] bytes_left_q;  // of the pixel
  logic [7:0] pos_q;
  logic first_q;

  logic [8:0] room, word_left;
  logic [OffW:0] burst_left;
  logic pixel_last, last0, last1, last2;
  logic [31:0] next0, next1, next2;
  logic [23:0] dnext0, dnext1, dnext2;

  assign room = (dynamic_i ? word_bytes_i : desc_q.word_bytes) - 9'(pos_q);
  always_comb begin
    word_left = room;
    if (dynamic_i) begin
      if (pixels_left_q < 32'(room)) word_left = pixels_left_q[8:0];
    end else if (bytes_left_q < 16'(room)) begin
      word_left = bytes_left_q[8:0];
    end
  end
  assign burst_left = (OffW + 1)'(BURST_BYTES) - (OffW + 1)'(addr_q[OffW-1:0]);
  assign word_last_o = 13'(word_left) <= 13'(burst_left);
  assign bytes_o = word_last_o ? word_left : 9'(burst_left);
  assign pixel_last = !dynamic_i && 16'(bytes_o) == bytes_left_q;
  assign run_last_o = dynamic_i ? 32'(bytes_o) == pixels_left_q : pixel_last && pixels_left_q == 32'd1;
  assign burst_last_o = run_last_o || 13'(bytes_o) == 13'(burst_left);

  assign last0 = left0_q == 16'd1;
  assign last1 = left1_q == 16'd1;
  assign last2 = left2_q == 16'd1;
  assign desc_last_o = run_last_o && last0 && last1 && last2;
  assign next0 = base0_q + desc_q.stride0;
  assign next1 = base1_q + desc_q.stride1;
  assign next2 = base2_q + desc_q.stride2;
  assign dnext0 = dst0_q + desc_q.dst_stride0;
  assign dnext1 = dst1_q + desc_q.dst_stride1;
  assign dnext2 = dst2_q + desc_q.dst_stride2;

  assign addr_o = addr_q;
  assign pos_o = pos_q;
  assign pixel_o = pixel_q;
  assign word_o = word_q;
  assign burst_first_o = first_q;

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      desc_q <= desc_i;
      addr_q <= desc_i.addr;
      base0_q <= desc_i.addr;
      base1_q <= desc_i.addr;
      base2_q <= desc_i.addr;
      pixel_q <= desc_i.dst;
      dst0_q <= desc_i.dst;
      dst1_q <= desc_i.dst;
      dst2_q <= desc_i.dst;
      left0_q <= desc_i.count0;
      left1_q <= desc_i.count1;
      left2_q <= desc_i.count2;
      pixels_left_q <= desc_i.pixels;
      bytes_left_q <= desc_i.pixel_bytes;
      word_q <= '0;
      pos_q <= '0;
      first_q <= 1'b1;
    end else if (step_i) begin
      first_q <= burst_last_o;
      pos_q <= word_last_o ? '0 : pos_q + bytes_o[7:0];
      word_q <= pixel_last ? '0 : word_q + 16'(word_last_o);
      bytes_left_q <= pixel_last ? desc_q.pixel_bytes : bytes_left_q - 16'(bytes_o);
      if (dynamic_i) begin
        pixels_left_q <= pixels_left_q - 32'(bytes_o);
      end else if (pixel_last) begin
        pixels_left_q <= run_last_o ? desc_q.pixels : pixels_left_q - 1'b1;
        pixel_q <= pixel_q + 24'(desc_q.dst_pixel_stride);
      end
      addr_q <= addr_q + 32'(bytes_o);
      if (run_last_o) begin
        if (!last2) begin
          addr_q <= next2;
          base2_q <= next2;
          pixel_q <= dnext2;
          dst2_q <= dnext2;
          left2_q <= left2_q - 1'b1;
        end else begin
          left2_q <= desc_q.count2;
          if (!last1) begin
            addr_q <= next1;
            base2_q <= next1;
            base1_q <= next1;
            pixel_q <= dnext1;
            dst2_q <= dnext1;
            dst1_q <= dnext1;
            left1_q <= left1_q - 1'b1;
          end else begin
            left1_q <= desc_q.count1;
            addr_q <= next0;
            base2_q <= next0;
            base1_q <= next0;
            base0_q <= next0;
            pixel_q <= dnext0;
            dst2_q <= dnext0;
            dst1_q <= dnext0;
            dst0_q <= dnext0;
            left0_q <= left0_q - 1'b1;
          end
        end
      end
    end
  end

endmodule
