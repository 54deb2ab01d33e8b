// SPDX-License-Identifier: Apache-2.0
// Where the values of tensors are in a cycle: who wrote what stands in memory, and whose values
// those are.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "model/golden/footprint.h"
#include "sim/debug/footprints.h"
#include "sim/debug/target.h"
#include "sim/debug/tensors.h"

namespace systole::debug {

inline constexpr uint32_t kNobody = ~uint32_t{0};

enum class Presence : uint8_t {
  kNotYet,    ///< nothing has made it
  kUnderWay,  ///< an instruction that has not ended makes it
  kThere,
  kGone  ///< what it was written to holds something else, or is being written
};

/// Where a byte of a tensor is.
struct Standing {
  Presence presence = Presence::kNotYet;
  golden::Storage storage = golden::Storage::kDram;
  uint64_t address = 0;   ///< kThere; kGone: where it was last
  uint32_t pc = kNobody;  ///< kThere, kGone: that wrote it; kUnderWay: that writes it
};

/// Of what has ended before now; what is under way may have been written or not.
class Whereabouts {
 public:
  /// All of it outlives this.
  Whereabouts(const program::Program& program, const Tensors& tensors, Footprints& footprints);

  /// The bytes of a tensor that is its own storage, now: where it was stored, else in the unified
  /// buffer where it was written last.
  std::vector<Standing> bytes_of(size_t storage, const Target& target);
  /// What of a value's bytes is missing first; if nothing is, its lowest.
  Standing of_value(size_t tensor, int64_t index, const std::vector<Standing>& bytes) const;
  /// The last that has ended and wrote there.
  uint32_t last_writer(golden::Storage storage, uint64_t address) const;

  /// Calls f(byte of the tensor's storage, where it goes to) for all that an instruction makes of
  /// the tensor that the map names.
  using SeeByte = std::function<void(int64_t byte, golden::Storage storage, uint64_t address)>;
  void for_each_made(uint32_t pc, const SeeByte& f);
  /// The instructions that make one of `bytes` (ascending) of a storage; those of the unit that
  /// puts it where it is kept.
  std::vector<uint32_t> makers(size_t storage, const std::vector<int64_t>& bytes);

 private:
  void catch_up(const Target& target);
  void vector_made(uint32_t pc, const SeeByte& f) const;
  std::vector<uint32_t>* writers_in(golden::Storage storage);

  const program::Program& program_;
  const Tensors& tensors_;
  Footprints& footprints_;
  const arch::Geometry geometry_;
  std::vector<uint32_t> ub_, dram_;  ///< by byte: the last that wrote it
  size_t followed_ = 0;              ///< of the instructions that ended
};

}  // namespace systole::debug
