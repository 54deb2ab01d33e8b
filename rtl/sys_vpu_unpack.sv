// SPDX-License-Identifier: Apache-2.0
// Selects one slice of COLS values of a UB word and expands them to bytes.
//
// A word holds values of 8 >> narrow bits, the first of a byte in its lowest bits: two's complement, or for one bit:
// 1 is 1, 0 is -1. The widths below ACT_BITS are not built. Values beyond the word's bytes are those of a byte of 0.
// Combinational.

module sys_vpu_unpack #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned WordBytes = sys_geom_pkg::word_bytes(CFG)
) (
  input  logic [8*WordBytes-1:0] word_i,
  input  logic [7:0]             slice_i,
  input  logic [1:0]             narrow_i,
  output logic [8*CFG.cols-1:0]  values_o
);

  localparam int unsigned L = sys_geom_pkg::lanes(CFG);
  localparam int unsigned Widths = 4 - $clog2(sys_geom_pkg::act_bits(CFG));

  logic [8*CFG.cols-1:0] values [4];  // of each width that is built

  for (genvar n = 0; n < 4; n++) begin : gen_width
    if (n < Widths) begin : gen_built
      localparam int unsigned Bits = 8 >> n;
      localparam int unsigned Bytes = CFG.cols >> n;
      localparam int unsigned Slices = sys_geom_pkg::ceil_div(L, Bytes);
      localparam int unsigned SliceW = sys_geom_pkg::idx_width(Slices);
      logic [8*Bytes-1:0] slice;
      sys_slice #(.WORD_BYTES(WordBytes), .LANES(Bytes), .SLICES(Slices)) u_slice (
        .word_i, .slice_i(SliceW'(slice_i)), .slice_o(slice)
      );
      for (genvar c = 0; c < CFG.cols; c++) begin : gen_value
        if (Bits == 1) begin : gen_sign
          assign values[n][8*c+:8] = slice[c] ? 8'h01 : 8'hff;
        end else begin : gen_number
          assign values[n][8*c+:8] = 8'($signed(slice[Bits*c+:Bits]));
        end
      end
    end else begin : gen_left_out
      assign values[n] = '0;
    end
  end

  assign values_o = values[narrow_i];

endmodule
