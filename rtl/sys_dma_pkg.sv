// SPDX-License-Identifier: Apache-2.0
// The transfer descriptor that all DMA engines share: a loop nest over contiguous DRAM runs.

package sys_dma_pkg;

  // for i0 < count0, i1 < count1, i2 < count2:
  //   run = DRAM[addr + sum i_k*stride_k ...], pixels*pixel_bytes bytes
  //   pixel p goes to words dst + sum i_k*dst_stride_k + p*dst_pixel_stride ..., word_bytes each
  typedef struct packed {
    logic sync;  // moves nothing: one step that needs no burst
    logic [31:0] addr;
    logic [31:0] stride0;
    logic [31:0] stride1;
    logic [31:0] stride2;
    logic [15:0] count0;
    logic [15:0] count1;
    logic [15:0] count2;
    logic [31:0] pixels;
    logic [15:0] pixel_bytes;
    logic [8:0] word_bytes;
    logic [23:0] dst;
    logic [23:0] dst_stride0;
    logic [23:0] dst_stride1;
    logic [23:0] dst_stride2;
    logic [15:0] dst_pixel_stride;
  } dma_desc_t;

  // Its width in bits, field by field (Yosys takes no $bits of a type).
  localparam int unsigned DmaDescBits = 1 + 32 + 3 * 32 + 3 * 16 + 32 + 16 + 9 + 24 + 3 * 24 + 16;

endpackage
