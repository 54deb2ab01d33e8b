// SPDX-License-Identifier: Apache-2.0
// The unified buffer: banks by address range, each with one read and one write port.
//
// Latency of a read 1; every client may access its banks in every cycle. Before an instruction runs
// it holds every (bank, port) that it uses, so two clients never meet in a bank: nothing is
// arbitrated here.
//
//   clk         __/--\__/--\__/--\__
//   mxu_req_i   --------\___________
//   mxu_addr_i  < A    >
//   mxu_rdata_o          < word A     (until the client's next read)

module sys_ub #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned WordBytes = sys_geom_pkg::word_bytes(CFG),
  localparam int unsigned Words = sys_geom_pkg::ub_words(CFG),
  localparam int unsigned Aw = sys_geom_pkg::ub_aw(CFG)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // Readers
  input  logic                   mxu_req_i,
  input  logic [Aw-1:0]          mxu_addr_i,
  output logic [8*WordBytes-1:0] mxu_rdata_o,
  input  logic                   vpu_req_i,
  input  logic [Aw-1:0]          vpu_addr_i,
  output logic [8*WordBytes-1:0] vpu_rdata_o,
  input  logic                   sto_req_i,
  input  logic [Aw-1:0]          sto_addr_i,
  output logic [8*WordBytes-1:0] sto_rdata_o,
  // Writers
  input  logic                   lda_we_i,
  input  logic [Aw-1:0]          lda_waddr_i,
  input  logic [8*WordBytes-1:0] lda_wdata_i,
  input  logic [WordBytes-1:0]   lda_wbe_i,
  input  logic                   vpu_we_i,
  input  logic [Aw-1:0]          vpu_waddr_i,
  input  logic [8*WordBytes-1:0] vpu_wdata_i,
  input  logic [WordBytes-1:0]   vpu_wbe_i
);

  localparam int unsigned BankWords = Words / CFG.ub_banks;
  localparam int unsigned BankAw = sys_geom_pkg::idx_width(BankWords);
  localparam int unsigned BankW = sys_geom_pkg::idx_width(CFG.ub_banks);

  if (Words % CFG.ub_banks != 0) begin : gen_check_banks
    initial $error("UB_BANKS: %0d words are not %0d equal banks", Words, CFG.ub_banks);
  end

  // Comparisons instead of a division: a bank need not be a power of two.
  function automatic logic [BankW-1:0] bank_of(logic [Aw-1:0] addr);
    bank_of = '0;
    for (int unsigned b = 1; b < CFG.ub_banks; b++) begin
      if (32'(addr) >= b * BankWords) bank_of = BankW'(b);
    end
  endfunction

  logic [BankW-1:0] mxu_bank, vpu_bank, sto_bank, lda_wbank, vpu_wbank;
  assign mxu_bank  = bank_of(mxu_addr_i);
  assign vpu_bank  = bank_of(vpu_addr_i);
  assign sto_bank  = bank_of(sto_addr_i);
  assign lda_wbank = bank_of(lda_waddr_i);
  assign vpu_wbank = bank_of(vpu_waddr_i);

  // The bank of each client's last read.
  logic [BankW-1:0] mxu_bank_q, vpu_bank_q, sto_bank_q;
  always_ff @(posedge clk_i) begin
    if (mxu_req_i) mxu_bank_q <= mxu_bank;
    if (vpu_req_i) vpu_bank_q <= vpu_bank;
    if (sto_req_i) sto_bank_q <= sto_bank;
  end

  logic [8*WordBytes-1:0] rdata [CFG.ub_banks];

  for (genvar b = 0; b < CFG.ub_banks; b++) begin : gen_bank
    logic mxu_here, vpu_here, sto_here, lda_writes, vpu_writes;
    assign mxu_here   = mxu_req_i && mxu_bank == BankW'(b);
    assign vpu_here   = vpu_req_i && vpu_bank == BankW'(b);
    assign sto_here   = sto_req_i && sto_bank == BankW'(b);
    assign lda_writes = lda_we_i && lda_wbank == BankW'(b);
    assign vpu_writes = vpu_we_i && vpu_wbank == BankW'(b);

    logic [Aw-1:0] raddr, waddr;
    assign raddr = mxu_here ? mxu_addr_i : vpu_here ? vpu_addr_i : sto_addr_i;
    assign waddr = vpu_writes ? vpu_waddr_i : lda_waddr_i;

    sys_ram_be #(.BYTES(WordBytes), .DEPTH(BankWords)) u_ram (
      .clk_i,
      .ren_i  (mxu_here || vpu_here || sto_here),
      .raddr_i(BankAw'(32'(raddr) - b * BankWords)),
      .rdata_o(rdata[b]),
      .we_i   (lda_writes || vpu_writes),
      .waddr_i(BankAw'(32'(waddr) - b * BankWords)),
      .wdata_i(vpu_writes ? vpu_wdata_i : lda_wdata_i),
      .wbe_i  (vpu_writes ? vpu_wbe_i : lda_wbe_i)
    );

`ifndef SYNTHESIS
    assert property (@(posedge clk_i) disable iff (!rst_ni)
                     $onehot0({mxu_here, vpu_here, sto_here}));
    assert property (@(posedge clk_i) disable iff (!rst_ni) !(lda_writes && vpu_writes));
`endif
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) mxu_req_i |-> 32'(mxu_addr_i) < Words);
  assert property (@(posedge clk_i) disable iff (!rst_ni) vpu_req_i |-> 32'(vpu_addr_i) < Words);
  assert property (@(posedge clk_i) disable iff (!rst_ni) sto_req_i |-> 32'(sto_addr_i) < Words);
  assert property (@(posedge clk_i) disable iff (!rst_ni) lda_we_i |-> 32'(lda_waddr_i) < Words);
  assert property (@(posedge clk_i) disable iff (!rst_ni) vpu_we_i |-> 32'(vpu_waddr_i) < Words);
`endif

  assign mxu_rdata_o = rdata[mxu_bank_q];
  assign vpu_rdata_o = rdata[vpu_bank_q];
  assign sto_rdata_o = rdata[sto_bank_q];

endmodule
