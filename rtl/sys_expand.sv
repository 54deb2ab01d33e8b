// SPDX-License-Identifier: Apache-2.0
// Expands what a byte of values has in a narrower store to that byte.
//
// The byte holds 1 << pack values of 8 >> pack bits, of which the store has 8 >> narrow bits each, in the lowest bits of
// the field: two's complement, or for one bit: 1 is 1, 0 is -1. With narrow = pack the field is the byte. Stored widths below
// STORED_BITS and widths of the byte's values below PACKED_BITS are not built.
// Combinational.

module sys_expand #(
  parameter int unsigned STORED_BITS = 8,
  parameter int unsigned PACKED_BITS = 8
) (
  input  logic [7:0] field_i,
  input  logic [1:0] narrow_i,
  input  logic [1:0] pack_i,
  output logic [7:0] byte_o
);

  always_comb begin
    byte_o = field_i;
    if (STORED_BITS <= 4 && narrow_i == 2'd1 && pack_i == 2'd0) byte_o = 8'($signed(field_i[3:0]));
    if (STORED_BITS <= 2 && narrow_i == 2'd2 && pack_i == 2'd0) byte_o = 8'($signed(field_i[1:0]));
    if (STORED_BITS <= 1 && narrow_i == 2'd3 && pack_i == 2'd0) byte_o = field_i[0] ? 8'h01 : 8'hff;
    if (STORED_BITS <= 2 && PACKED_BITS <= 4 && narrow_i == 2'd2 && pack_i == 2'd1)
      byte_o = {4'($signed(field_i[3:2])), 4'($signed(field_i[1:0]))};
    if (STORED_BITS <= 1 && PACKED_BITS <= 4 && narrow_i == 2'd3 && pack_i == 2'd1)
      for (int unsigned k = 0; k < 2; k++) byte_o[4*k+:4] = field_i[k] ? 4'h1 : 4'hf;
    if (STORED_BITS <= 1 && PACKED_BITS <= 2 && narrow_i == 2'd3 && pack_i == 2'd2)
      for (int unsigned k = 0; k < 4; k++) byte_o[2*k+:2] = field_i[k] ? 2'h1 : 2'h3;
  end

  if (STORED_BITS == 8) begin : gen_bytes
    logic unused_widths;
    assign unused_widths = ^{narrow_i, pack_i};
  end

endmodule
