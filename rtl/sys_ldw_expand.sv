// SPDX-License-Identifier: Apache-2.0
// Columns of the weight load DMA: from a word of the stream to a row of a tile.
//
// Each column takes its field of the word, expands it to the width that the array multiplies, and keeps it if the row has it. A
// masked row holds the weights that are not zero, in order; indices of four bits name entries of the codebook.
// Combinational, from what the row's step registered.

module sys_ldw_expand #(
  parameter int unsigned COLS = 16,
  parameter int unsigned WEIGHT_BITS = 8,
  parameter int unsigned ACT_BITS = 8,
  parameter int unsigned CODEBOOK = 0,
  parameter int unsigned BITMASK = 0,
  parameter int unsigned STRUCTURED = 0,
  localparam int unsigned CellW = sys_geom_pkg::cell_bits(ACT_BITS, STRUCTURED),
  localparam int unsigned SelectW = CellW - 8,
  localparam int unsigned FieldW = (SelectW > 1) ? SelectW : 1
) (
  input  logic [8*COLS-1:0]      word_i,
  input  logic [1:0]             narrow_i,
  input  logic [1:0]             pack_i,
  input  logic                   codebook_i,
  input  logic [127:0]           book_i,      // its 16 entries
  input  logic                   bitmask_i,
  input  logic [FieldW*COLS-1:0] fields_i,    // the row's part of the prefix
  input  logic [COLS-1:0]        kept_i,      // columns that the row has
  output logic [CellW*COLS-1:0]  row_o        // columns: a byte, and what it selects
);

  for (genvar c = 0; c < COLS; c++) begin : gen_column
    // What the tile's byte has in DRAM, in the lowest bits.
    logic [7:0] field;
    always_comb begin
      field = word_i[8*c+:8];
      if (WEIGHT_BITS <= 4 && narrow_i - pack_i == 2'd1) field = {4'd0, word_i[4*c+:4]};
      if (WEIGHT_BITS <= 2 && narrow_i - pack_i == 2'd2) field = {6'd0, word_i[2*c+:2]};
      if (WEIGHT_BITS <= 1 && narrow_i - pack_i == 2'd3) field = {7'd0, word_i[c]};
    end
    // A masked row holds the weights that are not zero, in order.
    logic [7:0] stored;
    if (BITMASK != 0) begin : gen_masked
      logic [7:0] rank;
      always_comb begin
        rank = '0;
        stored = field;
        if (bitmask_i) begin
          rank = 8'($countones(fields_i[COLS-1:0] & ~({COLS{1'b1}} << c)));
          stored = fields_i[c] ? word_i[8*rank+:8] : '0;
        end
      end
    end else begin : gen_plain
      assign stored = field;
    end
    logic [7:0] number, weight;
    sys_expand #(.STORED_BITS(WEIGHT_BITS), .PACKED_BITS(ACT_BITS)) u_expand (
      .field_i(stored), .narrow_i, .pack_i, .byte_o(number)
    );
    if (CODEBOOK != 0) begin : gen_index
      assign weight = codebook_i ? book_i[8*word_i[4*c+:4]+:8] : number;
    end else begin : gen_number
      assign weight = number;
    end
    assign row_o[CellW*c+:8] = weight & {8{kept_i[c]}};
    if (STRUCTURED != 0) begin : gen_select
      assign row_o[CellW*c+8+:SelectW] = fields_i[SelectW*c+:SelectW] & {SelectW{kept_i[c] && !bitmask_i}};
    end
  end

  if (CODEBOOK == 0) begin : gen_no_codebook
    logic unused_codebook;
    assign unused_codebook = ^{codebook_i, book_i};
  end
  if (BITMASK == 0) begin : gen_no_mask
    logic unused_mask;
    assign unused_mask = ^{bitmask_i, fields_i};
  end

endmodule
