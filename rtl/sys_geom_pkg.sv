// SPDX-License-Identifier: Apache-2.0
// Sizes that follow from the hardware parameters (docs/timing.md, "Conventions"; model/arch/geometry.h).

package sys_geom_pkg;

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

  // Rows as UB words see them: structured sparsity reads twice as many lanes (sparsity.structured). What follows takes
  // these for `rows`.
  function automatic int unsigned word_rows(int unsigned rows, int unsigned structured);
    word_rows = (structured != 0) ? 2 * rows : rows;
  endfunction

  // Bits of the narrowest activations built: COLS of them fill bytes.
  function automatic int unsigned act_bits(int unsigned bits, int unsigned cols);
    act_bits = bits;
    for (int unsigned k = 0; k < 3; k++)
      if (act_bits < 8 && cols % (8 / act_bits) != 0) act_bits = 2 * act_bits;
  endfunction

  // Bits that say which of four channels the weights in a byte of a tile meet.
  function automatic int unsigned select_bits(int unsigned bits, int unsigned structured);
    select_bits = (structured == 0) ? 0 : (bits <= 4) ? 4 : 2;
  endfunction

  // Bits of a column of a tile's row: a byte of weights, and what it selects above it.
  function automatic int unsigned cell_bits(int unsigned bits, int unsigned structured);
    cell_bits = 8 + select_bits(bits, structured);
  endfunction

  // L: byte lanes of a UB word.
  function automatic int unsigned lanes(int unsigned rows, int unsigned cols);
    lanes = max2(rows, cols);
  endfunction

  // W: stored bytes of a UB word.
  function automatic int unsigned word_bytes(int unsigned rows, int unsigned cols);
    word_bytes = pow2ceil(max2(rows, cols));
  endfunction

  function automatic int unsigned ub_words(int unsigned ub_kib, int unsigned rows,
                                           int unsigned cols);
    ub_words = ub_kib * (1024 / word_bytes(rows, cols));
  endfunction

  // Bits of a UB word address.
  function automatic int unsigned ub_aw(int unsigned ub_kib, int unsigned rows, int unsigned cols);
    ub_aw = idx_width(ub_words(ub_kib, rows, cols));
  endfunction

  // Slices of ROWS lanes in a UB word.
  function automatic int unsigned row_slices(int unsigned rows, int unsigned cols);
    row_slices = ceil_div(lanes(rows, cols), rows);
  endfunction

  // Bytes that one step of load_param writes.
  function automatic int unsigned pb_word_bytes(int unsigned rows, int unsigned cols);
    pb_word_bytes = max2(4, word_bytes(rows, cols));
  endfunction

  // Bytes of a parameter row.
  function automatic int unsigned pb_row_bytes(int unsigned rows, int unsigned cols);
    pb_row_bytes = max2(4 * pow2ceil(cols), pb_word_bytes(rows, cols));
  endfunction

  // Bytes of a row of weights in DRAM: `cols` fields of 8 >> narrow bits.
  function automatic logic [15:0] weight_row_bytes(logic [15:0] cols, logic [1:0] narrow);
    logic [18:0] bits;
    bits = 19'(cols) << (2'd3 - narrow);
    weight_row_bytes = bits[18:3] + 16'(bits[2:0] != '0);
  endfunction

endpackage
