// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include "model/arch/nest.h"
#include "model/arch/weight_rows.h"
#include "model/isa/any_instruction.h"

namespace systole::arch {

inline Nests nests_of(const isa::SyncLda&, const Geometry&) { return {}; }

inline Nests nests_of(const isa::Load& i, [[maybe_unused]] const Geometry& g) {
  Nests nests;
  nests.add({Storage::kUb, true, i.ub_addr, {{{i.count0, i.ub_stride0}, {i.count1, i.ub_stride1}, {i.count2, i.ub_stride2}, {i.pixels, i.ub_pixel_stride}}}, g.words(int64_t{i.pixel_bytes})});
  nests.add({Storage::kDram, false, i.dram_addr, {{{i.count0, i.dram_stride0}, {i.count1, i.dram_stride1}, {i.count2, i.dram_stride2}}}, int64_t{i.pixels}*int64_t{i.pixel_bytes}});
  return nests;
}

inline Nests nests_of(const isa::LoadWindow& i, [[maybe_unused]] const Geometry& g) {
  Nests nests;
  nests.add({Storage::kUb, true, i.ub_addr, {{{i.count0, i.ub_stride0}, {i.count1, i.ub_stride1}, {i.count2, i.ub_stride2}, {i.windows, i.window_words}}}, g.words(int64_t{i.lane} + (int64_t{i.count2} - 1)*int64_t{i.lane_stride} + int64_t{i.size})});
  nests.add({Storage::kDram, false, i.dram_addr, {{{i.count0, i.dram_stride0}, {i.count1, i.dram_stride1}, {i.count2, i.dram_stride2}}}, int64_t{i.row_bytes}});
  return nests;
}

inline Nests nests_of(const isa::LoadParam& i, [[maybe_unused]] const Geometry& g) {
  Nests nests;
  if (!i.target) nests.add({Storage::kParams, true, i.row, {}, int64_t{i.count}});
  if (i.target) nests.add({Storage::kTables, true, i.row, {}, int64_t{i.count}});
  if (!i.target) nests.add({Storage::kDram, false, i.dram_addr, {}, int64_t{i.count}*g.pb_row_bytes});
  if (i.target) nests.add({Storage::kDram, false, i.dram_addr, {}, int64_t{i.count}*kTableBytes});
  return nests;
}

inline Nests nests_of(const isa::SyncLdw&, const Geometry&) { return {}; }

inline Nests nests_of(const isa::LoadWeights& i, [[maybe_unused]] const Geometry& g) {
  Nests nests;
  nests.add({Storage::kDram, false, i.dram_addr, {}, weight_bytes_of(i)});
  return nests;
}

inline Nests nests_of(const isa::LoadCodebook& i, [[maybe_unused]] const Geometry& g) {
  Nests nests;
  nests.add({Storage::kDram, false, i.dram_addr, {}, kCodebookBytes});
  return nests;
}

inline Nests nests_of(const isa::SyncMxu&, const Geometry&) { return {}; }

inline Nests nests_of(const isa::Matmul& i, [[maybe_unused]] const Geometry& g) {
  Nests nests;
  nests.add({Storage::kUb, false, i.ub_addr, {{{i.n, i.ub_stride0}, {i.height, i.ub_stride1}, {i.width, i.ub_stride2}}}, g.words(int64_t{i.channels}, int64_t{i.expand})});
  nests.add({Storage::kAcc, true, i.acc_addr, {}, int64_t{i.n}*int64_t{i.oh}*int64_t{i.ow}});
  return nests;
}

inline Nests nests_of(const isa::SyncVpu&, const Geometry&) { return {}; }

inline Nests nests_of(const isa::Vector& i, [[maybe_unused]] const Geometry& g) {
  Nests nests;
  if (i.src_ub) nests.add({Storage::kUb, false, i.src_addr, {{{i.n, i.src_stride0}, {i.height, i.src_stride1}, {i.width, i.src_stride2}}}, 1});
  if (!i.src_ub) nests.add({Storage::kAcc, false, i.src_addr, {{{i.n, i.src_stride0}, {i.height, i.src_stride1}, {i.width, i.src_stride2}}}, 1});
  if (i.residual) nests.add({Storage::kUb, false, i.res_addr, {{{i.n, i.res_stride0}, {i.oh, i.res_stride1}, {i.ow, i.res_stride2}}}, 1});
  nests.add({Storage::kUb, true, i.dst_addr, {{{i.n, i.dst_stride0}, {i.oh, i.dst_stride1}, {i.ow, i.dst_stride2}}}, 1});
  nests.add({Storage::kParams, false, i.param_row, {}, 2});
  return nests;
}

inline Nests nests_of(const isa::VectorSet&, const Geometry&) { return {}; }

inline Nests nests_of(const isa::SyncSto&, const Geometry&) { return {}; }

inline Nests nests_of(const isa::Store& i, [[maybe_unused]] const Geometry& g) {
  Nests nests;
  nests.add({Storage::kUb, false, i.ub_addr, {{{i.count0, i.ub_stride0}, {i.count1, i.ub_stride1}, {i.count2, i.ub_stride2}, {i.pixels, i.ub_pixel_stride}}}, g.words(int64_t{i.pixel_bytes})});
  nests.add({Storage::kDram, true, i.dram_addr, {{{i.count0, i.dram_stride0}, {i.count1, i.dram_stride1}, {i.count2, i.dram_stride2}}}, int64_t{i.pixels}*int64_t{i.pixel_bytes}});
  return nests;
}

inline Nests nests_of(const isa::AnyInstruction& instruction, const Geometry& g) {
  return std::visit([&](const auto& i) { return nests_of(i, g); }, instruction);
}

}  // namespace systole::arch
