// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.

// The configuration of the hardware, which goes whole from the core to the units that need more of it than a cell does.
// What follows from it: sys_geom_pkg. What it may be: sys_ranges, sys_params.

package sys_cfg_pkg;

  typedef struct packed {
    // array.rows: Rows of processing elements: input channels of one pass (K).
    int unsigned rows;
    // array.cols: Columns of processing elements: output channels of one pass (N).
    int unsigned cols;
    // ub.kib: Unified buffer in KiB. A word has max(rows, cols) byte lanes (see sparsity.structured), stored in the
    // next power of two bytes; the words must divide evenly into the banks.
    int unsigned ub_kib;
    // ub.banks: Unified buffer banks, by address range; each has one read and one write port.
    int unsigned ub_banks;
    // wb.tiles: Weight tiles the ring holds.
    int unsigned wb_tiles;
    // acc.rows: Accumulator rows of cols 32-bit sums, in two banks; even.
    int unsigned acc_rows;
    // pb.rows: Parameter rows of cols 32-bit values.
    int unsigned pb_rows;
    // axi.data_bits: Width of the AXI data bus.
    int unsigned axi_bits;
    // axi.burst_beats: Beats of the longest burst; data_bits/8 * burst_beats must not exceed 4096.
    int unsigned burst_beats;
    // axi.outstanding: Bursts that each DMA engine may have in flight, and burst slots of its buffer; fetch has no more
    // than it needs.
    int unsigned outstanding;
    // queue.depth: Instructions that each unit's queue holds.
    int unsigned queue_depth;
    // precision.weight_bits: Bits of the narrowest weights that the weight DMA expands to bytes: 8, 4, 2 or 1; it takes
    // all widths from there to 8.
    int unsigned weight_bits;
    // precision.activation_bits: Bits of the narrowest activations: 8, 4, 2 or 1. The array multiplies bytes of such
    // values, and of all wider ones, and the vector unit reads and writes them. Of widths whose values do not fill
    // bytes with array.cols of them none is built.
    int unsigned act_bits;
    // precision.codebook: 1: the weight DMA expands indices of 4 bits by a codebook of 16 weights.
    int unsigned codebook;
    // sparsity.bitmask: 1: the weight DMA expands rows of weights that are stored as a mask and the weights that are
    // not zero.
    int unsigned bitmask;
    // sparsity.structured: 1: the array takes two of four channels (2:4): each processing element selects one of four
    // activations, or two narrow ones. A UB word has 2 * array.rows lanes at least; array.rows must be even.
    int unsigned structured;
  } cfg_t;

  localparam cfg_t Default = {
    32'd16,  // ROWS
    32'd16,  // COLS
    32'd256,  // UB_KIB
    32'd4,  // UB_BANKS
    32'd8,  // WB_TILES
    32'd1024,  // ACC_ROWS
    32'd64,  // PB_ROWS
    32'd512,  // AXI_BITS
    32'd8,  // BURST_BEATS
    32'd8,  // OUTSTANDING
    32'd8,  // QUEUE_DEPTH
    32'd8,  // WEIGHT_BITS
    32'd8,  // ACT_BITS
    32'd0,  // CODEBOOK
    32'd0,  // BITMASK
    32'd0  // STRUCTURED
  };

  // From the parameters of the core.
  function automatic cfg_t make(
      int unsigned rows,
      int unsigned cols,
      int unsigned ub_kib,
      int unsigned ub_banks,
      int unsigned wb_tiles,
      int unsigned acc_rows,
      int unsigned pb_rows,
      int unsigned axi_bits,
      int unsigned burst_beats,
      int unsigned outstanding,
      int unsigned queue_depth,
      int unsigned weight_bits,
      int unsigned act_bits,
      int unsigned codebook,
      int unsigned bitmask,
      int unsigned structured);
    make = {rows, cols, ub_kib, ub_banks, wb_tiles, acc_rows, pb_rows, axi_bits, burst_beats, outstanding, queue_depth,
            weight_bits, act_bits, codebook, bitmask, structured};
  endfunction

  // The fields, for constant functions: Yosys knows those of a struct in modules alone.
  function automatic int unsigned rows(cfg_t cfg);
    rows = cfg[511:480];
  endfunction
  function automatic int unsigned cols(cfg_t cfg);
    cols = cfg[479:448];
  endfunction
  function automatic int unsigned ub_kib(cfg_t cfg);
    ub_kib = cfg[447:416];
  endfunction
  function automatic int unsigned ub_banks(cfg_t cfg);
    ub_banks = cfg[415:384];
  endfunction
  function automatic int unsigned wb_tiles(cfg_t cfg);
    wb_tiles = cfg[383:352];
  endfunction
  function automatic int unsigned acc_rows(cfg_t cfg);
    acc_rows = cfg[351:320];
  endfunction
  function automatic int unsigned pb_rows(cfg_t cfg);
    pb_rows = cfg[319:288];
  endfunction
  function automatic int unsigned axi_bits(cfg_t cfg);
    axi_bits = cfg[287:256];
  endfunction
  function automatic int unsigned burst_beats(cfg_t cfg);
    burst_beats = cfg[255:224];
  endfunction
  function automatic int unsigned outstanding(cfg_t cfg);
    outstanding = cfg[223:192];
  endfunction
  function automatic int unsigned queue_depth(cfg_t cfg);
    queue_depth = cfg[191:160];
  endfunction
  function automatic int unsigned weight_bits(cfg_t cfg);
    weight_bits = cfg[159:128];
  endfunction
  function automatic int unsigned act_bits(cfg_t cfg);
    act_bits = cfg[127:96];
  endfunction
  function automatic int unsigned codebook(cfg_t cfg);
    codebook = cfg[95:64];
  endfunction
  function automatic int unsigned bitmask(cfg_t cfg);
    bitmask = cfg[63:32];
  endfunction
  function automatic int unsigned structured(cfg_t cfg);
    structured = cfg[31:0];
  endfunction

endpackage
