// SPDX-License-Identifier: Apache-2.0
// The vector unit: rows of COLS lanes from ACC or UB through its pipeline to UB, one a cycle.
//
// What is addressed in cycle c (sys_vpu_ctrl) arrives in c + 1, passes the lanes (sys_vpu_lane,
// stages 1 to 10) and the tables, and the last tap of an output's window puts it on the UB write
// port in c + 11. Syncs and vector_set end in the cycle in which they start. The parameter buffer
// and the tables are part of the unit: the load DMA writes them.
//
//   clk         |c  |c+1|c+2|c+3 ... |c+10|c+11|
//   ub/acc_req  /---\________________________
//   rdata           <row|
//   lanes           |1  |2  |3  ...  |10  |     stages
//   ub_we_o     _________________________/---\

module sys_vpu #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned WordBytes = sys_geom_pkg::word_bytes(CFG),
  localparam int unsigned UbAw = sys_geom_pkg::ub_aw(CFG),
  localparam int unsigned AccAw = sys_geom_pkg::idx_width(CFG.acc_rows),
  localparam int unsigned PbWordBytes = sys_geom_pkg::pb_word_bytes(CFG)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // Front
  input  logic                     start_i,       // first RUN cycle
  input  logic [511:0]             instr_i,       // stable during RUN
  input  logic                     is_vector_i,
  input  logic                     is_set_i,
  output logic                     end_o,         // front done as well
  // Observation
  output logic                     setup_o,
  output logic                     busy_o,        // a tap or residual is read; sync and vector_set
  output logic                     drain_o,
  output logic                     tap_o,
  output logic                     output_o,
  // Unified buffer
  output logic                     ub_req_o,
  output logic [UbAw-1:0]          ub_addr_o,
  input  logic [8*WordBytes-1:0]   ub_rdata_i,
  output logic                     ub_we_o,
  output logic [UbAw-1:0]          ub_waddr_o,
  output logic [8*WordBytes-1:0]   ub_wdata_o,
  output logic [WordBytes-1:0]     ub_wbe_o,
  // Accumulators
  output logic                     acc_req_o,
  output logic [AccAw-1:0]         acc_addr_o,
  input  logic [32*CFG.cols-1:0]   acc_rdata_i,
  // Parameter buffer and tables, written by the load DMA
  input  logic                     param_we_i,
  input  logic                     param_table_i,  // a table
  input  logic [15:0]              param_row_i,    // parameter row, or table
  input  logic [7:0]               param_word_i,   // word of it
  input  logic [8*PbWordBytes-1:0] param_wdata_i
);

  localparam int unsigned PbW = sys_geom_pkg::idx_width(CFG.pb_rows);
  localparam int unsigned PbWordW =
      sys_geom_pkg::idx_width(sys_geom_pkg::pb_row_bytes(CFG) / PbWordBytes);
  localparam int unsigned TableWords = 256 / PbWordBytes;
  localparam int unsigned TableAw = $clog2(4 * TableWords);
  localparam int unsigned Stages = 11;

  sys_isa_pkg::vector_t instr;
  sys_isa_pkg::vector_set_t set_q;
  assign instr = sys_isa_pkg::vector_t'(instr_i);

  logic start_vector;
  assign start_vector = start_i && is_vector_i;

  // Control and addresses.
  logic           vector_end, run_busy, param_req, bias_valid, scale_valid;
  logic [PbW-1:0] param_row;
  logic           tap_pad, tap_first, tap_last, res;

  sys_vpu_ctrl #(.UB_AW(UbAw), .ACC_AW(AccAw), .PB_ROWS(CFG.pb_rows)) u_ctrl (
    .clk_i,
    .rst_ni,
    .start_i      (start_vector),
    .instr_i      (instr),
    .end_o        (vector_end),
    .setup_o,
    .busy_o       (run_busy),
    .drain_o,
    .param_req_o  (param_req),
    .param_row_o  (param_row),
    .bias_valid_o (bias_valid),
    .scale_valid_o(scale_valid),
    .tap_o,
    .tap_pad_o    (tap_pad),
    .tap_first_o  (tap_first),
    .tap_last_o   (tap_last),
    .res_o        (res),
    .ub_req_o,
    .ub_addr_o,
    .acc_req_o,
    .acc_addr_o,
    .write_i      (output_o),
    .write_addr_o (ub_waddr_o)
  );

  assign end_o  = (start_i && !is_vector_i) || vector_end;
  assign busy_o = (start_i && !is_vector_i) || run_busy;

  // Parameters of the instruction.
  logic [32*CFG.cols-1:0] param_rdata, bias_q, scale_q;
  logic [CFG.cols-1:0]  lane_on_q;
  logic [WordBytes-1:0] wbe, wbe_q;

  sys_param #(.CFG(CFG)) u_param (
    .clk_i,
    .we_i   (param_we_i && !param_table_i),
    .wrow_i (PbW'(param_row_i)),
    .wword_i(PbWordW'(param_word_i)),
    .wdata_i(param_wdata_i),
    .req_i  (param_req),
    .row_i  (param_row),
    .rdata_o(param_rdata)
  );

  logic [CFG.cols-1:0] lane_on;
  assign lane_on = ~({CFG.cols{1'b1}} << 1 << instr.lanes_m1);

  always_ff @(posedge clk_i) begin
    if (start_i && is_set_i) set_q <= sys_isa_pkg::vector_set_t'(instr_i);
    if (start_vector) begin
      lane_on_q <= lane_on;
      wbe_q     <= wbe;
    end
    if (bias_valid) bias_q <= param_rdata;
    if (scale_valid) scale_q <= param_rdata;
  end

  // What each stage holds: taps up to stage 2, outputs (windows complete) from stage 3.
  logic [Stages:1] valid_q;
  logic tap_pad1_q, tap_first1_q, tap_last1_q, res1_q, tap_first2_q, tap_last2_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      res1_q  <= 1'b0;
    end else begin
      valid_q <= {valid_q[Stages-1:3], valid_q[2] && tap_last2_q, valid_q[1], tap_o};
      res1_q  <= res;
    end
  end

  always_ff @(posedge clk_i) begin
    tap_pad1_q   <= tap_pad;
    tap_first1_q <= tap_first;
    tap_last1_q  <= tap_last;
    tap_first2_q <= tap_first1_q;
    tap_last2_q  <= tap_last1_q;
  end

  // Slices of the word read: source tap, and residual, which meets its output in stage 7.
  logic [8*CFG.cols-1:0] src1, res1, res2_q, res7;

  sys_vpu_unpack #(.CFG(CFG)) u_src_values (
    .word_i(ub_rdata_i), .slice_i(instr.src_slice), .narrow_i(instr.src_narrow), .values_o(src1)
  );
  sys_vpu_unpack #(.CFG(CFG)) u_res_values (
    .word_i(ub_rdata_i), .slice_i(instr.res_slice), .narrow_i(instr.res_narrow), .values_o(res1)
  );

  always_ff @(posedge clk_i) if (res1_q) res2_q <= res1;

  sys_delay #(.WIDTH(8 * CFG.cols), .DEPTH(5)) u_res_delay (
    .clk_i, .rst_ni, .en_i(instr.residual && (run_busy || drain_o)),
    .data_i(res2_q), .data_o(res7)
  );

  logic [8*CFG.cols-1:0] y10, y11;
  for (genvar c = 0; c < CFG.cols; c++) begin : gen_lane
    sys_vpu_lane u_lane (
      .clk_i,
      .en_i        (valid_q[9:1] & {9{lane_on_q[c]}}),
      .src_ub_i    (instr.src_ub),
      .reduce_sum_i(instr.reduce_sum),
      .residual_i  (instr.residual),
      .pad_byte_i  (instr.pad_byte),
      .bias_i      (bias_q[32*c+:32]),
      .scale_i     (scale_q[32*c+:32]),
      .set_i       (set_q),
      .pad_i       (tap_pad1_q),
      .ub_i        (src1[8*c+:8]),
      .acc_i       (acc_rdata_i[32*c+:32]),
      .first_i     (tap_first2_q),
      .res_i       (res7[8*c+:8]),
      .y_o         (y10[8*c+:8])
    );
  end

  sys_vpu_table #(.CFG(CFG)) u_table (
    .clk_i,
    .we_i   (param_we_i && param_table_i),
    .wword_i(TableAw'(32'(param_row_i[1:0]) * TableWords + 32'(param_word_i))),
    .wdata_i(param_wdata_i),
    .en_i   (valid_q[10]),
    .use_i  (set_q.use_table),
    .index_i(set_q.table_index),
    .y_i    (y10),
    .y_o    (y11)
  );

  sys_vpu_pack #(.CFG(CFG)) u_pack (
    .values_i (y11),
    .lane_on_i(lane_on),
    .slice_i  (instr.dst_slice),
    .narrow_i (instr.dst_narrow),
    .word_o   (ub_wdata_o),
    .enable_o (wbe)
  );
  assign output_o   = valid_q[Stages];
  assign ub_we_o    = valid_q[Stages];
  assign ub_wbe_o   = wbe_q;

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> valid_q == '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni) !(is_vector_i && is_set_i));
`endif

endmodule
