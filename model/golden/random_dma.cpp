// SPDX-License-Identifier: Apache-2.0
// Random loads, stores, parameters and weights.
#include <algorithm>

#include "model/golden/random_generator.h"

namespace systole::golden {
namespace {

template <typename Dma>
int64_t ub_span(const Dma& op, const arch::Geometry& g) {
  return (op.count0 - int64_t{1}) * op.ub_stride0 + (op.count1 - int64_t{1}) * op.ub_stride1 +
         (op.count2 - int64_t{1}) * op.ub_stride2 + (op.pixels - int64_t{1}) * op.ub_pixel_stride +
         g.words(op.pixel_bytes);
}

template <typename Dma>
int64_t dram_span(const Dma& op) {
  return (op.count0 - int64_t{1}) * op.dram_stride0 + (op.count1 - int64_t{1}) * op.dram_stride1 +
         (op.count2 - int64_t{1}) * op.dram_stride2 + int64_t{op.pixels} * op.pixel_bytes;
}

template <typename Dma>
int64_t runs(const Dma& op) {
  return int64_t{op.count0} * op.count1 * op.count2;
}

// The shape that isa::Load and isa::Store share, as a load.
template <typename Dma>
Dma draw_shape(SeededRandom& random, const arch::Geometry& g, int64_t size, auto&& some,
               auto&& stride) {
  Dma op;
  const int64_t lanes = g.lanes;
  if (size > 0)
    op.pixel_bytes = static_cast<uint16_t>(std::clamp<int64_t>(
        random.pick({1, lanes - 1, lanes, lanes + 1, 2 * lanes, 2 * lanes + 1,
                     random.range(1, 3 * lanes), random.range(1, size * lanes)}),
        1, 65535));
  const int64_t words = g.words(op.pixel_bytes);
  op.pixels = static_cast<uint16_t>(some(size / 2));
  op.count0 = static_cast<uint16_t>(some(size / 8));
  op.count1 = static_cast<uint16_t>(some(size / 6));
  op.count2 = static_cast<uint16_t>(some(size / 4));
  op.ub_pixel_stride = static_cast<uint16_t>(stride(words, 4 * words));
  const int64_t plane = op.pixels * std::max<int64_t>(op.ub_pixel_stride, 1);
  op.ub_stride2 = static_cast<uint32_t>(stride(plane, 40));
  op.ub_stride1 = static_cast<uint32_t>(stride(op.count2 * plane, 80));
  op.ub_stride0 = static_cast<uint32_t>(stride(op.count1 * op.count2 * plane, 160));
  const int64_t run = int64_t{op.pixels} * op.pixel_bytes;
  op.dram_stride2 = static_cast<uint32_t>(stride(run, 3000));
  op.dram_stride1 = static_cast<uint32_t>(stride(op.count2 * run, 5000));
  op.dram_stride0 = static_cast<uint32_t>(stride(op.count1 * op.count2 * run, 9000));
  return op;
}

}  // namespace

void RandomGenerator::draw_load() {
  const auto cycles = [&](const isa::Load& op) {
    return dma_cycles(runs(op), runs(op) * op.pixels * op.pixel_bytes,
                      runs(op) * op.pixels * g_.words(op.pixel_bytes));
  };
  isa::Load op = draw_fitting(
      draw_size(),
      [&](int64_t size) {
        return draw_shape<isa::Load>(
            random_, g_, size, [this](int64_t s) { return some(s); },
            [this](int64_t dense, int64_t limit) { return stride(dense, limit); });
      },
      [&](const isa::Load& o) {
        return ub_span(o, g_) <= g_.ub_words && dram_span(o) <= data_end_ - data_begin_ &&
               affordable(cycles(o));
      });
  op.ub_addr = static_cast<uint32_t>(place_ub(ub_span(op, g_)));
  op.dram_addr = place_dram(dram_span(op));
  append(op);
  cycles_left_ -= cycles(op);
}

void RandomGenerator::draw_store() {
  if (!results_.empty() && random_.chance(40)) {
    const auto& result = results_[random_.below(static_cast<int64_t>(results_.size()))];
    return store_words(result.first, result.second);
  }
  const auto cycles = [&](const isa::Store& op) {
    return dma_cycles(runs(op), runs(op) * op.pixels * op.pixel_bytes,
                      runs(op) * op.pixels * g_.words(op.pixel_bytes));
  };
  isa::Store op = draw_fitting(
      draw_size(),
      [&](int64_t size) {
        return draw_shape<isa::Store>(
            random_, g_, size, [this](int64_t s) { return some(s); },
            [this](int64_t dense, int64_t limit) { return stride(dense, limit); });
      },
      [&](const isa::Store& o) {
        return ub_span(o, g_) <= span_cap_ && dram_span(o) <= data_end_ - data_begin_ &&
               affordable(cycles(o));
      });
  op.ub_addr = static_cast<uint32_t>(place_ub(ub_span(op, g_)));
  op.dram_addr = place_dram(dram_span(op));
  ensure_ub(op.ub_addr, op.ub_addr + ub_span(op, g_) - 1);
  append(op);  // refused if weights still to be read stand there
  cycles_left_ -= cycles(op);
}

void RandomGenerator::store_words(int64_t first_word, int64_t last_word) {
  const int64_t words = last_word - first_word + 1;
  for (int64_t word = first_word; word <= last_word; ++word)
    if (!ub_full_[static_cast<size_t>(word)]) return;
  if (words * g_.lanes > data_end_ - data_begin_) return;
  isa::Store op;
  op.ub_addr = static_cast<uint32_t>(first_word);
  op.pixel_bytes = static_cast<uint16_t>(g_.lanes);
  op.pixels = static_cast<uint16_t>(std::min<int64_t>(words, 65535));
  op.ub_pixel_stride = 1;
  op.dram_addr = place_dram(int64_t{op.pixels} * op.pixel_bytes);
  append(op);
  cycles_left_ -= dma_cycles(1, words * g_.lanes, words);
}

void RandomGenerator::draw_load_window() {
  const auto span = [&](const isa::LoadWindow& op) {
    return (op.count0 - int64_t{1}) * op.ub_stride0 + (op.count1 - int64_t{1}) * op.ub_stride1 +
           (op.count2 - int64_t{1}) * op.ub_stride2 + (op.windows - int64_t{1}) * op.window_words +
           g_.words(op.lane + (op.count2 - 1) * op.lane_stride + op.size);
  };
  const auto source = [](const isa::LoadWindow& op) {
    return (op.count0 - int64_t{1}) * op.dram_stride0 + (op.count1 - int64_t{1}) * op.dram_stride1 +
           (op.count2 - int64_t{1}) * op.dram_stride2 + op.row_bytes;
  };
  const auto cycles = [&](const isa::LoadWindow& op) {
    const int64_t rows = int64_t{op.count0} * op.count1 * op.count2;
    const int64_t emissions = op.windows * g_.words(op.size + g_.lanes - 1);
    return dma_cycles(rows, rows * op.row_bytes, rows * (op.row_bytes / g_.word_bytes + emissions));
  };
  const auto draw = [&](int64_t size) {
    isa::LoadWindow op;
    op.count0 = static_cast<uint16_t>(some(size / 8));
    op.count1 = static_cast<uint16_t>(some(size / 4));
    op.row_bytes = static_cast<uint16_t>(
        std::min<int64_t>(4096, random_.chance(5) && size > 0 ? 4096 : some(size * 8)));
    op.windows = static_cast<uint16_t>(some(size));
    op.size = static_cast<uint16_t>(size == 0 ? 1 : some(3 * g_.lanes));
    op.step = static_cast<uint16_t>(some(2 * op.size));
    op.pad_left = static_cast<uint16_t>(random_.chance(50) ? 0 : random_.below(2 * op.size + 8));
    if (random_.chance(3)) op.pad_left = 65535;
    op.pad_byte = static_cast<int8_t>(random_.next());
    if (random_.chance(50)) {  // rows that share words, mostly one behind the other
      op.count2 = static_cast<uint8_t>(some(std::min<int64_t>(7, size / 4)));
      op.lane = static_cast<uint8_t>(random_.chance(50) ? 0 : random_.below(g_.lanes));
      const int64_t apart = random_.chance(70) ? op.size : random_.below(2 * g_.lanes);
      op.lane_stride = static_cast<uint8_t>(apart % g_.lanes);
      op.ub_stride2 = static_cast<uint16_t>(apart / g_.lanes);
      op.dram_stride2 = static_cast<uint32_t>(stride(op.row_bytes, 3000));
    }
    const int64_t words = g_.words(op.lane + (op.count2 - 1) * op.lane_stride + op.size) +
                          (op.count2 - 1) * op.ub_stride2;
    op.window_words =
        static_cast<uint16_t>(random_.chance(70) ? words : random_.range(1, words + 2));
    const int64_t row_words = op.windows * words;
    op.ub_stride1 = static_cast<uint32_t>(stride(row_words, 2 * row_words));
    op.ub_stride0 = static_cast<uint32_t>(stride(op.count1 * row_words, 3 * row_words));
    op.dram_stride1 = static_cast<uint32_t>(stride(op.row_bytes, 3000));
    op.dram_stride0 = static_cast<uint32_t>(stride(op.count1 * op.row_bytes, 5000));
    return op;
  };
  isa::LoadWindow op = draw_fitting(draw_size(), draw, [&](const isa::LoadWindow& o) {
    return span(o) <= g_.ub_words && source(o) <= data_end_ - data_begin_ && affordable(cycles(o));
  });
  op.ub_addr = static_cast<uint32_t>(place_ub(span(op)));
  op.dram_addr = place_dram(source(op));
  if (span(op) <= span_cap_ && random_.chance(60)) {
    ensure_ub(op.ub_addr, op.ub_addr + span(op) - 1);  // so that all of it can be stored
    results_.emplace_back(op.ub_addr, op.ub_addr + span(op) - 1);
  }
  append(op);
  cycles_left_ -= cycles(op);
}

void RandomGenerator::draw_sync() {
  isa::Words words{};
  isa::Header header;  // of any unit but fetch
  header.opcode = static_cast<uint8_t>((1 + random_.below(isa::kUnits - 1)) << 4);
  header.encode(words);
  append(*isa::decode(words));
}

void RandomGenerator::draw_load_tables() {
  isa::LoadParam op;
  op.target = true;
  op.row = static_cast<uint16_t>(random_.below(4));
  op.count = static_cast<uint16_t>(random_.range(1, 4 - op.row));
  op.dram_addr = place_dram(256 * op.count);
  append(op);
  for (int i = 0; i < op.count; ++i) table_loaded_[op.row + i] = true;
  cycles_left_ -= dma_cycles(1, 256 * op.count, 256 * op.count / g_.pb_word_bytes);
}

// `row` receives biases, the next one scales, and so on.
void RandomGenerator::load_params(int64_t row) {
  const int64_t pairs = std::min<int64_t>((hw_.pb_rows - row) / 2, param_rows_ / 2);
  isa::LoadParam op;
  op.row = static_cast<uint16_t>(row);
  op.count = static_cast<uint16_t>(2 * random_.range(1, std::min<int64_t>(pairs, 4)));
  const int64_t from = 2 * random_.below((param_rows_ - op.count) / 2 + 1);
  op.dram_addr = static_cast<uint32_t>(params_addr_ + from * g_.pb_row_bytes);
  append(op);
  for (int64_t i = 0; i < op.count; ++i) pb_rows_[row + i] = i % 2 == 0 ? Row::kBias : Row::kScale;
  const int64_t bytes = int64_t{op.count} * g_.pb_row_bytes;
  cycles_left_ -= dma_cycles(1, bytes, bytes / g_.pb_word_bytes);
}

int64_t RandomGenerator::ensure_params() {
  std::vector<int64_t> candidates;
  for (int64_t row = 0; row + 1 < hw_.pb_rows; ++row)
    if (pb_rows_[row] != Row::kNone && pb_rows_[row + 1] == Row::kScale) candidates.push_back(row);
  if (candidates.empty() || random_.chance(20)) {
    const int64_t row = random_.below(hw_.pb_rows - 1);
    load_params(row);
    return row;
  }
  return candidates[random_.below(static_cast<int64_t>(candidates.size()))];
}

void RandomGenerator::ensure_table(int index) {
  if (table_loaded_[index]) return;
  isa::LoadParam op;
  op.target = true;
  op.row = static_cast<uint16_t>(index);
  op.dram_addr = place_dram(256);
  append(op);
  table_loaded_[index] = true;
  cycles_left_ -= dma_cycles(1, 256, 256 / g_.pb_word_bytes);
}

void RandomGenerator::ensure_ub(int64_t first_word, int64_t last_word) {
  while (first_word <= last_word && ub_full_[static_cast<size_t>(first_word)]) ++first_word;
  while (first_word <= last_word && ub_full_[static_cast<size_t>(last_word)]) --last_word;
  if (first_word > last_word) return;
  const int64_t words = last_word - first_word + 1;
  isa::Load op;
  op.ub_addr = static_cast<uint32_t>(first_word);
  const int64_t shape = random_.below(3);
  if (shape == 0 && words * g_.lanes <= 65535) {
    op.pixel_bytes = static_cast<uint16_t>(words * g_.lanes);
  } else if (shape == 1 || words > 64) {
    op.pixel_bytes = static_cast<uint16_t>(g_.lanes);
    op.pixels = static_cast<uint16_t>(words);
    op.ub_pixel_stride = 1;
  } else {
    op.pixel_bytes = static_cast<uint16_t>(g_.lanes);
    op.count2 = static_cast<uint16_t>(words);
    op.ub_stride2 = 1;
    op.dram_stride2 = static_cast<uint32_t>(stride(g_.lanes, g_.lanes + 40));
  }
  op.dram_addr = place_dram(dram_span(op));
  append(op);
  std::fill(ub_full_.begin() + first_word, ub_full_.begin() + last_word + 1, true);
  cycles_left_ -= dma_cycles(op.count2, words * g_.lanes, words);
}

}  // namespace systole::golden
