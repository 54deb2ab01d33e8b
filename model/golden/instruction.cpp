// SPDX-License-Identifier: Apache-2.0
// Decodes instructions and checks them by the closed-form extents of docs/timing.md, "Faults".
#include "model/golden/instruction.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/isa/units.h"

namespace systole::golden {
namespace {

using isa::Fault;

// The last index that an instruction reaches in each storage; -1 where it reaches nothing.
struct Reach {
  int64_t ub = -1, acc = -1, pb = -1, table = -1, kept_tiles = 0, dram = -1;
};

template <typename Dma>  // isa::Load or isa::Store
Reach reach_of_dma(const Dma& op, const arch::Geometry& g) {
  Reach r;
  r.ub = furthest(op.ub_addr, op.count0, op.ub_stride0, op.count1, op.ub_stride1, op.count2,
                  op.ub_stride2) +
         int64_t{op.pixels - 1} * op.ub_pixel_stride + ceil_div(op.pixel_bytes, g.lanes) - 1;
  r.dram = furthest(op.dram_addr, op.count0, op.dram_stride0, op.count1, op.dram_stride1, op.count2,
                    op.dram_stride2) +
           int64_t{op.pixels} * op.pixel_bytes - 1;
  return r;
}

Reach reach_of(const isa::Sync auto&, const arch::Geometry&) { return {}; }
Reach reach_of(const isa::VectorSet&, const arch::Geometry&) { return {}; }
Reach reach_of(const isa::Load& op, const arch::Geometry& g) { return reach_of_dma(op, g); }
Reach reach_of(const isa::Store& op, const arch::Geometry& g) { return reach_of_dma(op, g); }

Reach reach_of(const isa::LoadWindow& op, const arch::Geometry& g) {
  Reach r;
  r.ub = furthest(op.ub_addr, op.count0, op.ub_stride0, op.count1, op.ub_stride1, op.count2,
                  op.ub_stride2) +
         (op.windows - int64_t{1}) * op.window_words +
         (op.lane + (op.count2 - 1) * op.lane_stride + op.size - 1) / g.lanes;
  r.dram = furthest(op.dram_addr, op.count0, op.dram_stride0, op.count1, op.dram_stride1, op.count2,
                    op.dram_stride2) +
           op.row_bytes - 1;
  return r;
}

Reach reach_of(const isa::LoadParam& op, const arch::Geometry& g) {
  Reach r;
  (op.target ? r.table : r.pb) = int64_t{op.row} + op.count - 1;
  r.dram = op.dram_addr + int64_t{op.count} * (op.target ? 256 : g.pb_row_bytes) - 1;
  return r;
}

Reach reach_of(const isa::LoadCodebook& op, const arch::Geometry&) {
  Reach r;
  r.dram = int64_t{op.dram_addr} + 15;
  return r;
}

Reach reach_of(const isa::LoadWeights& op, const arch::Geometry&) {
  Reach r;
  r.dram = op.dram_addr + weight_bytes(op) - 1;
  return r;
}

Reach reach_of(const isa::Matmul& op, const arch::Geometry& g) {
  Reach r;
  r.ub =
      furthest(op.ub_addr, op.n, op.ub_stride0, op.height, op.ub_stride1, op.width, op.ub_stride2) +
      g.words(op.channels, op.expand) - 1;
  r.acc = op.acc_addr + int64_t{op.n} * op.oh * op.ow - 1;
  if (op.keep) r.kept_tiles = int64_t{op.kh} * op.kw * slices_of(op, g).groups(op.channels);
  return r;
}

Reach reach_of(const isa::Vector& op, const arch::Geometry&) {
  Reach r;
  const int64_t source = furthest(op.src_addr, op.n, op.src_stride0, op.height, op.src_stride1,
                                  op.width, op.src_stride2);
  (op.src_ub ? r.ub : r.acc) = source;
  r.ub = std::max(r.ub, furthest(op.dst_addr, op.n, op.dst_stride0, op.oh, op.dst_stride1, op.ow,
                                 op.dst_stride2));
  if (op.residual)
    r.ub = std::max(r.ub, furthest(op.res_addr, op.n, op.res_stride0, op.oh, op.res_stride1, op.ow,
                                   op.res_stride2));
  r.pb = op.param_row + 1;
  return r;
}

// Field ranges, reserved bits and token sets: what every instruction is checked for.
bool fields_legal(const isa::Words& words, const isa::InstructionInfo& info) {
  for (int i = 0; i < isa::kInstructionWords; ++i)
    if ((words[i] & ~info.used[i]) != 0) return false;
  for (const isa::FieldInfo& field : info.fields) {
    if (field.kind == isa::FieldKind::kFloat) continue;
    const uint32_t raw = isa::get_bits(words, field.word, field.lsb, field.width);
    const int64_t value =
        field.kind == isa::FieldKind::kSigned ? isa::sign_extend(raw, field.width) : int64_t{raw};
    if (value < field.min || value > field.max) return false;
  }
  const isa::Header header = isa::Header::decode(words);
  return ((header.wait | header.signal) & ~isa::partners_of(info.unit)) == 0;
}

bool scale_legal(float scale) {
  const uint32_t bits = std::bit_cast<uint32_t>(scale);
  const uint32_t exponent = (bits >> 23) & 0xff;
  return (bits >> 31) == 0 && exponent >= 63 && exponent <= 190;
}

bool width_built(int narrow, const arch::Geometry& g) { return 8 >> narrow >= g.act_bits; }

bool diagonal_legal(const isa::LoadWeights& weights, const arch::Geometry& g) {
  const int64_t end = int64_t{weights.first} + weights.cols;
  return !weights.diagonal || (end <= weights.channels && weights.channels <= g.lanes);
}

bool format_legal(const isa::LoadWeights& weights, const isa::HwParams& hw) {
  const bool special =
      weights.bitmask || weights.structured || weights.holes != decltype(weights.holes){};
  if (special ? weights.stream_bytes == 0 || weights.diagonal : weights.stream_bytes != 0)
    return false;
  if (weights.bitmask && weights.structured) return false;
  if (weights.bitmask) return hw.bitmask != 0 && weights.narrow == 0;
  if (weights.structured) return hw.structured != 0 && weights.pack <= 1;
  return true;
}

bool operation_legal(const isa::AnyInstruction& operation, const isa::HwParams& hw,
                     const arch::Geometry& g) {
  if (const auto* weights = std::get_if<isa::LoadWeights>(&operation)) {
    if (weights->cols > g.cols || (!weights->diagonal && weights->first > 0)) return false;
    if (weights->pack > weights->narrow || !width_built(weights->pack, g)) return false;
    if (!format_legal(*weights, hw)) return false;
    if (weights->diagonal && weights->pack != 0) return false;
    const bool bytes_of_four = weights->narrow == 1 && weights->pack == 0;
    if (weights->codebook) return hw.codebook != 0 && bytes_of_four && diagonal_legal(*weights, g);
    if (weights->narrow != weights->pack && 8 >> weights->narrow < hw.weight_bits) return false;
    return diagonal_legal(*weights, g);
  }
  if (const auto* set = std::get_if<isa::VectorSet>(&operation))
    return set->clamp_lo <= set->clamp_hi && set->mid_lo <= set->mid_hi &&
           scale_legal(set->mid_scale) && scale_legal(set->res_scale);
  if (const auto* vector = std::get_if<isa::Vector>(&operation)) {
    for (const int narrow : {vector->src_narrow, vector->res_narrow, vector->dst_narrow})
      if (!width_built(narrow, g)) return false;
    // Values of a word from a slice on; none: there is no such slice.
    const auto left = [&g](int slice, int narrow) {
      return g.lanes * (1 << narrow) - slice * g.cols;
    };
    if (vector->src_ub && left(vector->src_slice, vector->src_narrow) <= 0) return false;
    if (vector->residual && left(vector->res_slice, vector->res_narrow) <= 0) return false;
    return vector->lanes_m1 + 1 <= std::min(g.cols, left(vector->dst_slice, vector->dst_narrow));
  }
  if (const auto* window = std::get_if<isa::LoadWindow>(&operation))
    return std::max(window->lane, window->lane_stride) < g.lanes;
  if (std::holds_alternative<isa::LoadCodebook>(operation)) return hw.codebook != 0;
  if (const auto* matmul = std::get_if<isa::Matmul>(&operation))
    return width_built(matmul->narrow + matmul->expand, g) &&
           (!matmul->structured || (hw.structured != 0 && matmul->narrow <= 1));
  return true;
}

}  // namespace

Instruction decode_instruction(const isa::Words& words, uint32_t pc) {
  Instruction instruction;
  instruction.pc = pc;
  instruction.header = isa::Header::decode(words);
  const std::optional<isa::AnyInstruction> op = isa::decode(words);
  if (!op) return instruction;
  instruction.op = *op;
  instruction.opcode = opcode_of(*op);
  instruction.unit = unit_of(*op);
  return instruction;
}

Fault dispatch_fault(const isa::Words& words, const isa::HwParams& hw) {
  const isa::InstructionInfo* info = isa::find_instruction(isa::Header::decode(words).opcode);
  if (info == nullptr) return Fault::kIllegalOpcode;
  const arch::Geometry g(hw);
  const isa::AnyInstruction operation = *isa::decode(words);
  if (!fields_legal(words, *info) || !operation_legal(operation, hw, g)) return Fault::kMalformed;
  const Reach reach = std::visit([&](const auto& op) { return reach_of(op, g); }, operation);
  if (reach.ub >= g.ub_words) return Fault::kUbRange;
  if (reach.acc >= hw.acc_rows) return Fault::kAccRange;
  if (reach.pb >= hw.pb_rows || reach.table >= 4) return Fault::kPbRange;
  if (reach.kept_tiles > hw.wb_tiles) return Fault::kWbCapacity;
  if (reach.dram >= int64_t{1} << 32) return Fault::kDramRange;
  return Fault::kNone;
}

int64_t weight_row_bytes(const isa::LoadWeights& op) {
  const int64_t per_byte = int64_t{1} << (op.narrow - op.pack);
  return (op.cols + per_byte - 1) / per_byte;
}

int64_t weight_bytes(const isa::LoadWeights& op) {
  if (op.stream_bytes != 0) return op.stream_bytes;
  // A position's groups hold `channels` rows together, or one diagonal.
  return int64_t{op.positions} * (op.diagonal ? 1 : op.channels) * weight_row_bytes(op);
}

arch::Geometry slices_of(const isa::LoadWeights& op, const arch::Geometry& g) {
  return g.grouped(op.structured);
}
arch::Geometry slices_of(const isa::Matmul& op, const arch::Geometry& g) {
  return g.grouped(op.structured);
}

namespace {

template <typename Op>
int rows_of_tile(const Op& op, const arch::Geometry& g, int64_t index) {
  const arch::Geometry slices = slices_of(op, g);
  const int lanes = slices.group_lanes(index % slices.groups(op.channels), op.channels);
  return arch::Geometry::tile_rows(lanes, op.structured);
}

}  // namespace

int tile_rows(const isa::LoadWeights& op, const arch::Geometry& g, int64_t index) {
  return rows_of_tile(op, g, index);
}
int tile_rows(const isa::Matmul& op, const arch::Geometry& g, int64_t index) {
  return rows_of_tile(op, g, index);
}

bool hole(const isa::LoadWeights& op, int64_t index) {
  return index < 256 && (op.holes[static_cast<size_t>(index / 32)] & 1u << index % 32) != 0;
}

int64_t next_stored(const isa::LoadWeights& op, int64_t index) {
  while (hole(op, index)) ++index;
  return index;
}

std::vector<int64_t> stored_tiles(const isa::LoadWeights& op, const arch::Geometry& g) {
  const int64_t tiles = op.positions * slices_of(op, g).groups(op.channels);
  std::vector<int64_t> stored;
  for (int64_t index = 0; index < tiles; ++index)
    if (!hole(op, index)) stored.push_back(index);
  return stored;
}

int prefix_width(const isa::LoadWeights& op) {
  if (op.bitmask) return 1;
  if (!op.structured) return 0;
  return op.pack == 0 ? 2 : 4;
}

int64_t unmasked_stream_bytes(const isa::LoadWeights& op, const arch::Geometry& g) {
  const int width = prefix_width(op);
  int64_t bytes = 0;
  for (const int64_t index : stored_tiles(op, g)) {
    const int rows = tile_rows(op, g, index);
    bytes += rows * weight_row_bytes(op);
    for (int row = 0; width != 0 && row < rows; row += 8 / width)
      bytes += (std::min(8 / width, rows - row) * op.cols * width + 7) / 8;
  }
  return bytes;
}

int64_t tile_count(const Instruction& instruction, const arch::Geometry& g) {
  if (const auto* op = std::get_if<isa::LoadWeights>(&instruction.op))
    return int64_t{op->positions} * slices_of(*op, g).groups(op->channels);
  if (const auto* op = std::get_if<isa::Matmul>(&instruction.op))
    return int64_t{op->kh} * op->kw * slices_of(*op, g).groups(op->channels);
  return 0;
}

namespace {

struct Work {
  const arch::Geometry& g;
  double operator()(const isa::Sync auto&) const { return 1; }
  double operator()(const isa::VectorSet&) const { return 1; }
  double operator()(const isa::Load& op) const { return of_dma(op); }
  double operator()(const isa::Store& op) const { return of_dma(op); }
  double operator()(const isa::LoadWindow& op) const {
    return double(op.count0) * op.count1 * op.count2 *
           (op.row_bytes + double(op.windows) * op.size);
  }
  double operator()(const isa::LoadParam& op) const {
    return double(op.count) * (op.target ? 256 : g.pb_row_bytes);
  }
  double operator()(const isa::LoadCodebook&) const { return 16; }
  double operator()(const isa::LoadWeights& op) const {
    return double(op.positions) * op.channels * op.cols;
  }
  double operator()(const isa::Matmul& op) const {
    return double(op.kh) * op.kw * op.n * op.oh * op.ow * op.channels;
  }
  double operator()(const isa::Vector& op) const {
    return double(op.n) * op.oh * op.ow * (op.kh * op.kw + 1) * (op.lanes_m1 + 1);
  }

 private:
  static double of_dma(const auto& op) {
    return double(op.count0) * op.count1 * op.count2 * op.pixels * op.pixel_bytes;
  }
};

}  // namespace

double work_of(const Instruction& instruction, const arch::Geometry& g) {
  return std::visit(Work{g}, instruction.op);
}

std::string describe(const Instruction& instruction) {
  return fmt::format("pc {} ({}, {})", instruction.pc, isa::opcode_name(instruction.opcode),
                     isa::unit_name(instruction.unit));
}

}  // namespace systole::golden
