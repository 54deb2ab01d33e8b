// SPDX-License-Identifier: Apache-2.0
// What the instructions of a program read and write, found once for each.
#pragma once

#include <map>
#include <vector>

#include "model/golden/footprint.h"
#include "model/program/program.h"
#include "sim/debug/place.h"
#include "sim/debug/target.h"

namespace systole::debug {

class Footprints {
 public:
  /// `program` outlives it.
  explicit Footprints(const program::Program& program) : program_(program), geometry_(program.hw) {}

  const std::vector<golden::Access>& of(uint32_t pc);
  bool touches(uint32_t pc, const Place& place, bool write);
  /// The instructions between start and end that write there, by unit.
  std::vector<uint32_t> writing(const Moment& moment, const Place& place);
  const arch::Geometry& geometry() const { return geometry_; }

 private:
  const program::Program& program_;
  const arch::Geometry geometry_;
  std::map<uint32_t, std::vector<golden::Access>> found_;
};

}  // namespace systole::debug
