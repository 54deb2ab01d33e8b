// SPDX-License-Identifier: Apache-2.0
// The unit mxu: one event a weight tile.
#pragma once

#include "model/core/front.h"
#include "model/isa/causes.h"

namespace systole::core {

class MatrixUnit {
 public:
  explicit MatrixUnit(CoreContext& core);

  void clock(Cycle t) { front_.clock(t); }
  void decide(Cycle t);
  Cycle next_event(Cycle t) const;
  /// The run is cut off after cycle `last`: takes rows back that are counted but not yet streamed.
  void cut_off(Cycle last);

  Front& front() { return front_; }
  const Front& front() const { return front_; }
  /// Whether the last decided cycle waited for a tile.
  bool waits_for_tile() const { return waiting_; }

 private:
  void begin(Cycle s);
  isa::Cause run(Cycle t);
  void start_tile(Cycle t);
  void advance();
  uint64_t holes() const;
  Cycle pass_from() const;
  uint64_t pad_rows(uint64_t first_row) const;

  CoreContext& core_;
  Front front_;
  isa::Matmul matmul_;
  uint16_t tag_ = 0;
  bool sync_ = false;
  bool waiting_ = false;

  // The running instruction.
  uint64_t rows_ = 0;      ///< M
  arch::Geometry slices_;  ///< what the instruction cuts words into
  int64_t groups_ = 0;
  int y_ = 0, x_ = 0;  ///< kernel position of the next tile
  int64_t group_ = 0;  ///< channel group of the next tile
  uint64_t tiles_left_ = 0;
  uint64_t tiles_used_ = 0;    ///< of the ring
  uint64_t tile_ = 0;          ///< number of the next tile in the ring
  Cycle start_from_ = kNever;  ///< the next tile may be started from here on
  Cycle holes_from_ = kNever;  ///< and the holes before it passed

  // The tile in the array.
  int tile_y_ = 0, tile_x_ = 0;
  uint64_t pads_ = 0;      ///< its padding rows
  Cycle stream_from_ = 0;  ///< T
  Cycle stream_to_ = 0;    ///< T + M
  Cycle tile_to_ = 0;      ///< T + cost
};

}  // namespace systole::core
