// SPDX-License-Identifier: Apache-2.0
// Decodes an instruction on its way from IR to DR: fault code and the (bank, port) pairs it will hold.
//
// The extents are closed forms in 64-bit arithmetic, wide enough for any field values. The first check that fails
// gives the code: illegal_opcode, malformed, ub_range, acc_range, pb_range, wb_capacity, dram_range.
// Latency: 1 cycle (registered with DR). Throughput: one instruction a cycle.
//
//   clk               |t |t+1
//   en_i              /--\___
//   fault_o, locks_o  ---X===

module sys_check #(
  parameter int unsigned ROWS = 16,
  parameter int unsigned COLS = 16,
  parameter int unsigned UB_KIB = 256,
  parameter int unsigned UB_BANKS = 4,
  parameter int unsigned WB_TILES = 8,
  parameter int unsigned ACC_ROWS = 1024,
  parameter int unsigned PB_ROWS = 64,
  parameter int unsigned WEIGHT_BITS = 8,
  localparam int unsigned LocksW = 2 * UB_BANKS + 2
) (
  input  logic clk_i,
  input  logic en_i,
  input  logic [511:0] instr_i,
  output logic [3:0] fault_o,          // fault_e
  output logic [LocksW-1:0] locks_o    // {ACC banks, UB write banks, UB read banks}
);

  localparam int unsigned L = sys_geom_pkg::lanes(ROWS, COLS);
  localparam int unsigned UbWords = sys_geom_pkg::ub_words(UB_KIB, ROWS, COLS);
  localparam int unsigned BankWords = UbWords / UB_BANKS;
  localparam int unsigned RowSlices = sys_geom_pkg::row_slices(ROWS, COLS);
  localparam int unsigned ColSlices = sys_geom_pkg::col_slices(ROWS, COLS);
  localparam int unsigned AccBankRows = ACC_ROWS / 2;
  localparam int unsigned PbRowBytes = sys_geom_pkg::pb_row_bytes(ROWS, COLS);

  // An extent: first and last word, row or byte.
  typedef struct packed {
    logic used;
    logic [63:0] lo;
    logic [63:0] hi;
  } extent_t;

  // base + (count0-1)*stride0 + (count1-1)*stride1 + (count2-1)*stride2
  function automatic logic [63:0] last3(
      input logic [31:0] base, input logic [15:0] count0, input logic [31:0] stride0,
      input logic [15:0] count1, input logic [31:0] stride1,
      input logic [15:0] count2, input logic [31:0] stride2);
    last3 = 64'(base) + (64'(count0) - 64'd1) * 64'(stride0) + (64'(count1) - 64'd1) * 64'(stride1) +
        (64'(count2) - 64'd1) * 64'(stride2);
  endfunction

  function automatic logic [63:0] words(input logic [15:0] bytes);
    words = (64'(bytes) + 64'(L) - 64'd1) / 64'(L);
  endfunction

  // Channel groups, timing.md "Conventions".
  function automatic logic [63:0] groups(input logic [15:0] channels);
    groups = 64'(channels) / 64'(L) * 64'(RowSlices) +
        (64'(channels) % 64'(L) + 64'(ROWS) - 64'd1) / 64'(ROWS);
  endfunction

  function automatic logic bad_scale(input logic [31:0] scale);
    bad_scale = scale[31] || scale[30:23] < 8'd63 || scale[30:23] > 8'd190;
  endfunction

  function automatic logic [UB_BANKS-1:0] banks(input extent_t e);
    banks = '0;
    for (int unsigned b = 0; b < UB_BANKS; b++)
      banks[b] = e.used && e.lo < (64'(b) + 64'd1) * 64'(BankWords) &&
          e.hi >= 64'(b) * 64'(BankWords);
  endfunction

  function automatic logic [1:0] acc_banks(input extent_t e);
    acc_banks = {e.used && e.hi >= 64'(AccBankRows), e.used && e.lo < 64'(AccBankRows)};
  endfunction

  // Wait and signal sets name other units than fetch and the unit itself.
  function automatic logic bad_sets(input logic [511:0] i);
    logic [15:0] legal;
    legal = 16'h003e & ~(16'd1 << i[7:4]);
    bad_sets = (i[47:32] & ~legal) != '0 || (i[63:48] & ~legal) != '0;
  endfunction

  // More columns than the array has, narrower weights than it expands, or a diagonal that leaves its UB word.
  function automatic logic bad_weights(input sys_isa_pkg::load_weights_t w);
    bad_weights = 32'(w.cols) > 32'(COLS) || 32'd8 >> w.narrow < 32'(WEIGHT_BITS) ||
        (w.diagonal ? 32'(w.channels) > 32'(L) || 32'(w.first) + 32'(w.cols) > 32'(w.channels)
                    : w.first != '0);
  endfunction

  function automatic logic bad_slices(input sys_isa_pkg::vector_t v);
    logic [15:0] room;
    room = (16'(v.dst_slice) >= 16'(ColSlices)) ? '0 : 16'(L) - 16'(v.dst_slice) * 16'(COLS);
    if (room > 16'(COLS)) room = 16'(COLS);
    bad_slices = (v.src_ub && 16'(v.src_slice) >= 16'(ColSlices)) ||
        16'(v.dst_slice) >= 16'(ColSlices) ||
        (v.residual && 16'(v.res_slice) >= 16'(ColSlices)) || 16'(v.lanes_m1) >= room;
  endfunction

  function automatic logic bad_scalars(input sys_isa_pkg::vector_set_t s);
    bad_scalars = s.clamp_lo > s.clamp_hi || s.mid_lo > s.mid_hi || bad_scale(s.mid_scale) ||
        bad_scale(s.res_scale);
  endfunction

  // The whole check: {fault, locks}. One function, so that simulation pays for it only when en_i.
  function automatic logic [LocksW+3:0] check(input logic [511:0] i);
    sys_isa_pkg::load_t ld;
    sys_isa_pkg::load_window_t lw;
    sys_isa_pkg::load_param_t lp;
    sys_isa_pkg::load_weights_t wt;
    sys_isa_pkg::matmul_t mm;
    sys_isa_pkg::vector_t vt;
    extent_t rd, res, wr, acc;
    logic malformed, pb_bad, wb_bad;
    logic [63:0] dram;
    logic [3:0] fault;

    ld = i;
    lw = i;
    lp = i;
    wt = i;
    mm = i;
    vt = i;
    rd = '0;
    res = '0;
    wr = '0;
    acc = '0;
    dram = '0;
    pb_bad = 1'b0;
    wb_bad = 1'b0;
    malformed = !sys_isa_pkg::well_formed(i) || bad_sets(i);

    unique case (i[7:0])
      sys_isa_pkg::OpLoad, sys_isa_pkg::OpStore: begin
        wr.used = 1'b1;
        wr.lo = 64'(ld.ub_addr);
        wr.hi = last3(32'(ld.ub_addr), ld.count0, 32'(ld.ub_stride0), ld.count1,
                      32'(ld.ub_stride1), ld.count2, 32'(ld.ub_stride2)) +
            (64'(ld.pixels) - 64'd1) * 64'(ld.ub_pixel_stride) + words(ld.pixel_bytes) - 64'd1;
        dram = last3(ld.dram_addr, ld.count0, ld.dram_stride0, ld.count1, ld.dram_stride1,
                     ld.count2, ld.dram_stride2) + 64'(ld.pixels) * 64'(ld.pixel_bytes) - 64'd1;
        if (i[7:0] == sys_isa_pkg::OpStore) begin
          rd = wr;
          wr = '0;
        end
      end
      sys_isa_pkg::OpLoadWindow: begin
        wr.used = 1'b1;
        wr.lo = 64'(lw.ub_addr);
        wr.hi = last3(32'(lw.ub_addr), lw.count0, 32'(lw.ub_stride0), lw.count1,
                      32'(lw.ub_stride1), 16'd1, '0) + 64'(lw.windows) * words(lw.size) - 64'd1;
        dram = last3(lw.dram_addr, lw.count0, lw.dram_stride0, lw.count1, lw.dram_stride1,
                     16'd1, '0) + 64'(lw.row_bytes) - 64'd1;
      end
      sys_isa_pkg::OpLoadParam: begin
        pb_bad = 64'(lp.row) + 64'(lp.count) > (lp.target ? 64'd4 : 64'(PB_ROWS));
        dram = 64'(lp.dram_addr) +
            64'(lp.count) * (lp.target ? 64'd256 : 64'(PbRowBytes)) - 64'd1;
      end
      sys_isa_pkg::OpLoadWeights: begin
        malformed = malformed || bad_weights(wt);
        dram = 64'(wt.dram_addr) + 64'(wt.positions) *
            64'(sys_geom_pkg::weight_row_bytes(wt.cols, wt.narrow)) * (wt.diagonal ? 64'd1 : 64'(wt.channels)) - 64'd1;
      end
      sys_isa_pkg::OpMatmul: begin
        rd.used = 1'b1;
        rd.lo = 64'(mm.ub_addr);
        rd.hi = last3(32'(mm.ub_addr), mm.n, 32'(mm.ub_stride0), mm.height, 32'(mm.ub_stride1),
                      mm.width, 32'(mm.ub_stride2)) + words(mm.channels) - 64'd1;
        acc.used = 1'b1;
        acc.lo = 64'(mm.acc_addr);
        acc.hi = acc.lo + 64'(mm.n) * 64'(mm.oh) * 64'(mm.ow) - 64'd1;
        wb_bad = mm.keep && 64'(mm.kh) * 64'(mm.kw) * groups(mm.channels) > 64'(WB_TILES);
      end
      sys_isa_pkg::OpVector: begin
        malformed = malformed || bad_slices(vt);
        rd.lo = 64'(vt.src_addr);
        rd.hi = last3(32'(vt.src_addr), vt.n, 32'(vt.src_stride0), vt.height, 32'(vt.src_stride1),
                      vt.width, 32'(vt.src_stride2));
        acc.lo = rd.lo;
        acc.hi = rd.hi;
        rd.used = vt.src_ub;
        acc.used = !vt.src_ub;
        res.used = vt.residual;
        res.lo = 64'(vt.res_addr);
        res.hi = last3(32'(vt.res_addr), vt.n, 32'(vt.res_stride0), vt.oh, 32'(vt.res_stride1),
                       vt.ow, 32'(vt.res_stride2));
        wr.used = 1'b1;
        wr.lo = 64'(vt.dst_addr);
        wr.hi = last3(32'(vt.dst_addr), vt.n, 32'(vt.dst_stride0), vt.oh, 32'(vt.dst_stride1),
                      vt.ow, 32'(vt.dst_stride2));
        pb_bad = 64'(vt.param_row) + 64'd1 >= 64'(PB_ROWS);
      end
      sys_isa_pkg::OpVectorSet: malformed = malformed || bad_scalars(i);
      default: ;
    endcase

    if (!sys_isa_pkg::known_opcode(i[7:0])) fault = sys_isa_pkg::FaultIllegalOpcode;
    else if (malformed) fault = sys_isa_pkg::FaultMalformed;
    else if ((rd.used && rd.hi >= 64'(UbWords)) || (res.used && res.hi >= 64'(UbWords)) ||
             (wr.used && wr.hi >= 64'(UbWords))) fault = sys_isa_pkg::FaultUbRange;
    else if (acc.used && acc.hi >= 64'(ACC_ROWS)) fault = sys_isa_pkg::FaultAccRange;
    else if (pb_bad) fault = sys_isa_pkg::FaultPbRange;
    else if (wb_bad) fault = sys_isa_pkg::FaultWbCapacity;
    else if (dram[63:32] != '0) fault = sys_isa_pkg::FaultDramRange;
    else fault = sys_isa_pkg::FaultNone;

    check = {fault, acc_banks(acc), banks(wr), banks(rd) | banks(res)};
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i) {fault_o, locks_o} <= check(instr_i);
  end

endmodule
