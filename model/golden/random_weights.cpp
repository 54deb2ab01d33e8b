// SPDX-License-Identifier: Apache-2.0
// Random weight loads: widths, codebooks, diagonals, holes, masks and structured tiles.
#include <algorithm>

#include "model/golden/random_generator.h"

namespace systole::golden {

bool RandomGenerator::load_weights(int64_t positions, int64_t channels, bool structured) {
  isa::LoadWeights op;
  op.positions = static_cast<uint16_t>(positions);
  op.channels = static_cast<uint16_t>(channels);
  op.cols = static_cast<uint16_t>(random_.chance(70) ? g_.cols : random_.range(1, g_.cols));
  op.structured = structured;
  op.pack = op.narrow = draw_narrow();
  if (structured) op.pack = op.narrow = std::min<uint8_t>(op.pack, 1);
  if (hw_.codebook != 0 && random_.chance(30)) {
    op.pack = 0;
    op.narrow = 1;
    op.codebook = true;
    // Weights that do not fit hold up what comes after them: the queue may have one place left.
    if (!builder_.ring_overfull() && random_.chance(50)) draw_load_codebook();
  }
  while (!op.codebook && 8 >> (op.narrow + 1) >= hw_.weight_bits && random_.chance(40)) ++op.narrow;
  if (!structured && channels <= g_.lanes && random_.chance(30)) return load_diagonals(op);
  if (!structured && hw_.bitmask != 0 && random_.chance(35)) {
    op.bitmask = true;
    op.codebook = false;
    op.narrow = op.pack = 0;
  }
  if (random_.chance(25)) draw_holes(op);
  const int64_t room = data_end_ - data_begin_;
  const auto dense_bytes = [&] { return positions * channels * weight_row_bytes(op); };
  if (dense_bytes() > room)
    op.cols = static_cast<uint16_t>(std::max<int64_t>(1, room / (positions * channels)));
  // On the widest arrays behind the narrowest bus a whole tile takes too long.
  while (op.cols > 1 && dma_cycles(1, dense_bytes(), 0) > options_.cycles / 8)
    op.cols = static_cast<uint16_t>(op.cols / 2);
  if (!place_stream(op)) {
    op.bitmask = false;
    place_stream(op);
  }
  if (!append(op)) return false;
  cycles_left_ -= dma_cycles(1, weight_bytes(op), positions * channels);
  return true;
}

/// Tiles of zeros, never the last: what follows it would not be told of them.
void RandomGenerator::draw_holes(isa::LoadWeights& op) {
  const int64_t tiles =
      std::min<int64_t>(256, op.positions * slices_of(op, g_).groups(op.channels) - 1);
  const int64_t percent = random_.pick({20, 50, 90});
  for (int64_t tile = 0; tile < tiles; ++tile)
    if (random_.chance(percent)) op.holes[static_cast<size_t>(tile / 32)] |= 1u << tile % 32;
}

/// Gives the weights their place in DRAM. False: there is none left for masked ones.
bool RandomGenerator::place_stream(isa::LoadWeights& op) {
  op.stream_bytes = 0;
  if (op.bitmask) {
    const std::vector<uint8_t> stream = masked_stream(op);
    const auto gap = static_cast<size_t>(random_.below(70));
    if (streams_.size() + gap + stream.size() > streams_.capacity()) return false;
    streams_.resize(streams_.size() + gap);
    op.dram_addr = static_cast<uint32_t>(streams_begin_ + streams_.size());
    op.stream_bytes = static_cast<uint32_t>(stream.size());
    streams_.insert(streams_.end(), stream.begin(), stream.end());
    return true;
  }
  if (op.structured || op.holes != decltype(op.holes){})
    op.stream_bytes = static_cast<uint32_t>(unmasked_stream_bytes(op, g_));
  op.dram_addr = place_dram(weight_bytes(op));
  return true;
}

/// Random masks, and as many random weights as they name.
std::vector<uint8_t> RandomGenerator::masked_stream(const isa::LoadWeights& op) {
  const int64_t percent = random_.pick({0, 10, 30, 70, 100});
  std::vector<uint8_t> stream;
  for (const int64_t index : stored_tiles(op, g_)) {
    const int rows = tile_rows(op, g_, index);
    for (int row = 0; row < rows; row += 8) {
      const int block = std::min(8, rows - row);
      std::vector<uint8_t> mask(static_cast<size_t>((block * op.cols + 7) / 8));
      int64_t weights = 0;
      for (int r = 0; r < block; ++r) {
        int64_t named = 0;
        for (int bit = r * op.cols; bit < (r + 1) * op.cols; ++bit)
          if (random_.chance(percent)) {
            mask[static_cast<size_t>(bit / 8)] |= static_cast<uint8_t>(1 << bit % 8);
            ++named;
          }
        weights += std::max<int64_t>(1, named);
      }
      stream.insert(stream.end(), mask.begin(), mask.end());
      for (int64_t i = 0; i < weights; ++i) stream.push_back(static_cast<uint8_t>(random_.next()));
    }
  }
  return stream;
}

void RandomGenerator::draw_load_codebook() {
  isa::LoadCodebook op;
  op.dram_addr = place_dram(16);
  if (append(op)) cycles_left_ -= dma_cycles(1, 16, ceil_div(16, g_.cols));
}

// Diagonals anywhere in the channels of one word.
bool RandomGenerator::load_diagonals(isa::LoadWeights op) {
  op.diagonal = true;
  op.narrow = static_cast<uint8_t>(op.narrow - op.pack);  // never packed
  op.pack = 0;
  op.cols = std::min(op.cols, op.channels);
  op.first = static_cast<uint8_t>(
      random_.pick({0, op.channels - op.cols, random_.range(0, op.channels - op.cols)}));
  const int64_t bytes = weight_bytes(op);
  op.dram_addr = place_dram(bytes);
  if (!append(op)) return false;
  cycles_left_ -= dma_cycles(1, bytes, int64_t{op.positions} * op.channels);
  return true;
}

// Tiles with every row, that any matmul can use.
void RandomGenerator::load_full_tiles(int64_t count) {
  count = std::min<int64_t>(count, (data_end_ - data_begin_) / g_.rows);
  const int64_t first = random_.chance(30) ? random_.range(1, count) : count;
  for (const int64_t part : {first, count - first}) {
    if (part == 0) continue;
    const bool structured = hw_.structured != 0 && random_.chance(40);
    load_weights(part, structured ? 2 * g_.rows : g_.rows, structured);
  }
}

}  // namespace systole::golden
