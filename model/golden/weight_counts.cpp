// SPDX-License-Identifier: Apache-2.0
// Loads every tile and counts.
#include "model/golden/weight_counts.h"

#include <algorithm>
#include <map>

#include "model/golden/golden_state.h"

namespace systole::golden {

std::vector<std::vector<int64_t>> nonzero_weights(const program::Program& program) {
  std::vector<uint8_t> dram(program.dram_bytes);
  for (const program::Segment& segment : program.segments)
    std::copy(segment.bytes.begin(), segment.bytes.end(), dram.begin() + segment.addr);
  const arch::Geometry geometry(program.hw);
  GoldenState state(program.hw, GoldenMemory(dram, dram.size()));
  std::vector<std::vector<int64_t>> counts;
  std::map<isa::Words, std::vector<int64_t>> seen;  // layers load tiles again and again
  for (const isa::Words& words : program.code) {
    const auto opcode = isa::Opcode(isa::Header::decode(words).opcode);
    if (opcode == isa::Opcode::kLoadCodebook) state.execute(isa::LoadCodebook::decode(words));
    if (opcode != isa::Opcode::kLoadWeights) continue;
    const auto load = isa::LoadWeights::decode(words);
    isa::Words key{};
    load.encode(key);
    const auto [entry, fresh] = seen.try_emplace(key);
    if (fresh) {
      const std::vector<int64_t> tiles = stored_tiles(load, geometry);
      for (size_t k = 0; k < tiles.size(); ++k) {
        state.append_tile(load, tiles[k], static_cast<int64_t>(k));
        entry->second.push_back(state.take_nonzero_weights(load));
      }
    }
    counts.push_back(entry->second);
  }
  return counts;
}

}  // namespace systole::golden
