// SPDX-License-Identifier: Apache-2.0
// The weight-stationary systolic array: ROWS x COLS processing elements with their skew and deskew.
//
// An activation row at the edge in cycle t meets weight (r, c) in t + r + c; its COLS sums stand
// aligned at `sum_o` in t + ROWS + COLS - 1. Weight row r on the bus in cycle t serves the
// activation rows at the edge from t + 1 - r on. Throughput one activation row and one weight row a
// cycle. Two tiles may be in the array at once, divided by a diagonal.
//
//   clk           |0 |1 |2 |3 |4 |5 |    ROWS = COLS = 2
//   weight_valid  /-----\___________     weight rows 0 and 1
//   act_i            <A |B |             (act_i of row 1 meets its weight in the cycle after)
//   en_i          ___/-----------\__     from a row at the edge to its sums
//   sum_o                     <A |B

module sys_mxu_array #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned ActBits = sys_geom_pkg::act_bits(CFG),
  localparam int unsigned ActW = sys_geom_pkg::edge_bits(CFG),  // of a row at the edge
  localparam int unsigned ModeW = sys_geom_pkg::mode_bits(CFG),
  localparam int unsigned CellW = sys_geom_pkg::cell_bits(CFG),
  localparam int unsigned RowW = sys_geom_pkg::idx_width(CFG.rows)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // Activations at the edge
  input  logic               en_i,  // from a row's cycle at the edge to the cycle before its sums
  input  logic [ActW*CFG.rows-1:0] act_i,
  input  logic [ModeW*CFG.rows-1:0] mode_i,  // {structured, width} of each lane's values
  // Column bus
  input  logic               weight_valid_i,
  input  logic [RowW-1:0]    weight_row_i,
  input  logic [CellW*CFG.cols-1:0] weight_i,
  // Sums
  output logic [32*CFG.cols-1:0] sum_o
);

  logic [ActW*CFG.rows-1:0] act [CFG.cols+1];  // at the left of each column
  logic [ModeW*CFG.rows-1:0] mode [CFG.cols+1];
  logic [CFG.cols:0]  weight_valid;
  logic [RowW-1:0]    weight_row [CFG.cols+1];
  logic [CellW*CFG.cols-1:0] weight;
  logic [32*CFG.cols-1:0] sum;

  assign weight_valid[0] = weight_valid_i;
  assign weight_row[0]   = weight_row_i;

  sys_skew #(.LANES(CFG.rows), .WIDTH(ActW)) u_act_skew (
    .clk_i, .en_i, .data_i(act_i), .data_o(act[0])
  );

  if (ActBits < 8 || CFG.structured != 0) begin : gen_modes
    sys_skew #(.LANES(CFG.rows), .WIDTH(ModeW)) u_skew (
      .clk_i, .en_i, .data_i(mode_i), .data_o(mode[0])
    );
  end else begin : gen_bytes
    logic unused_mode;
    assign unused_mode = ^mode_i;
    assign mode[0] = '0;
  end

  sys_skew #(.LANES(CFG.cols), .WIDTH(CellW)) u_weight_skew (
    .clk_i, .en_i(weight_valid != '0), .data_i(weight_i), .data_o(weight)
  );

  for (genvar c = 0; c < CFG.cols; c++) begin : gen_col
    sys_mxu_col #(.CFG(CFG)) u_col (
      .clk_i,
      .rst_ni,
      .en_i,
      .act_i         (act[c]),
      .act_o         (act[c+1]),
      .mode_i        (mode[c]),
      .mode_o        (mode[c+1]),
      .weight_valid_i(weight_valid[c]),
      .weight_row_i  (weight_row[c]),
      .weight_i      (weight[CellW*c+:CellW]),
      .weight_valid_o(weight_valid[c+1]),
      .weight_row_o  (weight_row[c+1]),
      .sum_o         (sum[32*c+:32])
    );
  end

  sys_skew #(.LANES(CFG.cols), .WIDTH(32), .REVERSE(1'b1)) u_sum_deskew (
    .clk_i, .en_i, .data_i(sum), .data_o(sum_o)
  );

endmodule
