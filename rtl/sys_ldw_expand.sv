// SPDX-License-Identifier: Apache-2.0
// Columns of the weight load DMA: from a word of the stream to a row of a tile.
//
// Each column takes its field of the word, expands it to the width that the array multiplies, and keeps it if the row has it. A
// masked row holds the weights that are not zero, in order; indices of four bits name entries of the codebook.
// Combinational, from what the row's step registered.

module sys_ldw_expand #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned ActBits = sys_geom_pkg::act_bits(CFG),
  localparam int unsigned CellW = sys_geom_pkg::cell_bits(CFG),
  localparam int unsigned SelectW = CellW - 8,
  localparam int unsigned FieldW = (SelectW > 1) ? SelectW : 1
) (
  input  logic [8*CFG.cols-1:0]  word_i,
  input  logic [1:0]             narrow_i,
  input  logic [1:0]             pack_i,
  input  logic                   codebook_i,
  input  logic [127:0]           book_i,      // its 16 entries
  input  logic                   bitmask_i,
  input  logic [FieldW*CFG.cols-1:0] fields_i,  // the row's part of the prefix
  input  logic [CFG.cols-1:0]    kept_i,      // columns that the row has
  output logic [CellW*CFG.cols-1:0] row_o     // columns: a byte, and what it selects
);

  for (genvar c = 0; c < CFG.cols; c++) begin : gen_column
    // What the tile's byte has in DRAM, in the lowest bits.
    logic [7:0] field;
    always_comb begin
      field = word_i[8*c+:8];
      if (CFG.weight_bits <= 4 && narrow_i - pack_i == 2'd1) field = {4'd0, word_i[4*c+:4]};
      if (CFG.weight_bits <= 2 && narrow_i - pack_i == 2'd2) field = {6'd0, word_i[2*c+:2]};
      if (CFG.weight_bits <= 1 && narrow_i - pack_i == 2'd3) field = {7'd0, word_i[c]};
    end
    // A masked row holds the weights that are not zero, in order.
    logic [7:0] stored;
    if (CFG.bitmask != 0) begin : gen_masked
      logic [7:0] rank;
      always_comb begin
        rank = '0;
        stored = field;
        if (bitmask_i) begin
          rank = 8'($countones(fields_i[CFG.cols-1:0] & ~({CFG.cols{1'b1}} << c)));
          stored = fields_i[c] ? word_i[8*rank+:8] : '0;
        end
      end
    end else begin : gen_plain
      assign stored = field;
    end
    logic [7:0] number, weight;
    sys_expand #(.STORED_BITS(CFG.weight_bits), .PACKED_BITS(ActBits)) u_expand (
      .field_i(stored), .narrow_i, .pack_i, .byte_o(number)
    );
    if (CFG.codebook != 0) begin : gen_index
      assign weight = codebook_i ? book_i[8*word_i[4*c+:4]+:8] : number;
    end else begin : gen_number
      assign weight = number;
    end
    assign row_o[CellW*c+:8] = weight & {8{kept_i[c]}};
    if (CFG.structured != 0) begin : gen_select
      assign row_o[CellW*c+8+:SelectW] = fields_i[SelectW*c+:SelectW] & {SelectW{kept_i[c] && !bitmask_i}};
    end
  end

  if (CFG.codebook == 0) begin : gen_no_codebook
    logic unused_codebook;
    assign unused_codebook = ^{codebook_i, book_i};
  end
  if (CFG.bitmask == 0) begin : gen_no_mask
    logic unused_mask;
    assign unused_mask = ^{bitmask_i, fields_i};
  end

endmodule
