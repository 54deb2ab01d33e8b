// SPDX-License-Identifier: Apache-2.0
// The fields of every instruction and the ends of its loop nests, compared with the buffers;
// nothing here can wrap in 64 bits.
#include "model/core/check.h"

#include <algorithm>
#include <bit>

#include "model/arch/nests.h"
#include "model/isa/units.h"

namespace systole::core {
namespace {

using arch::Storage;
using isa::Fault;

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
  const isa::Header header = isa::Header::decode(words);
  return ((header.wait | header.signal) & ~isa::partners_of(info.unit)) != 0;
}

/// Keeps more tiles than the ring holds.
bool overfills_ring(const isa::AnyInstruction& instruction, const isa::HwParams& hw,
                    const arch::Geometry& geo) {
  const auto* m = std::get_if<isa::Matmul>(&instruction);
  return m != nullptr && m->keep &&
         int64_t{m->kh} * m->kw * geo.grouped(m->structured).groups(m->channels) > hw.wb_tiles;
}

/// One bit for each bank that the nest lies in, from its first unit to its last.
PortSet banks(const arch::Nest& nest, int64_t bank_size) {
  const auto bit = [&](int64_t unit) { return PortSet{1} << unit / bank_size; };
  return 2 * bit(nest.last()) - bit(nest.first);
}

PortSet ports_of(const arch::Nests& nests, const isa::HwParams& hw, const arch::Geometry& geo) {
  PortSet ports = 0;
  for (const arch::Nest& nest : nests) {
    if (nest.storage == Storage::kUb)
      ports |= banks(nest, geo.bank_words) << (nest.write ? kUbWriteShift : 0);
    if (nest.storage == Storage::kAcc) ports |= banks(nest, hw.acc_rows / 2) << kAccShift;
  }
  return ports;
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
  const arch::Nests nests = arch::nests_of(instruction, geo);
  const auto leaves = [&](Storage storage) {
    const int64_t size = arch::storage_size(storage, hw, geo);
    return std::any_of(nests.begin(), nests.end(), [&](const arch::Nest& nest) {
      return nest.storage == storage && nest.last() >= size;
    });
  };
  if (leaves(Storage::kUb)) return Fault::kUbRange;
  if (leaves(Storage::kAcc)) return Fault::kAccRange;
  if (leaves(Storage::kParams) || leaves(Storage::kTables)) return Fault::kPbRange;
  if (overfills_ring(instruction, hw, geo)) return Fault::kWbCapacity;
  if (leaves(Storage::kDram)) return Fault::kDramRange;

  command.pc = pc;
  command.unit = info->unit;
  command.tag = header.tag;
  command.wait = header.wait;
  command.signal = header.signal;
  command.ports = ports_of(nests, hw, geo);
  command.instruction = instruction;
  return Fault::kNone;
}

}  // namespace systole::core
