// SPDX-License-Identifier: Apache-2.0
// Counts bytes where they lie, or loads a tile and counts.
#include "model/golden/weight_counts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>

#include "model/base/count_zeros.h"
#include "model/golden/golden_state.h"

namespace systole::golden {
namespace {

class WeightCounter {
 public:
  explicit WeightCounter(const program::Program& program)
      : program_(program), geometry_(program.hw) {}

  void execute(const isa::LoadCodebook& load) { state().execute(load); }

  /// By stored tile.
  std::vector<int64_t> counts(const isa::LoadWeights& load) {
    if (const auto bytes = plain_bytes(load)) return counts_of_bytes(load, *bytes);
    const std::vector<int64_t> tiles = stored_tiles(load, geometry_);
    std::vector<int64_t> counts;
    for (size_t k = 0; k < tiles.size(); ++k) {
      state().append_tile(load, tiles[k], static_cast<int64_t>(k));
      counts.push_back(state().take_nonzero_weights(load));
    }
    return counts;
  }

 private:
  /// What `load` reads, if a byte of it is a weight, in the order of the tiles.
  std::optional<std::span<const uint8_t>> plain_bytes(const isa::LoadWeights& load) const {
    if (load.codebook || load.diagonal || load.narrow != 0 || prefix_width(load) != 0)
      return std::nullopt;
    const auto size = static_cast<uint64_t>(weight_bytes(load));
    for (const program::Segment& segment : program_.segments) {
      const uint64_t first = uint64_t{load.dram_addr} - segment.addr;  // large if it lies before
      if (first <= segment.bytes.size() && size <= segment.bytes.size() - first)
        return std::span(segment.bytes).subspan(first, size);
    }
    return std::nullopt;
  }

  std::vector<int64_t> counts_of_bytes(const isa::LoadWeights& load,
                                       std::span<const uint8_t> bytes) const {
    std::vector<int64_t> counts;
    for (const int64_t index : stored_tiles(load, geometry_)) {
      const auto tile =
          bytes.first(static_cast<size_t>(tile_rows(load, geometry_, index)) * load.cols);
      counts.push_back(std::ssize(tile) - count_zeros(tile));
      bytes = bytes.subspan(tile.size());
    }
    return counts;
  }

  GoldenState& state() {
    if (!state_) {
      dram_.resize(program_.dram_bytes);
      for (const program::Segment& segment : program_.segments)
        std::copy(segment.bytes.begin(), segment.bytes.end(), dram_.begin() + segment.addr);
      state_.emplace(program_.hw, GoldenMemory(dram_, dram_.size()));
    }
    return *state_;
  }

  const program::Program& program_;
  const arch::Geometry geometry_;
  std::vector<uint8_t> dram_;
  std::optional<GoldenState> state_;  ///< once it is needed
};

}  // namespace

std::vector<std::vector<int64_t>> nonzero_weights(const program::Program& program) {
  WeightCounter counter(program);
  std::vector<std::vector<int64_t>> counts;
  std::map<isa::Words, std::vector<int64_t>> seen;  // layers load tiles again and again
  for (const isa::Words& words : program.code) {
    const auto opcode = isa::Opcode(isa::Header::decode(words).opcode);
    if (opcode == isa::Opcode::kLoadCodebook) counter.execute(isa::LoadCodebook::decode(words));
    if (opcode != isa::Opcode::kLoadWeights) continue;
    const auto load = isa::LoadWeights::decode(words);
    isa::Words key{};
    load.encode(key);
    const auto [entry, fresh] = seen.try_emplace(key);
    if (fresh) entry->second = counter.counts(load);
    counts.push_back(entry->second);
  }
  return counts;
}

}  // namespace systole::golden
