// SPDX-License-Identifier: Apache-2.0
// Closed-form extents of every instruction, compared with the buffers; nothing here can wrap in 64
// bits.
#include "model/core/check.h"

#include <bit>

#include "model/arch/weight_rows.h"

namespace systole::core {
namespace {

using isa::Fault;

constexpr int64_t kDramBytes = int64_t{1} << 32;

/// Offset of the last of `count` steps of `stride`.
int64_t last_step(int64_t count, int64_t stride) { return (count - 1) * stride; }

/// What an instruction touches; negative: nothing of that kind.
struct Extents {
  int64_t read_lo = -1, read_hi = -1;    ///< UB words of the source
  int64_t res_lo = -1, res_hi = -1;      ///< UB words of the residual
  int64_t write_lo = -1, write_hi = -1;  ///< UB words of the destination
  int64_t acc_lo = -1, acc_hi = -1;      ///< ACC rows
  int64_t dram_last = -1;                ///< last byte of the last run
  bool pb_range = false;                 ///< beyond the parameter buffer or the tables
  bool wb_capacity = false;              ///< keeps more tiles than the ring holds
};

template <typename Transfer>  // Load or Store: the same fields
void transfer_extents(const Transfer& t, const arch::Geometry& geo, int64_t& lo, int64_t& hi,
                      int64_t& dram_last) {
  lo = t.ub_addr;
  hi = t.ub_addr + last_step(t.count0, t.ub_stride0) + last_step(t.count1, t.ub_stride1) +
       last_step(t.count2, t.ub_stride2) + last_step(t.pixels, t.ub_pixel_stride) +
       geo.words(t.pixel_bytes) - 1;
  dram_last = t.dram_addr + last_step(t.count0, t.dram_stride0) +
              last_step(t.count1, t.dram_stride1) + last_step(t.count2, t.dram_stride2) +
              int64_t{t.pixels} * t.pixel_bytes - 1;
}

Extents extents_of(const isa::LoadWindow& w, const isa::HwParams&, const arch::Geometry& geo) {
  Extents e;
  e.write_lo = w.ub_addr;
  e.write_hi = w.ub_addr + last_step(w.count0, w.ub_stride0) + last_step(w.count1, w.ub_stride1) +
               last_step(w.count2, w.ub_stride2) + last_step(w.windows, w.window_words) +
               geo.words(w.lane + last_step(w.count2, w.lane_stride) + w.size) - 1;
  e.dram_last = w.dram_addr + last_step(w.count0, w.dram_stride0) +
                last_step(w.count1, w.dram_stride1) + last_step(w.count2, w.dram_stride2) +
                w.row_bytes - 1;
  return e;
}

Extents extents_of(const isa::LoadParam& p, const isa::HwParams& hw, const arch::Geometry& geo) {
  Extents e;
  e.pb_range = int64_t{p.row} + p.count > (p.target ? 4 : hw.pb_rows);
  e.dram_last = p.dram_addr + int64_t{p.count} * (p.target ? 256 : geo.pb_row_bytes) - 1;
  return e;
}

Extents extents_of(const isa::LoadWeights& w, const isa::HwParams&, const arch::Geometry&) {
  Extents e;
  e.dram_last = w.dram_addr + arch::weight_bytes_of(w) - 1;
  return e;
}

Extents extents_of(const isa::Matmul& m, const isa::HwParams& hw, const arch::Geometry& geo) {
  Extents e;
  e.read_lo = m.ub_addr;
  e.read_hi = m.ub_addr + last_step(m.n, m.ub_stride0) + last_step(m.height, m.ub_stride1) +
              last_step(m.width, m.ub_stride2) + geo.words(m.channels, m.expand) - 1;
  e.acc_lo = m.acc_addr;
  e.acc_hi = m.acc_addr + int64_t{m.n} * m.oh * m.ow - 1;
  e.wb_capacity =
      m.keep && int64_t{m.kh} * m.kw * geo.grouped(m.structured).groups(m.channels) > hw.wb_tiles;
  return e;
}

Extents extents_of(const isa::Vector& v, const isa::HwParams& hw, const arch::Geometry&) {
  Extents e;
  const int64_t source_last = v.src_addr + last_step(v.n, v.src_stride0) +
                              last_step(v.height, v.src_stride1) +
                              last_step(v.width, v.src_stride2);
  (v.src_ub ? e.read_lo : e.acc_lo) = v.src_addr;
  (v.src_ub ? e.read_hi : e.acc_hi) = source_last;
  if (v.residual) {
    e.res_lo = v.res_addr;
    e.res_hi = v.res_addr + last_step(v.n, v.res_stride0) + last_step(v.oh, v.res_stride1) +
               last_step(v.ow, v.res_stride2);
  }
  e.write_lo = v.dst_addr;
  e.write_hi = v.dst_addr + last_step(v.n, v.dst_stride0) + last_step(v.oh, v.dst_stride1) +
               last_step(v.ow, v.dst_stride2);
  e.pb_range = v.param_row + 1 >= hw.pb_rows;
  return e;
}

Extents extents_of(const isa::Load& l, const isa::HwParams&, const arch::Geometry& geo) {
  Extents e;
  transfer_extents(l, geo, e.write_lo, e.write_hi, e.dram_last);
  return e;
}

Extents extents_of(const isa::Store& s, const isa::HwParams&, const arch::Geometry& geo) {
  Extents e;
  transfer_extents(s, geo, e.read_lo, e.read_hi, e.dram_last);
  return e;
}

Extents extents_of(const isa::LoadCodebook& c, const isa::HwParams&, const arch::Geometry&) {
  Extents e;
  e.dram_last = int64_t{c.dram_addr} + arch::kCodebookBytes - 1;
  return e;
}

Extents extents_of(const isa::VectorSet&, const isa::HwParams&, const arch::Geometry&) {
  return {};
}
Extents extents_of(const isa::Sync auto&, const isa::HwParams&, const arch::Geometry&) {
  return {};
}

/// The array was not built for activations of 8 >> narrow bits.
bool too_narrow(int narrow, const arch::Geometry& geo) { return 8 >> narrow < geo.act_bits; }

bool bad(const isa::Matmul& m, const isa::HwParams& hw, const arch::Geometry& geo) {
  return too_narrow(m.narrow + m.expand, geo) ||
         (m.structured && (hw.structured == 0 || m.narrow > 1));
}

bool bad(const isa::Vector& v, const isa::HwParams&, const arch::Geometry& geo) {
  if (too_narrow(v.src_narrow, geo) || too_narrow(v.res_narrow, geo) ||
      too_narrow(v.dst_narrow, geo))
    return true;
  if (v.src_ub && v.src_slice >= geo.col_slices_of(v.src_narrow)) return true;
  if (v.residual && v.res_slice >= geo.col_slices_of(v.res_narrow)) return true;
  if (v.dst_slice >= geo.col_slices_of(v.dst_narrow)) return true;
  const int left = (geo.lanes << v.dst_narrow) - v.dst_slice * geo.cols;
  return v.lanes_m1 + 1 > std::min(geo.cols, left);
}

/// Sign clear and value in [2^-64, 2^64).
bool bad_scale(float scale) {
  const uint32_t bits = std::bit_cast<uint32_t>(scale);
  const uint32_t exponent = bits >> 23 & 0xff;
  return bits >> 31 != 0 || exponent < 63 || exponent > 190;
}

/// More columns than the array has, narrower weights than it multiplies or expands, a format it was
/// not built for, a stream without its bytes, or a diagonal that leaves its UB word or is packed.
bool bad(const isa::LoadWeights& w, const isa::HwParams& hw, const arch::Geometry& geo) {
  const bool stream = arch::needs_stream_bytes(w);
  if (stream != (w.stream_bytes != 0) || (stream && w.diagonal)) return true;
  if (w.bitmask && (hw.bitmask == 0 || w.structured || w.narrow != 0)) return true;
  if (w.structured && (hw.structured == 0 || w.pack > 1)) return true;
  if (w.cols > geo.cols || w.pack > w.narrow || too_narrow(w.pack, geo)) return true;
  if (w.codebook) {
    if (hw.codebook == 0 || w.narrow != 1 || w.pack != 0) return true;
  } else if (w.narrow > w.pack && 8 >> w.narrow < hw.weight_bits) {
    return true;
  }
  if (!w.diagonal) return w.first != 0;
  if (w.pack != 0) return true;
  return w.channels > geo.lanes || w.first + w.cols > w.channels;
}

bool bad(const isa::LoadWindow& w, const isa::HwParams&, const arch::Geometry& geo) {
  return w.lane >= geo.lanes || w.lane_stride >= geo.lanes;
}

bool bad(const isa::VectorSet& s, const isa::HwParams&, const arch::Geometry&) {
  return s.clamp_lo > s.clamp_hi || s.mid_lo > s.mid_hi || bad_scale(s.mid_scale) ||
         bad_scale(s.res_scale);
}

bool bad(const isa::LoadCodebook&, const isa::HwParams& hw, const arch::Geometry&) {
  return hw.codebook == 0;
}

/// The others have fields of which each stands for itself.
bool bad(const auto&, const isa::HwParams&, const arch::Geometry&) { return false; }

/// A bit that no field has, a field outside its range, or a token of no other unit.
bool malformed(const isa::InstructionInfo& info, const isa::Words& words) {
  for (int i = 0; i < isa::kInstructionWords; ++i)
    if (words[i] & ~info.used[i]) return true;
  for (const isa::FieldInfo& field : info.fields) {
    if (field.kind != isa::FieldKind::kUnsigned) continue;  // a signed field takes every value
    const int64_t value = isa::get_bits(words, field.word, field.lsb, field.width);
    if (value < field.min || value > field.max) return true;
  }
  const uint32_t partners = 0x3e & ~(1u << static_cast<int>(info.unit));  // lda..sto but itself
  const isa::Header header = isa::Header::decode(words);
  return ((header.wait | header.signal) & ~partners) != 0;
}

/// One bit for each bank from that of `lo` to that of `hi`; none if lo is negative.
PortSet banks(int64_t lo, int64_t hi, int64_t bank_size) {
  if (lo < 0) return 0;
  const int first = static_cast<int>(lo / bank_size), last = static_cast<int>(hi / bank_size);
  return ((PortSet{2} << last) - 1) & ~((PortSet{1} << first) - 1);
}

}  // namespace

Fault check_instruction(const isa::Words& words, uint32_t pc, const isa::HwParams& hw,
                        const arch::Geometry& geo, Command& command) {
  const isa::Header header = isa::Header::decode(words);
  const isa::InstructionInfo* info = isa::find_instruction(header.opcode);
  if (info == nullptr) return Fault::kIllegalOpcode;
  if (malformed(*info, words)) return Fault::kMalformed;
  const isa::AnyInstruction instruction = *isa::decode(words);
  const auto is_bad = [&](const auto& i) { return bad(i, hw, geo); };
  if (std::visit(is_bad, instruction)) return Fault::kMalformed;
  const auto extents = [&](const auto& i) { return extents_of(i, hw, geo); };
  const Extents e = std::visit(extents, instruction);
  if (std::max({e.read_hi, e.res_hi, e.write_hi}) >= geo.ub_words) return Fault::kUbRange;
  if (e.acc_hi >= hw.acc_rows) return Fault::kAccRange;
  if (e.pb_range) return Fault::kPbRange;
  if (e.wb_capacity) return Fault::kWbCapacity;
  if (e.dram_last >= kDramBytes) return Fault::kDramRange;

  command.pc = pc;
  command.unit = info->unit;
  command.tag = header.tag;
  command.wait = header.wait;
  command.signal = header.signal;
  command.ports = banks(e.read_lo, e.read_hi, geo.bank_words) |
                  banks(e.res_lo, e.res_hi, geo.bank_words) |
                  banks(e.write_lo, e.write_hi, geo.bank_words) << kUbWriteShift |
                  banks(e.acc_lo, e.acc_hi, hw.acc_rows / 2) << kAccShift;
  command.instruction = instruction;
  return Fault::kNone;
}

}  // namespace systole::core
