// SPDX-License-Identifier: Apache-2.0
// The four 256-entry tables of the vector unit, looked up by all lanes at once.
//
// Latency 1, throughput one row of COLS lanes a cycle. Without `use_i` the row passes unchanged.
//
//   clk   __/--\__/--\__/--\__
//   en_i  --------\___________
//   y_i   < Y    >
//   y_o           < TABLE[index][Y + 128], or Y

module sys_vpu_table #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned WordBytes = sys_geom_pkg::pb_word_bytes(CFG),
  localparam int unsigned Words = 1024 / WordBytes,
  localparam int unsigned WordW = $clog2(Words),
  localparam int unsigned ByteW = $clog2(WordBytes)
) (
  input  logic                   clk_i,
  // Write port: words of the four tables, one after another
  input  logic                   we_i,
  input  logic [WordW-1:0]       wword_i,
  input  logic [8*WordBytes-1:0] wdata_i,
  // Lookup
  input  logic                   en_i,
  input  logic                   use_i,
  input  logic [1:0]             index_i,
  input  logic [8*CFG.cols-1:0]  y_i,
  output logic [8*CFG.cols-1:0]  y_o
);

  logic [8*WordBytes-1:0] mem [Words];

  function automatic logic [7:0] lookup(logic [1:0] index, logic [7:0] y);
    logic [9:0] entry;
    entry  = {index, ~y[7], y[6:0]};  // y + 128
    lookup = mem[entry[9:ByteW]][8*32'(entry[ByteW-1:0])+:8];
  endfunction

  always_ff @(posedge clk_i) begin
    if (we_i) mem[wword_i] <= wdata_i;
    if (en_i) begin
      if (use_i) begin
        for (int unsigned c = 0; c < CFG.cols; c++) y_o[8*c+:8] <= lookup(index_i, y_i[8*c+:8]);
      end else begin
        y_o <= y_i;
      end
    end
  end

endmodule
