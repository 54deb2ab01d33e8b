// SPDX-License-Identifier: Apache-2.0
// Decodes an instruction on its way from IR to DR: fault code and the (bank, port) pairs it will hold.
//
// The extents are closed forms, wide enough for any field values. The first check that fails gives the code:
// illegal_opcode, malformed, ub_range, acc_range, pb_range, wb_capacity, dram_range. All instructions share one set
// of multipliers: each names its operands, and what it does not need is 0.
// Latency: 1 cycle (registered with DR). Throughput: one instruction a cycle.
//
//   clk               |t |t+1
//   en_i              /--\___
//   fault_o, locks_o  ---X===

module sys_check #(
  parameter sys_cfg_pkg::cfg_t CFG = sys_cfg_pkg::Default,
  localparam int unsigned LocksW = sys_geom_pkg::locks_width(CFG)
) (
  input  logic clk_i,
  input  logic en_i,
  input  logic [511:0] instr_i,
  output logic [3:0] fault_o,          // fault_e
  output logic [LocksW-1:0] locks_o    // {ACC banks, UB write banks, UB read banks}
);

  localparam int unsigned ActBits = sys_geom_pkg::act_bits(CFG);
  localparam int unsigned WordRows = sys_geom_pkg::word_rows(CFG);
  localparam int unsigned L = sys_geom_pkg::lanes(CFG);
  localparam int unsigned UbWords = sys_geom_pkg::ub_words(CFG);
  localparam int unsigned BankWords = UbWords / CFG.ub_banks;
  localparam int unsigned AccBankRows = CFG.acc_rows / 2;
  localparam int unsigned PbRowBytes = sys_geom_pkg::pb_row_bytes(CFG);

  // Wide enough for base + 3 * count * stride + a product of three 16-bit fields.
  localparam int unsigned AddrW = 52;

  // An extent: first and last word or row.
  typedef struct packed {
    logic used;
    logic [AddrW-1:0] lo;
    logic [AddrW-1:0] hi;
  } extent_t;

  // Three loops over addresses, in UB words (or ACC rows) and in DRAM bytes.
  typedef struct packed {
    logic [23:0] base;
    logic [2:0][15:0] count;
    logic [2:0][23:0] stride;
  } walk_t;
  typedef struct packed {
    logic [31:0] base;
    logic [2:0][15:0] count;
    logic [2:0][31:0] stride;
  } dram_walk_t;

  // base + (count0-1)*stride0 + (count1-1)*stride1 + (count2-1)*stride2. A count of 0 is malformed, which goes first.
  function automatic logic [AddrW-1:0] dram_last(input dram_walk_t w);
    dram_last = AddrW'(w.base);
    for (int unsigned k = 0; k < 3; k++)
      dram_last = dram_last + AddrW'(16'(w.count[k] - 16'd1)) * AddrW'(w.stride[k]);
  endfunction

  function automatic logic [AddrW-1:0] last(input walk_t w);
    last = AddrW'(w.base);
    for (int unsigned k = 0; k < 3; k++)
      last = last + AddrW'(16'(w.count[k] - 16'd1)) * AddrW'(w.stride[k]);
  endfunction

  function automatic logic [15:0] words(input logic [16:0] bytes);
    words = 16'((18'(bytes) + 18'(L) - 18'd1) / 18'(L));
  endfunction

  // From lane 0 of the first word to the end of a window of the last row packed: below 2^17.
  function automatic logic [16:0] packed_bytes(input sys_isa_pkg::load_window_t w);
    packed_bytes = 17'(w.lane) + 17'(16'(w.lane_stride) * 16'(8'(w.count2 - 8'd1))) + 17'(w.size);
  endfunction

  // Bytes of the channels of a matmul in UB: some of its lanes are expanded from less.
  function automatic logic [15:0] mm_bytes(input sys_isa_pkg::matmul_t m);
    mm_bytes = m.channels;
    if (ActBits != 8) mm_bytes = 16'((17'(m.channels) + ~(17'h1ffff << m.expand)) >> m.expand);
  endfunction

  // Channel groups, timing.md "Conventions".
  function automatic logic [31:0] groups_of(input logic [15:0] channels, input int unsigned slice);
    groups_of = 32'(channels) / 32'(L) * sys_geom_pkg::ceil_div(L, slice) +
        (32'(channels) % 32'(L) + slice - 32'd1) / slice;
  endfunction
  function automatic logic [31:0] groups(input logic [15:0] channels, input logic structured);
    groups = groups_of(channels, CFG.rows);
    if (CFG.structured != 0 && structured) groups = groups_of(channels, WordRows);
  endfunction

  function automatic logic bad_scale(input logic [31:0] scale);
    bad_scale = scale[31] || scale[30:23] < 8'd63 || scale[30:23] > 8'd190;
  endfunction

  function automatic logic [CFG.ub_banks-1:0] banks(input extent_t e);
    banks = '0;
    for (int unsigned b = 0; b < CFG.ub_banks; b++)
      banks[b] = e.used && e.lo < (AddrW'(b) + AddrW'(1)) * AddrW'(BankWords) &&
          e.hi >= AddrW'(b) * AddrW'(BankWords);
  endfunction

  function automatic logic [1:0] acc_banks(input extent_t e);
    acc_banks = {e.used && e.hi >= AddrW'(AccBankRows), e.used && e.lo < AddrW'(AccBankRows)};
  endfunction

  // Wait and signal sets name other units than fetch and the unit itself.
  function automatic logic bad_sets(input logic [511:0] i);
    logic [15:0] legal;
    legal = 16'((1 << sys_isa_pkg::NumUnits) - 1);
    legal[4'(sys_isa_pkg::UnitFetch)] = 1'b0;
    legal[4'(sys_isa_pkg::unit_of(i))] = 1'b0;
    bad_sets = (i[47:32] & ~legal) != '0 || (i[63:48] & ~legal) != '0;
  endfunction

  // The array was not built for activations of 8 >> narrow bits.
  function automatic logic too_narrow(input logic [2:0] narrow);
    too_narrow = 4'd8 >> narrow < 4'(ActBits);
  endfunction

  // Holes or prefixes.
  function automatic logic needs_stream(input sys_isa_pkg::load_weights_t w);
    needs_stream = w.bitmask || w.structured ||
        {w.holes0, w.holes1, w.holes2, w.holes3, w.holes4, w.holes5, w.holes6, w.holes7} != '0;
  endfunction

  // More columns than the array has, narrower weights than it multiplies or expands, a format it was not built for, a
  // stream without its bytes, or a diagonal that leaves its UB word or is packed.
  function automatic logic bad_weights(input sys_isa_pkg::load_weights_t w);
    bad_weights = 32'(w.cols) > 32'(CFG.cols) || w.pack > w.narrow || too_narrow(3'(w.pack)) ||
        (w.codebook ? CFG.codebook == 0 || w.narrow != 2'd1 || w.pack != '0
                    : w.narrow > w.pack && 4'd8 >> w.narrow < 4'(CFG.weight_bits)) ||
        (w.bitmask && (CFG.bitmask == 0 || w.structured || w.narrow != '0)) ||
        (w.structured && (CFG.structured == 0 || w.pack > 2'd1)) ||
        needs_stream(w) != (w.stream_bytes != '0) || (w.diagonal && needs_stream(w)) ||
        (w.diagonal ? w.pack != '0 || 32'(w.channels) > 32'(L) || 32'(w.first) + 32'(w.cols) > 32'(w.channels)
                    : w.first != '0);
  endfunction

  // Values of a UB word from slice `slice` on; 0: there is no such slice.
  function automatic logic [15:0] left(input logic [7:0] slice, input logic [1:0] narrow);
    logic [15:0] skipped;
    skipped = 16'(slice) * 16'(CFG.cols);
    left = 16'(L) << narrow;
    left = (skipped < left) ? left - skipped : '0;
  endfunction

  function automatic logic bad_slices(input sys_isa_pkg::vector_t v);
    bad_slices = too_narrow(3'(v.src_narrow)) || too_narrow(3'(v.res_narrow)) || too_narrow(3'(v.dst_narrow)) ||
        (v.src_ub && left(v.src_slice, v.src_narrow) == '0) ||
        (v.residual && left(v.res_slice, v.res_narrow) == '0) ||
        16'(v.lanes_m1) >= left(v.dst_slice, v.dst_narrow) || 16'(v.lanes_m1) >= 16'(CFG.cols);
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
    walk_t near, dest;       // UB words that are read or loaded to, vector's destination
    dram_walk_t far;         // DRAM bytes, vector's residual
    logic [15:0] p0, p1, p2, q0, q1;
    logic [47:0] product;    // p0 * p1 * p2
    logic [AddrW-1:0] near_last, dest_last, far_last, dram;
    extent_t rd, res, wr, acc;
    logic malformed, pb_bad, wb_bad;
    logic [3:0] fault;

    {ld, lw, lp, wt, mm, vt} = {6{i}};
    near = '0;
    dest = '0;
    far = '0;
    {p0, p1, p2, q0, q1} = '0;
    pb_bad = 1'b0;
    malformed = !sys_isa_pkg::well_formed(i) || bad_sets(i);

    unique case (sys_isa_pkg::opcode_of(i))
      sys_isa_pkg::OpLoad, sys_isa_pkg::OpStore: begin
        near = {ld.ub_addr, ld.count2, ld.count1, ld.count0, ld.ub_stride2, ld.ub_stride1, ld.ub_stride0};
        q0 = ld.pixels - 16'd1;
        q1 = ld.ub_pixel_stride;
        far = {ld.dram_addr, ld.count2, ld.count1, ld.count0, ld.dram_stride2, ld.dram_stride1, ld.dram_stride0};
        {p0, p1, p2} = {ld.pixels, ld.pixel_bytes, 16'd1};
      end
      sys_isa_pkg::OpLoadWindow: begin
        malformed = malformed || 32'(lw.lane) >= 32'(L) || 32'(lw.lane_stride) >= 32'(L);
        near = {lw.ub_addr, 16'(lw.count2), lw.count1, lw.count0, 24'(lw.ub_stride2), lw.ub_stride1, lw.ub_stride0};
        q0 = lw.windows - 16'd1;
        q1 = lw.window_words;
        far = {lw.dram_addr, 16'(lw.count2), lw.count1, lw.count0, lw.dram_stride2, lw.dram_stride1, lw.dram_stride0};
        {p0, p1, p2} = {lw.row_bytes, 16'd1, 16'd1};
      end
      sys_isa_pkg::OpLoadParam: begin
        pb_bad = 17'(lp.row) + 17'(lp.count) > (lp.target ? 17'd4 : 17'(CFG.pb_rows));
        far.base = lp.dram_addr;
        {p0, p1, p2} = {lp.count, lp.target ? 16'd256 : 16'(PbRowBytes), 16'd1};
      end
      sys_isa_pkg::OpLoadWeights: begin
        malformed = malformed || bad_weights(wt);
        far.base = wt.dram_addr;
        {p0, p1, p2} = {wt.positions, sys_geom_pkg::weight_row_bytes(wt.cols, wt.narrow - wt.pack),
                        wt.diagonal ? 16'd1 : wt.channels};
      end
      sys_isa_pkg::OpLoadCodebook: begin
        malformed = malformed || CFG.codebook == 0;
        far.base = wt.dram_addr;
        {p0, p1, p2} = {16'd16, 16'd1, 16'd1};
      end
      sys_isa_pkg::OpMatmul: begin
        malformed = malformed || too_narrow(3'(mm.narrow) + 3'(mm.expand)) ||
             (mm.structured && (CFG.structured == 0 || mm.narrow > 2'd1));
        near = {mm.ub_addr, mm.width, mm.height, mm.n, mm.ub_stride2, mm.ub_stride1, mm.ub_stride0};
        {p0, p1, p2} = {mm.n, mm.oh, mm.ow};
      end
      sys_isa_pkg::OpVector: begin
        malformed = malformed || bad_slices(vt);
        near = {vt.src_addr, vt.width, vt.height, vt.n, 24'(vt.src_stride2), 24'(vt.src_stride1), vt.src_stride0};
        far = {32'(vt.res_addr), vt.ow, vt.oh, vt.n, 32'(vt.res_stride2), 32'(vt.res_stride1), 32'(vt.res_stride0)};
        dest = {vt.dst_addr, vt.ow, vt.oh, vt.n, 24'(vt.dst_stride2), 24'(vt.dst_stride1), vt.dst_stride0};
        pb_bad = 17'(vt.param_row) + 17'd1 >= 17'(CFG.pb_rows);
      end
      sys_isa_pkg::OpVectorSet: malformed = malformed || bad_scalars(i);
      default: ;
    endcase

    product = 48'(32'(p0) * 32'(p1)) * 48'(p2);
    near_last = last(near) + AddrW'(32'(q0) * 32'(q1));
    far_last = dram_last(far);
    dest_last = last(dest);

    rd = {1'b0, AddrW'(near.base), near_last};
    wr = {1'b0, AddrW'(near.base), near_last};
    acc = {1'b0, AddrW'(near.base), near_last};
    res = {1'b0, AddrW'(vt.res_addr), far_last};
    dram = '0;
    wb_bad = 1'b0;
    unique case (sys_isa_pkg::opcode_of(i))
      sys_isa_pkg::OpLoad, sys_isa_pkg::OpStore: begin
        rd.used = sys_isa_pkg::opcode_of(i) == sys_isa_pkg::OpStore;
        wr.used = sys_isa_pkg::opcode_of(i) == sys_isa_pkg::OpLoad;
        rd.hi = near_last + AddrW'(words(17'(ld.pixel_bytes))) - AddrW'(1);
        wr.hi = rd.hi;
        dram = far_last + AddrW'(product) - AddrW'(1);
      end
      sys_isa_pkg::OpLoadWindow: begin
        wr.used = 1'b1;
        wr.hi = near_last + AddrW'(words(packed_bytes(lw))) - AddrW'(1);
        dram = far_last + AddrW'(product) - AddrW'(1);
      end
      sys_isa_pkg::OpLoadParam, sys_isa_pkg::OpLoadWeights, sys_isa_pkg::OpLoadCodebook: begin
        dram = AddrW'(far.base) + AddrW'(product) - AddrW'(1);
        if (sys_isa_pkg::opcode_of(i) == sys_isa_pkg::OpLoadWeights && wt.stream_bytes != '0)
          dram = AddrW'(far.base) + AddrW'(wt.stream_bytes) - AddrW'(1);
      end
      sys_isa_pkg::OpMatmul: begin
        rd.used = 1'b1;
        rd.hi = near_last + AddrW'(words(17'(mm_bytes(mm)))) - AddrW'(1);
        acc.used = 1'b1;
        acc.lo = AddrW'(mm.acc_addr);
        acc.hi = AddrW'(mm.acc_addr) + AddrW'(product) - AddrW'(1);
        wb_bad = mm.keep && 48'(16'(mm.kh) * 16'(mm.kw)) * 48'(groups(mm.channels, mm.structured)) > 48'(CFG.wb_tiles);
      end
      sys_isa_pkg::OpVector: begin
        rd.used = vt.src_ub;
        acc.used = !vt.src_ub;
        res.used = vt.residual;
        wr = {1'b1, AddrW'(vt.dst_addr), dest_last};
      end
      default: ;
    endcase

    if (!sys_isa_pkg::known_opcode(sys_isa_pkg::opcode_of(i))) fault = sys_isa_pkg::FaultIllegalOpcode;
    else if (malformed) fault = sys_isa_pkg::FaultMalformed;
    else if ((rd.used && rd.hi >= AddrW'(UbWords)) || (res.used && res.hi >= AddrW'(UbWords)) ||
             (wr.used && wr.hi >= AddrW'(UbWords))) fault = sys_isa_pkg::FaultUbRange;
    else if (acc.used && acc.hi >= AddrW'(CFG.acc_rows)) fault = sys_isa_pkg::FaultAccRange;
    else if (pb_bad) fault = sys_isa_pkg::FaultPbRange;
    else if (wb_bad) fault = sys_isa_pkg::FaultWbCapacity;
    else if (dram[AddrW-1:32] != '0) fault = sys_isa_pkg::FaultDramRange;
    else fault = sys_isa_pkg::FaultNone;

    check = {fault, acc_banks(acc), banks(wr), banks(rd) | banks(res)};
  endfunction

  always_ff @(posedge clk_i) begin
    if (en_i) {fault_o, locks_o} <= check(instr_i);
  end

endmodule
