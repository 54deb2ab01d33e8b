// SPDX-License-Identifier: Apache-2.0
// Selects one slice of LANES bytes of a buffer word; lanes beyond the word are 0.
//
// Combinational.

module sys_slice #(
  parameter int unsigned WORD_BYTES = 16,
  parameter int unsigned LANES = 4,
  parameter int unsigned SLICES = 4,
  localparam int unsigned SliceW = sys_geom_pkg::idx_width(SLICES)
) (
  input  logic [8*WORD_BYTES-1:0] word_i,
  input  logic [SliceW-1:0]       slice_i,
  output logic [8*LANES-1:0]      slice_o
);

  if (SLICES == 1) begin : gen_one
    assign slice_o = word_i[8*LANES-1:0];
  end else begin : gen_many
    logic [8*LANES*SLICES-1:0] padded;
    assign padded  = (8 * LANES * SLICES)'(word_i);
    assign slice_o = padded[32'(slice_i)*8*LANES+:8*LANES];
  end

endmodule
