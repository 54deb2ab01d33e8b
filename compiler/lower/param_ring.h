// SPDX-License-Identifier: Apache-2.0
// The parameter buffer and the tables as caches: loads what a vector instruction needs.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "compiler/lower/layer.h"
#include "compiler/lower/packing.h"
#include "compiler/lower/tile_ir.h"

namespace systole::lower {

/// Pairs of parameter rows (bias, scale), filled in rotation: what was loaded longest ago goes
/// first.
class ParamRing {
 public:
  /// `dry`: rows get addresses, but no bytes.
  ParamRing(const isa::HwParams& hw, DramLayout& dram, std::vector<program::Segment>& segments,
            TileProgram& program, bool dry = false)
      : geometry_(hw),
        dram_(dram),
        segments_(segments),
        program_(program),
        dry_(dry),
        slots_(hw.pb_rows / 2) {}

  /// The bias row of `column` of `layer` for windows of `taps` real taps; appends a load of it, and
  /// of as many of the columns after it as fill half the buffer, if it is not loaded.
  int64_t row(const Layer& layer, int64_t taps, int64_t column);
  /// A bias row of zeros, with scales of one after it, for a vector instruction of layer `tag` that
  /// copies; appends its load if it is not loaded.
  int64_t identity_row(uint16_t tag);

 private:
  /// Which rows a slot holds; tag 0: none.
  struct Key {
    uint16_t tag = 0;
    int64_t taps = 0, column = 0;
    // clang-tidy 14 takes the 0 that it is compared with for a pointer.
    auto operator<=>(const Key&) const = default;  // NOLINT(modernize-use-nullptr)
  };
  int64_t dram_rows(const Layer& layer, int64_t taps);
  /// Takes `pairs` slots for the rows from `key` on; returns the first.
  size_t take_slots(Key key, size_t pairs);
  void load(uint16_t tag, int64_t dram_addr, size_t first, size_t pairs);

  const arch::Geometry geometry_;
  DramLayout& dram_;
  std::vector<program::Segment>& segments_;
  TileProgram& program_;
  const bool dry_;
  std::vector<Key> slots_;
  std::map<Key, size_t> loaded_;  ///< slot of what is loaded
  std::map<std::pair<uint16_t, int64_t>, int64_t>
      rows_;                    ///< (tag, taps) -> DRAM address of column 0
  int64_t identity_addr_ = -1;  ///< in DRAM, once it is needed
  size_t next_ = 0;
};

/// The four 256-entry tables, filled in rotation.
class TableRing {
 public:
  TableRing(DramLayout& dram, std::vector<program::Segment>& segments, TileProgram& program)
      : dram_(dram), segments_(segments), program_(program) {}

  /// The table memory's index of `layer`'s table; appends its load if it is not there.
  int index(const Layer& layer);

 private:
  DramLayout& dram_;
  std::vector<program::Segment>& segments_;
  TileProgram& program_;
  std::array<uint16_t, 4> tags_{};  ///< layer whose table an entry holds; 0: none
  size_t next_ = 0;
};

}  // namespace systole::lower
