// SPDX-License-Identifier: Apache-2.0
// Sizes that follow from the configuration (docs/timing.md, "Conventions"; model/arch/geometry.h).
//
// Fields are read by the functions of sys_cfg_pkg: Yosys does not know those of a struct within a constant function.

package sys_geom_pkg;

  // ---- Arithmetic ----------------------------------------------------------------------------

  function automatic int unsigned max2(int unsigned a, int unsigned b);
    max2 = (a > b) ? a : b;
  endfunction

  function automatic int unsigned min2(int unsigned a, int unsigned b);
    min2 = (a < b) ? a : b;
  endfunction

  function automatic int unsigned ceil_div(int unsigned a, int unsigned b);
    ceil_div = (a + b - 1) / b;
  endfunction

  // Bits of an index into `n` things, at least one.
  function automatic int unsigned idx_width(int unsigned n);
    idx_width = (n > 1) ? $clog2(n) : 1;
  endfunction

  function automatic int unsigned pow2ceil(int unsigned n);
    pow2ceil = 1 << $clog2(n);
  endfunction

  // Bytes of a row of weights in DRAM: `cols` fields of 8 >> narrow bits.
  function automatic logic [15:0] weight_row_bytes(logic [15:0] cols, logic [1:0] narrow);
    logic [18:0] bits;
    bits = 19'(cols) << (2'd3 - narrow);
    weight_row_bytes = bits[18:3] + 16'(bits[2:0] != '0);
  endfunction

  // ---- Formats -------------------------------------------------------------------------------

  // Bits of the narrowest activations that are built: COLS of them fill bytes.
  function automatic int unsigned act_bits(sys_cfg_pkg::cfg_t cfg);
    act_bits = sys_cfg_pkg::act_bits(cfg);
    for (int unsigned k = 0; k < 3; k++)
      if (act_bits < 8 && sys_cfg_pkg::cols(cfg) % (8 / act_bits) != 0) act_bits = 2 * act_bits;
  endfunction

  // Bits that say which of four channels the weights in a byte of a tile meet.
  function automatic int unsigned select_bits(sys_cfg_pkg::cfg_t cfg);
    select_bits = (sys_cfg_pkg::structured(cfg) == 0) ? 0 : (act_bits(cfg) <= 4) ? 4 : 2;
  endfunction

  // Bits of a column of a tile's row: a byte of weights, and what it selects above it.
  function automatic int unsigned cell_bits(sys_cfg_pkg::cfg_t cfg);
    cell_bits = 8 + select_bits(cfg);
  endfunction

  // What a processing element sees of a row of activations: a byte, or those of four channels.
  function automatic int unsigned edge_bits(sys_cfg_pkg::cfg_t cfg);
    edge_bits = (sys_cfg_pkg::structured(cfg) != 0) ? 32 : 8;
  endfunction

  // How it reads them: {structured, narrow}.
  function automatic int unsigned mode_bits(sys_cfg_pkg::cfg_t cfg);
    mode_bits = (sys_cfg_pkg::structured(cfg) != 0) ? 3 : 2;
  endfunction

  // ---- Memories ------------------------------------------------------------------------------

  // Rows as UB words see them: structured sparsity reads twice as many lanes (sparsity.structured).
  function automatic int unsigned word_rows(sys_cfg_pkg::cfg_t cfg);
    word_rows = (sys_cfg_pkg::structured(cfg) != 0) ? 2 * sys_cfg_pkg::rows(cfg) : sys_cfg_pkg::rows(cfg);
  endfunction

  // L: byte lanes of a UB word.
  function automatic int unsigned lanes(sys_cfg_pkg::cfg_t cfg);
    lanes = max2(word_rows(cfg), sys_cfg_pkg::cols(cfg));
  endfunction

  // W: stored bytes of a UB word.
  function automatic int unsigned word_bytes(sys_cfg_pkg::cfg_t cfg);
    word_bytes = pow2ceil(lanes(cfg));
  endfunction

  function automatic int unsigned ub_words(sys_cfg_pkg::cfg_t cfg);
    ub_words = sys_cfg_pkg::ub_kib(cfg) * (1024 / word_bytes(cfg));
  endfunction

  // Bits of a UB word address.
  function automatic int unsigned ub_aw(sys_cfg_pkg::cfg_t cfg);
    ub_aw = idx_width(ub_words(cfg));
  endfunction

  // {ACC banks, UB write banks, UB read banks}
  function automatic int unsigned locks_width(sys_cfg_pkg::cfg_t cfg);
    locks_width = 2 * sys_cfg_pkg::ub_banks(cfg) + 2;
  endfunction

  // Bytes that one step of load_param writes.
  function automatic int unsigned pb_word_bytes(sys_cfg_pkg::cfg_t cfg);
    pb_word_bytes = max2(4, word_bytes(cfg));
  endfunction

  // Bytes of a parameter row.
  function automatic int unsigned pb_row_bytes(sys_cfg_pkg::cfg_t cfg);
    pb_row_bytes = max2(4 * pow2ceil(sys_cfg_pkg::cols(cfg)), pb_word_bytes(cfg));
  endfunction

  // Burst slots of fetch: two, or as many as hold 16 instructions, at most OUTSTANDING.
  function automatic int unsigned fetch_slots(sys_cfg_pkg::cfg_t cfg);
    fetch_slots = min2(sys_cfg_pkg::outstanding(cfg), max2(2, ceil_div(16 * 64,
        sys_cfg_pkg::axi_bits(cfg) / 8 * sys_cfg_pkg::burst_beats(cfg))));
  endfunction

  // Bits of a byte's place in a burst.
  function automatic int unsigned burst_aw(sys_cfg_pkg::cfg_t cfg);
    burst_aw = $clog2(sys_cfg_pkg::axi_bits(cfg) / 8 * sys_cfg_pkg::burst_beats(cfg));
  endfunction

endpackage
