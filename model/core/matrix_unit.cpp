// SPDX-License-Identifier: Apache-2.0
// Starts each tile in the first cycle that the array and the ring allow.
#include "model/core/matrix_unit.h"

#include "model/core/datapath.h"
#include "model/isa/counter_ids.h"

namespace systole::core {
namespace {

using isa::Cause;
using isa::Counter;

constexpr int kMatmulsInFlight = 4;

}  // namespace

MatrixUnit::MatrixUnit(CoreContext& core)
    : core_(core), front_(isa::Unit::kMxu, kMatmulsInFlight, core), slices_(core.geo) {}

void MatrixUnit::decide(Cycle t) {
  Cause cause = front_.decide(t);
  if (front_.acquired(t)) begin(t + 1);
  waiting_ = false;
  if (front_.running(t)) cause = run(t);
  core_.counters.set_cause(isa::Unit::kMxu, cause, t);
}

void MatrixUnit::begin(Cycle s) {
  const Command& command = front_.command();
  sync_ = is_sync(command);
  if (sync_) {
    front_.set_front_done(s);
    front_.set_end(front_.ticket(), s + 1);
    return;
  }
  matmul_ = std::get<isa::Matmul>(command.instruction);
  tag_ = command.tag;
  rows_ = uint64_t{matmul_.n} * matmul_.oh * matmul_.ow;
  slices_ = core_.geo.grouped(matmul_.structured);
  groups_ = slices_.groups(matmul_.channels);
  y_ = x_ = 0;
  group_ = 0;
  tiles_left_ = uint64_t{matmul_.kh} * matmul_.kw * static_cast<uint64_t>(groups_);
  tiles_used_ = 0;
  start_from_ = holes_from_ = s;
}

/// Holes that are passed before the next tile, which is in the ring: never the last tile.
uint64_t MatrixUnit::holes() const {
  return std::min<uint64_t>(core_.ring.skip(tile_), tiles_left_ - 1);
}

/// The cycle in which the first of them is passed, or would be; kNever: not known yet.
Cycle MatrixUnit::pass_from() const {
  const Cycle ready = core_.ring.ready_at(tile_);
  return ready == kNever ? kNever : std::max(ready, holes_from_);
}

/// To the next kernel position and channel group.
void MatrixUnit::advance() {
  --tiles_left_;
  if (++group_ < groups_) return;
  group_ = 0;
  if (++x_ < matmul_.kw) return;
  x_ = 0;
  ++y_;
}

Cause MatrixUnit::run(Cycle t) {
  if (sync_) return Cause::kSetup;
  const bool streaming = t < tile_to_;
  const Cause streams = t < stream_to_ ? Cause::kBusy : Cause::kWeightLoad;
  bool starts = false, passes = false;
  if (tiles_left_ > 0 && pass_from() <= t) {
    const Cycle passed = pass_from() + holes();
    passes = t < passed;
    starts = !passes && start_from_ <= t;
  }
  if (starts) start_tile(t);
  if (streaming) return streams;
  waiting_ = !starts && !passes;
  return waiting_ ? Cause::kWeights : Cause::kSetup;
}

void MatrixUnit::start_tile(Cycle t) {
  for (uint64_t hole = holes(); hole > 0; --hole) {
    advance();
    ++core_.counters[Counter::kMxuSkippedTiles];
  }
  const int rows =
      arch::Geometry::tile_rows(slices_.group_lanes(group_, matmul_.channels), matmul_.structured);
  stream_from_ = t + 1;
  stream_to_ = stream_from_ + rows_;
  tile_to_ = stream_from_ + std::max(rows_, static_cast<uint64_t>(rows));
  start_from_ = tile_to_ - 1;
  holes_from_ = t + 1;
  const bool same_position = tiles_used_ > 0 && tile_y_ == y_ && tile_x_ == x_;
  tile_y_ = y_;
  tile_x_ = x_;
  ++core_.counters[Counter::kMxuTiles];
  core_.counters[Counter::kMxuRows] += rows_;
  if (!same_position) pads_ = pad_rows(0);
  core_.counters[Counter::kMxuPadRows] += pads_;
  if (core_.data)
    core_.data->matmul_tile(matmul_, tag_, y_, x_, group_, core_.ring.slot(tile_),
                            tiles_used_ == 0 && !matmul_.accumulate);
  if (!matmul_.keep) core_.ring.release(tile_to_);

  ++tile_;
  ++tiles_used_;
  advance();
  if (tiles_left_ > 0) return;
  front_.set_front_done(tile_to_ - 1);
  front_.set_end(front_.ticket(), stream_to_ + static_cast<Cycle>(core_.geo.rows + core_.geo.cols));
  // Kept tiles are the next instruction's too.
  if (matmul_.keep) tile_ -= tiles_used_;
}

/// Steps i < count for which first + i*stride lies in [0, size).
static int64_t inside(int64_t first, int64_t stride, int64_t count, int64_t size) {
  const int64_t lo = first < 0 ? ceil_div(-first, stride) : 0;
  const int64_t hi = first < size ? std::min(count, ceil_div(size - first, stride)) : 0;
  return std::max<int64_t>(0, hi - lo);
}

/// Padding rows among the rows from `first_row` on of the tile in the array.
uint64_t MatrixUnit::pad_rows(uint64_t first_row) const {
  const int64_t h = matmul_.h0 + tile_y_ * matmul_.dil_h, w = matmul_.w0 + tile_x_ * matmul_.dil_w;
  if (first_row == 0) {
    const int64_t real = inside(h, matmul_.stride_h, matmul_.oh, matmul_.height) *
                         inside(w, matmul_.stride_w, matmul_.ow, matmul_.width);
    return rows_ - static_cast<uint64_t>(matmul_.n * real);
  }
  uint64_t pads = 0;
  for (uint64_t m = first_row; m < rows_; ++m) {
    const int64_t row = h + static_cast<int64_t>(m / matmul_.ow % matmul_.oh) * matmul_.stride_h;
    const int64_t column = w + static_cast<int64_t>(m % matmul_.ow) * matmul_.stride_w;
    if (row < 0 || row >= matmul_.height || column < 0 || column >= matmul_.width) ++pads;
  }
  return pads;
}

void MatrixUnit::cut_off(Cycle last) {
  if (tiles_left_ > 0 && pass_from() <= last)
    core_.counters[Counter::kMxuSkippedTiles] += std::min(holes(), last + 1 - pass_from());
  if (stream_to_ <= last + 1) return;
  const uint64_t streamed = last + 1 > stream_from_ ? last + 1 - stream_from_ : 0;
  core_.counters[Counter::kMxuRows] -= rows_ - streamed;
  core_.counters[Counter::kMxuPadRows] -= pad_rows(streamed);
}

Cycle MatrixUnit::next_event(Cycle t) const {
  Cycle next = front_.next_event(t);
  // From busy to busy nothing changes at T, unless weights alone still entered in t.
  if (core_.counters.cause(isa::Unit::kMxu) != Cause::kBusy)
    next = earlier_after(t, next, stream_from_);
  if (tile_to_ != stream_to_) next = earlier_after(t, next, stream_to_);
  next = earlier_after(t, next, tile_to_);
  if (tiles_left_ == 0) return next;
  next = earlier_after(t, next, start_from_);
  if (pass_from() == kNever) return next;
  next = earlier_after(t, next, pass_from());
  return earlier_after(t, next, std::max(pass_from() + holes(), start_from_));
}

}  // namespace systole::core
