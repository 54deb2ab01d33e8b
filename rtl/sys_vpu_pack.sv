// SPDX-License-Identifier: Apache-2.0
// Packs COLS result bytes into one slice of a UB word, as values of 8 >> narrow bits.
//
// A value keeps its lowest bits, or for one bit whether it is not negative; the first of a byte is in its lowest bits.
// A byte is written if one of its lanes is on; lanes that are off give 0 bits. The widths below ACT_BITS are not built.
// Combinational.

module sys_vpu_pack #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned WordBytes = sys_geom_pkg::word_bytes(CFG)
) (
  input  logic [8*CFG.cols-1:0]  values_i,
  input  logic [CFG.cols-1:0]    lane_on_i,  // lanes from 0 on
  input  logic [7:0]             slice_i,
  input  logic [1:0]             narrow_i,
  output logic [8*WordBytes-1:0] word_o,     // every slice of the word offers the values
  output logic [WordBytes-1:0]   enable_o    // the bytes of the slice
);

  localparam int unsigned Widths = 4 - $clog2(sys_geom_pkg::act_bits(CFG));

  logic [8*WordBytes-1:0] word [4];
  logic [WordBytes-1:0]   enable [4];

  for (genvar n = 0; n < 4; n++) begin : gen_width
    if (n < Widths) begin : gen_built
      localparam int unsigned Bits = 8 >> n;
      localparam int unsigned Bytes = CFG.cols >> n;
      localparam int unsigned Copies = sys_geom_pkg::ceil_div(WordBytes, Bytes);
      logic [8*Bytes-1:0] slice;
      logic [Bytes-1:0]   bytes_on;
      for (genvar c = 0; c < CFG.cols; c++) begin : gen_value
        if (Bits == 1) begin : gen_sign
          assign slice[c] = !values_i[8*c+7] && lane_on_i[c];
        end else begin : gen_number
          assign slice[Bits*c+:Bits] = values_i[8*c+:Bits] & {Bits{lane_on_i[c]}};
        end
      end
      for (genvar b = 0; b < Bytes; b++) begin : gen_byte
        assign bytes_on[b] = lane_on_i[b<<n];
      end
      assign word[n]   = (8 * WordBytes)'({Copies{slice}});
      assign enable[n] = WordBytes'(bytes_on) << (32'(slice_i) * Bytes);
    end else begin : gen_left_out
      assign word[n]   = '0;
      assign enable[n] = '0;
    end
  end

  assign word_o   = word[narrow_i];
  assign enable_o = enable[narrow_i];

endmodule
