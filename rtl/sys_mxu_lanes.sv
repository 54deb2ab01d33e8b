// SPDX-License-Identifier: Apache-2.0
// The lanes of a UB word at the width that the array multiplies.
//
// A word of values that are to be expanded holds those of 1 << expand words of lanes, one after the other: part_i names one. Its
// values, of 8 >> (narrow + expand) bits in the word, are expanded to 8 >> narrow bits. Widths below ACT_BITS are not built; with
// ACT_BITS = 8 the word goes through as it is.
// Combinational.

module sys_mxu_lanes #(
  parameter int unsigned LANES = 16,
  parameter int unsigned WORD_BYTES = 16,
  parameter int unsigned ACT_BITS = 8,
  localparam int unsigned PartW = sys_geom_pkg::idx_width(8 / ACT_BITS)
) (
  input  logic [8*WORD_BYTES-1:0] word_i,
  input  logic [PartW-1:0]        part_i,
  input  logic [1:0]              narrow_i,
  input  logic [1:0]              expand_i,
  output logic [8*WORD_BYTES-1:0] lanes_o     // beyond LANES bytes as in the word
);

  if (ACT_BITS == 8) begin : gen_bytes
    logic unused_widths;
    assign unused_widths = ^{part_i, narrow_i, expand_i};
    assign lanes_o = word_i;
  end else begin : gen_narrow
    localparam int unsigned Widths = 4 - $clog2(ACT_BITS);

    // Part part_i: of each lane the 8 >> e bits that the word has of it.
    logic [8*LANES-1:0] part [4];
    for (genvar e = 0; e < 4; e++) begin : gen_part
      if (e != 0 && e < Widths) begin : gen_built
        localparam int unsigned PartBits = LANES * (8 >> e);
        logic [PartBits-1:0] bits;
        assign bits = word_i[PartBits*32'(part_i[e-1:0])+:PartBits];
        for (genvar l = 0; l < LANES; l++) begin : gen_field
          assign part[e][8*l+:8] = 8'(bits[(8>>e)*l+:(8>>e)]);
        end
      end else begin : gen_whole
        assign part[e] = word_i[8*LANES-1:0];
      end
    end

    logic [8*LANES-1:0] fields;
    assign fields = part[expand_i];
    for (genvar l = 0; l < LANES; l++) begin : gen_lane
      sys_expand #(.STORED_BITS(ACT_BITS), .PACKED_BITS(ACT_BITS)) u_expand (
        .field_i(fields[8*l+:8]), .narrow_i(narrow_i + expand_i), .pack_i(narrow_i), .byte_o(lanes_o[8*l+:8])
      );
    end
    if (WORD_BYTES > LANES) begin : gen_rest
      assign lanes_o[8*WORD_BYTES-1:8*LANES] = word_i[8*WORD_BYTES-1:8*LANES];
    end
  end

endmodule
