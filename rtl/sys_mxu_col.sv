// SPDX-License-Identifier: Apache-2.0
// One column of the systolic array: ROWS processing elements and their weights.
//
// PE r multiplies the byte of its weights with the byte of activations of its row, adds the sum from above and hands
// the activations to the next column. A byte holds one value, or several narrow ones, whose products are added: its width
// travels with the activations. The widths below ACT_BITS are not built. With STRUCTURED the element of a row sees the bytes of
// four channels, or of four narrow ones, and its weights come with which of them they meet. Latency of a row of the tile: ROWS cycles from PE 0 to `sum_o`. A
// weight is written by its row's number from the column bus, which goes on to the next column a
// cycle later. A PE needs one weight register: row r's new weight is written in the very cycle in
// which the last activation of the tile before is multiplied there.
//
//   clk      |0 |1 |2 |3 |4 |    ROWS = 2
//   act_i.0  <a0|b0|
//   act_i.1     <a1|b1|          one cycle later for each row
//   sum_o          <a |b         a = a0*w0 + a1*w1

module sys_mxu_col #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned ActBits = sys_geom_pkg::act_bits(CFG),
  localparam int unsigned ActW = sys_geom_pkg::edge_bits(CFG),
  localparam int unsigned ModeW = sys_geom_pkg::mode_bits(CFG),
  localparam int unsigned CellW = sys_geom_pkg::cell_bits(CFG),
  localparam int unsigned RowW = sys_geom_pkg::idx_width(CFG.rows)
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              en_i,          // rows are in the array
  // Activations, skewed by row
  input  logic [ActW*CFG.rows-1:0] act_i,
  input  logic [ModeW*CFG.rows-1:0] mode_i,  // {structured, narrow}: values of 8 >> narrow bits
  output logic [ActW*CFG.rows-1:0] act_o,  // to the next column
  output logic [ModeW*CFG.rows-1:0] mode_o,
  // Column bus: one weight a cycle
  input  logic              weight_valid_i,
  input  logic [RowW-1:0]   weight_row_i,
  input  logic [CellW-1:0]  weight_i,
  output logic              weight_valid_o,  // to the next column
  output logic [RowW-1:0]   weight_row_o,
  // Sum of the column
  output logic [31:0]       sum_o
);

  logic [CellW-1:0] weight_q [CFG.rows];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) weight_valid_o <= 1'b0;
    else weight_valid_o <= weight_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (weight_valid_i) begin
      weight_row_o <= weight_row_i;
      weight_q[weight_row_i] <= weight_i;
    end
    if (en_i) act_o <= act_i;
  end

  if (ActBits < 8 || CFG.structured != 0) begin : gen_modes
    always_ff @(posedge clk_i) if (en_i) mode_o <= mode_i;
  end else begin : gen_bytes
    logic unused_mode;
    assign unused_mode = ^mode_i;
    assign mode_o = '0;
  end

  // The byte of activations that the weights of `held` meet.
  function automatic logic [7:0] selected(logic [ModeW-1:0] mode, logic [ActW-1:0] a, logic [CellW-1:0] held);
    selected = a[7:0];
    if (CFG.structured != 0 && mode[ModeW-1]) begin
      if (ActBits <= 4 && mode[1:0] == 2'd1) begin
        for (int unsigned k = 0; k < 2; k++) selected[4*k+:4] = 4'(a >> {held[(8+2*k)%CellW+:2], 2'd0});
      end else begin
        selected = 8'(a >> {held[8%CellW+:2], 3'd0});
      end
    end
  endfunction

  // Sum of the products of the values of two bytes.
  function automatic logic signed [31:0] product(logic [1:0] narrow, logic [7:0] a, logic [7:0] w);
    product = 32'($signed(a)) * 32'($signed(w));
    if (ActBits <= 4 && narrow == 2'd1) begin
      product = '0;
      for (int unsigned k = 0; k < 2; k++)
        product = product + 32'($signed(a[4*k+:4])) * 32'($signed(w[4*k+:4]));
    end
    if (ActBits <= 2 && narrow == 2'd2) begin
      product = '0;
      for (int unsigned k = 0; k < 4; k++)
        product = product + 32'($signed(a[2*k+:2])) * 32'($signed(w[2*k+:2]));
    end
    // Equal bits give 1, different ones -1.
    if (ActBits == 1 && narrow == 2'd3) product = 32'd8 - 32'($countones(a ^ w)) * 32'd2;
  endfunction

  for (genvar r = 0; r < CFG.rows; r++) begin : gen_pe
    logic signed [31:0] above, psum_q;
    if (r == 0) begin : gen_top
      assign above = '0;
    end else begin : gen_inner
      assign above = gen_pe[r-1].psum_q;
    end
    always_ff @(posedge clk_i) begin
      if (en_i) psum_q <= above + product(
          mode_i[ModeW*r+:2],
          selected(mode_i[ModeW*r+:ModeW], act_i[ActW*r+:ActW], weight_q[r]), weight_q[r][7:0]);
    end
  end

  assign sum_o = gen_pe[CFG.rows-1].psum_q;

endmodule
