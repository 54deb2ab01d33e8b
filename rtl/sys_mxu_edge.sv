// SPDX-License-Identifier: Apache-2.0
// The edge of the array: from a UB word to what the processing elements of each row see, two cycles after its address.
//
// A tile names its slice of lanes (and of a word to be expanded its part) when it starts; each of its rows is then masked to the
// lanes of its channel group, or is padding. With STRUCTURED a slice may have twice as many lanes: a row sees the four bytes
// of its group of four channels, or two bytes with four narrow ones.
//
//   clk           |T-1|T  |T+1|T+2|
//   tile_i        /---\___________
//   row_i         ____/---\_______   row 0 is addressed; in_range_i
//   row1_i        ________/---\___   its word is at word_i
//   act_o, mode_o ____________<row0

module sys_mxu_edge #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned WordRows = sys_geom_pkg::word_rows(CFG),
  localparam int unsigned WordBytes = sys_geom_pkg::word_bytes(CFG),
  localparam int unsigned SliceW = sys_geom_pkg::idx_width(sys_geom_pkg::ceil_div(sys_geom_pkg::lanes(CFG), CFG.rows)),
  localparam int unsigned ActBits = sys_geom_pkg::act_bits(CFG),
  localparam int unsigned PartW = sys_geom_pkg::idx_width(8 / ActBits),
  localparam int unsigned LanesW = $clog2(WordRows + 1),
  localparam int unsigned ActW = sys_geom_pkg::edge_bits(CFG),  // what a processing element sees of a row
  localparam int unsigned ModeW = sys_geom_pkg::mode_bits(CFG)
) (
  input  logic                    clk_i,
  // The tile that starts
  input  logic                    tile_i,
  input  logic [SliceW-1:0]       slice_i,
  input  logic [PartW-1:0]        part_i,
  input  logic [LanesW-1:0]       lanes_i,     // of its group
  // Its instruction
  input  logic [7:0]              pad_byte_i,
  input  logic [1:0]              narrow_i,
  input  logic [1:0]              expand_i,
  input  logic                    structured_i,
  // Its rows
  input  logic                    row_i,       // one is addressed
  input  logic                    in_range_i,  // and is no padding
  input  logic                    row1_i,      // a cycle later
  input  logic [8*WordBytes-1:0]  word_i,
  output logic [ActW*CFG.rows-1:0] act_o,      // registered
  output logic [ModeW*CFG.rows-1:0] mode_o     // {structured, narrow}; a lane beyond the group is a byte of value 0 at any width
);

  localparam int unsigned WordLanes = sys_geom_pkg::lanes(CFG);
  localparam int unsigned Slices = sys_geom_pkg::ceil_div(WordLanes, CFG.rows);

  // The tile at the entry.
  logic [SliceW-1:0]     slice_q;
  logic [PartW-1:0]      part_q;
  logic [8*WordRows-1:0] mask_q; // lanes of the group
  always_ff @(posedge clk_i) begin
    if (tile_i) begin
      slice_q <= slice_i;
      part_q  <= part_i;
      mask_q  <= ~({(8 * WordRows){1'b1}} << {lanes_i, 3'b000});
    end
  end

  // Stage 1: the word arrives.
  logic                  pad1_q;
  logic [SliceW-1:0]     slice1_q;
  logic [PartW-1:0]      part1_q;
  logic [8*WordRows-1:0] mask1_q;
  logic [1:0]            narrow1_q, expand1_q;
  logic [7:0]            pad_byte1_q;
  always_ff @(posedge clk_i) begin
    if (row_i) begin
      pad1_q      <= !in_range_i;
      slice1_q    <= slice_q;
      part1_q     <= part_q;
      mask1_q     <= mask_q;
      pad_byte1_q <= pad_byte_i;
      narrow1_q   <= narrow_i;
      expand1_q   <= expand_i;
    end
  end

  logic [8*WordBytes-1:0] word1;
  sys_mxu_lanes #(.LANES(WordLanes), .WORD_BYTES(WordBytes), .ACT_BITS(ActBits)) u_lanes (
    .word_i, .part_i(part1_q), .narrow_i(narrow1_q), .expand_i(expand1_q), .lanes_o(word1)
  );

  // The last slice may be partial: its missing lanes are masked.
  logic [8*CFG.rows-1:0] dense1;
  sys_slice #(.WORD_BYTES(WordBytes), .LANES(CFG.rows), .SLICES(Slices)) u_slice (
    .word_i(word1), .slice_i(slice1_q), .slice_o(dense1)
  );

  // Stage 2: lanes at the array's edge.
  logic [8*WordRows-1:0] lanes1, edge_lanes;
  assign edge_lanes = (pad1_q ? {WordRows{pad_byte1_q}} : lanes1) & mask1_q;
  if (CFG.structured != 0) begin : gen_structured
    localparam int unsigned Pairs = sys_geom_pkg::ceil_div(WordLanes, WordRows);
    localparam int unsigned PairW = sys_geom_pkg::idx_width(Pairs);
    logic structured1_q;
    logic [8*WordRows-1:0] pairs1;
    always_ff @(posedge clk_i) if (row_i) structured1_q <= structured_i;
    sys_slice #(.WORD_BYTES(WordBytes), .LANES(WordRows), .SLICES(Pairs)) u_pairs (
      .word_i(word1), .slice_i(PairW'(slice1_q)), .slice_o(pairs1)
    );
    assign lanes1 = structured1_q ? pairs1 : (8 * WordRows)'(dense1);
    for (genvar r = 0; r < CFG.rows; r++) begin : gen_row
      always_ff @(posedge clk_i) begin
        if (row1_i) begin
          if (!structured1_q) act_o[ActW*r+:ActW] <= 32'(edge_lanes[8*r+:8]);
          else if (narrow1_q == '0) act_o[ActW*r+:ActW] <= edge_lanes[32*(r/2)+:32];
          else act_o[ActW*r+:ActW] <= 32'(edge_lanes[16*r+:16]);
          mode_o[ModeW*r+:ModeW] <= {structured1_q, narrow1_q & (structured1_q ? 2'b11 : mask1_q[8*r+:2])};
        end
      end
    end
  end else begin : gen_dense
    logic unused_structured;
    assign unused_structured = structured_i;
    assign lanes1 = dense1;
    for (genvar r = 0; r < CFG.rows; r++) begin : gen_row
      always_ff @(posedge clk_i) begin
        if (row1_i) mode_o[2*r+:2] <= narrow1_q & mask1_q[8*r+:2];
      end
    end
    always_ff @(posedge clk_i) if (row1_i) act_o <= edge_lanes;
  end

endmodule
