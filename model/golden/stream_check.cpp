// SPDX-License-Identifier: Apache-2.0
// Walks the words of weight streams and adds up their bytes.
#include "model/golden/stream_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <span>

#include "model/golden/instruction.h"

namespace systole::golden {
namespace {

/// Bytes of the initial memory from `addr` on, as far as one segment holds them.
std::span<const uint8_t> bytes_at(const program::Program& program, uint64_t addr) {
  for (const program::Segment& segment : program.segments)
    if (addr >= segment.addr && addr < segment.addr + segment.bytes.size())
      return {segment.bytes.data() + (addr - segment.addr),
              segment.bytes.size() - static_cast<size_t>(addr - segment.addr)};
  return {};
}

/// Bytes of a masked tile of `rows` rows at the start of `bytes`; none: they do not hold its masks.
std::optional<int64_t> masked_tile(std::span<const uint8_t> bytes, int rows, int cols) {
  size_t at = 0;
  for (int row = 0; row < rows; row += 8) {
    const int block = std::min(8, rows - row);
    const size_t mask = at;
    at += static_cast<size_t>((block * cols + 7) / 8);
    if (at > bytes.size()) return std::nullopt;
    for (int r = 0; r < block; ++r) {
      int named = 0;
      for (int bit = r * cols; bit < (r + 1) * cols; ++bit)
        named += bytes[mask + static_cast<size_t>(bit / 8)] >> bit % 8 & 1;
      at += static_cast<size_t>(std::max(1, named));
    }
  }
  return static_cast<int64_t>(at);
}

}  // namespace

std::string stream_problem(const isa::LoadWeights& load, const program::Program& program) {
  if (load.stream_bytes == 0) return {};
  const arch::Geometry geometry(program.hw);
  // A tile takes a byte at least; 2^32 of them need not be listed to see that they do not fit.
  const int64_t all = load.positions * slices_of(load, geometry).groups(load.channels);
  if (all - 32 * std::ssize(load.holes) > load.stream_bytes)
    return fmt::format("has a weight stream of {} bytes, of which its {} tiles take more",
                       load.stream_bytes, all);
  const std::vector<int64_t> tiles = stored_tiles(load, geometry);
  if (tiles.empty()) return "has holes for all of its tiles";
  int64_t taken = 0;
  if (!load.bitmask) {
    taken = unmasked_stream_bytes(load, geometry);
  } else {
    for (const int64_t index : tiles) {
      const auto bytes = bytes_at(program, load.dram_addr + static_cast<uint64_t>(taken));
      const auto tile = masked_tile(bytes, tile_rows(load, geometry, index), load.cols);
      if (!tile && taken < load.stream_bytes) return {};
      taken += tile.value_or(1);
      if (!tile) break;
    }
  }
  if (taken == load.stream_bytes) return {};
  return fmt::format("has a weight stream of {} bytes, of which its tiles take {}",
                     load.stream_bytes, taken);
}

std::string first_stream_problem(const program::Program& program) {
  for (size_t pc = 0; pc < program.code.size(); ++pc) {
    if (isa::Header::decode(program.code[pc]).opcode !=
        static_cast<uint8_t>(isa::Opcode::kLoadWeights))
      continue;
    if (dispatch_fault(program.code[pc], program.hw) != isa::Fault::kNone) continue;
    const auto load = isa::LoadWeights::decode(program.code[pc]);
    const std::string problem = stream_problem(load, program);
    if (!problem.empty()) return fmt::format("instruction {} (load_weights) {}", pc, problem);
  }
  return {};
}

}  // namespace systole::golden
