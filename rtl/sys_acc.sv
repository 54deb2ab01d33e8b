// SPDX-License-Identifier: Apache-2.0
// The accumulators: rows of COLS 32-bit sums in two banks, which the array adds to.
//
// A row is read in the cycle before its sums arrive; the new value is written at the end of the
// cycle in which they do, and forwarded to a read of the same row in that cycle. Throughput one row
// a cycle. While the matrix unit holds a bank the vector unit does not read it, so a bank has one
// reader.
//
//   clk         |0 |1 |2 |
//   row_req_i   /--\_____
//   row_addr_i  <A >
//   sum_i          <S >
//   bank           <r >      r = A's value; at the end of cycle 1: A's value = r + S (or S)

module sys_acc #(
  parameter int unsigned COLS = 16,
  parameter int unsigned ACC_ROWS = 1024,
  localparam int unsigned Aw = sys_geom_pkg::idx_width(ACC_ROWS)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  // Matrix unit: read, then add and write
  input  logic               row_req_i,
  input  logic [Aw-1:0]      row_addr_i,
  input  logic               row_overwrite_i,  // the sums replace the row
  input  logic [32*COLS-1:0] sum_i,            // in the cycle after
  // Vector unit
  input  logic               vpu_req_i,
  input  logic [Aw-1:0]      vpu_addr_i,
  output logic [32*COLS-1:0] vpu_rdata_o
);

  localparam int unsigned BankRows = ACC_ROWS / 2;
  localparam int unsigned BankAw = sys_geom_pkg::idx_width(BankRows);

  if (ACC_ROWS % 2 != 0) begin : gen_check_rows
    initial $error("ACC_ROWS: %0d is odd, expected two equal banks", ACC_ROWS);
  end

  logic          write_q, overwrite_q, forward_q, vpu_bank_q;
  logic [Aw-1:0] addr_q;
  logic [32*COLS-1:0] forward_data_q, wdata;
  logic [1:0][32*COLS-1:0] rdata;

  logic row_bank, write_bank, vpu_bank, forward;
  assign row_bank   = 32'(row_addr_i) >= BankRows;
  assign write_bank = 32'(addr_q) >= BankRows;
  assign vpu_bank   = 32'(vpu_addr_i) >= BankRows;
  assign forward    = write_q && addr_q == row_addr_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) write_q <= 1'b0;
    else write_q <= row_req_i;
  end

  always_ff @(posedge clk_i) begin
    if (row_req_i) begin
      addr_q      <= row_addr_i;
      overwrite_q <= row_overwrite_i;
      forward_q   <= forward;
      if (forward) forward_data_q <= wdata;
    end
    if (vpu_req_i) vpu_bank_q <= vpu_bank;
  end

  always_comb begin
    wdata = '0;
    if (write_q) begin
      if (!overwrite_q) wdata = forward_q ? forward_data_q : rdata[write_bank];
      for (int unsigned c = 0; c < COLS; c++) wdata[32*c+:32] = wdata[32*c+:32] + sum_i[32*c+:32];
    end
  end

  for (genvar b = 0; b < 2; b++) begin : gen_bank
    logic row_here, vpu_here;
    assign row_here = row_req_i && row_bank == 1'(b);
    assign vpu_here = vpu_req_i && vpu_bank == 1'(b);

    logic [Aw-1:0] raddr;
    assign raddr = row_here ? row_addr_i : vpu_addr_i;

    sys_ram #(.WIDTH(32 * COLS), .DEPTH(BankRows)) u_ram (
      .clk_i,
      .ren_i  (row_here || vpu_here),
      .raddr_i(BankAw'(32'(raddr) - b * BankRows)),
      .rdata_o(rdata[b]),
      .we_i   (write_q && write_bank == 1'(b)),
      .waddr_i(BankAw'(32'(addr_q) - b * BankRows)),
      .wdata_i(wdata)
    );

`ifndef SYNTHESIS
    assert property (@(posedge clk_i) disable iff (!rst_ni) !(row_here && vpu_here));
`endif
  end

  assign vpu_rdata_o = rdata[vpu_bank_q];

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) row_req_i |-> 32'(row_addr_i) < ACC_ROWS);
  assert property (@(posedge clk_i) disable iff (!rst_ni) vpu_req_i |-> 32'(vpu_addr_i) < ACC_ROWS);
`endif

endmodule
