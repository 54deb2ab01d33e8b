// SPDX-License-Identifier: Apache-2.0
// Lays out memory for a random program and strings its instructions together.
#include "model/golden/random_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "model/base/error.h"
#include "model/golden/random_generator.h"

namespace systole::golden {
namespace {

constexpr int64_t kStreamBytes = 60000;
constexpr int64_t kSlackInstructions = 96;  // what drawn instructions need, and the epilogue

int64_t align_up(int64_t value, int64_t alignment) {
  return ceil_div(value, alignment) * alignment;
}

}  // namespace

RandomGenerator::RandomGenerator(const isa::HwParams& hw, uint64_t seed,
                                 const RandomOptions& options)
    : hw_(hw),
      g_(hw),
      options_(options),
      random_(seed),
      builder_(hw_, random_),
      cycles_left_(options.cycles),
      ub_full_(static_cast<size_t>(g_.ub_words)),
      acc_written_(static_cast<size_t>(hw.acc_rows)),
      pb_rows_(static_cast<size_t>(hw.pb_rows), Row::kNone) {
  lay_out_memory();
  span_cap_ = std::min<int64_t>({g_.ub_words, 300, 5000 / g_.word_bytes});
  while (span_cap_ > 4 && dma_cycles(1, span_cap_ * g_.lanes, span_cap_) > options.cycles / 16)
    span_cap_ /= 2;
  max_tiles_ = std::min<int64_t>({40, 3 * hw.wb_tiles, (data_end_ - data_begin_) / g_.rows});
  hot_words_ = std::min<int64_t>(g_.ub_words, random_.range(8, 64));
  for (int i = 0; i < 3; ++i) hot_.push_back(place(hot_words_, g_.ub_words, g_.bank_words));
}

void RandomGenerator::lay_out_memory() {
  const int64_t code_bytes =
      isa::kInstructionBytes * (options_.max_instructions + kSlackInstructions);
  const bool code_first = random_.chance(50);
  int64_t at = code_first ? align_up(random_.below(5000), 64) : random_.below(100);
  if (code_first) {
    code_addr_ = static_cast<uint32_t>(at);
    at += code_bytes;
  }
  params_addr_ = static_cast<uint32_t>(at + random_.below(100));
  param_rows_ = 2 * random_.range(2, 8);
  data_begin_ =
      static_cast<uint32_t>(params_addr_ + param_rows_ * g_.pb_row_bytes + random_.below(100));
  data_end_ = static_cast<uint32_t>(data_begin_ + random_.range(12000, 60000));
  at = data_end_;
  if (hw_.bitmask != 0) {
    streams_begin_ = static_cast<uint32_t>(at + random_.below(100));
    streams_.reserve(kStreamBytes);
    at = streams_begin_ + kStreamBytes;
  }
  if (!code_first) {
    code_addr_ = static_cast<uint32_t>(align_up(at + random_.below(5000), 64));
    at = code_addr_ + code_bytes;
  }
  dram_bytes_ = static_cast<uint64_t>(align_up(at, 4096));
}

void RandomGenerator::fill_memory(program::Program& program) {
  std::vector<uint8_t> params(static_cast<size_t>(param_rows_ * g_.pb_row_bytes));
  for (size_t at = 0; at < params.size(); at += 4) {
    uint32_t bits = 0;
    if (static_cast<int64_t>(at) / g_.pb_row_bytes % 2 == 1)
      bits = std::bit_cast<uint32_t>(draw_scale());
    else if (random_.chance(85))
      bits = static_cast<uint32_t>(random_.range(-9000, 9000));
    else
      bits = static_cast<uint32_t>(random_.next());
    std::memcpy(&params[at], &bits, sizeof bits);
  }
  std::vector<uint8_t> data(data_end_ - data_begin_);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(random_.next());
  program.segments = {{params_addr_, "params", std::move(params)},
                      {data_begin_, "data", std::move(data)}};
  if (!streams_.empty()) program.segments.push_back({streams_begin_, "masked", streams_});
}

float RandomGenerator::draw_scale() {
  // Biased exponent of 2^-16 ... 2^-4 for sums that land in range; sometimes any legal one.
  const int64_t exponent = random_.chance(80) ? random_.range(111, 123) : random_.range(63, 190);
  const auto mantissa = static_cast<uint32_t>(random_.next() & 0x7fffff);
  return std::bit_cast<float>(static_cast<uint32_t>(exponent) << 23 |
                              (random_.chance(20) ? 0u : mantissa));
}

int64_t RandomGenerator::draw_size() {
  const int64_t kind = random_.below(100);
  return kind < 45 ? random_.below(4) : kind < 90 ? random_.range(4, 24) : random_.range(24, 400);
}

int64_t RandomGenerator::stride(int64_t dense, int64_t limit) {
  const int64_t kind = random_.below(10);
  const int64_t value = kind < 4   ? dense
                        : kind < 5 ? 0
                        : kind < 7 ? dense + 1
                        : kind < 8 ? 1
                                   : random_.below(limit + 1);
  return std::min(value, limit);
}

int64_t RandomGenerator::place(int64_t span, int64_t size, int64_t boundary) {
  const int64_t room = size - span;
  switch (random_.below(8)) {
    case 0:
      return 0;
    case 1:
      return room;
    case 2:
    case 3:
    case 4: {
      const int64_t edge = boundary * random_.range(0, size / boundary);
      return std::clamp<int64_t>(edge - random_.below(span + 1), 0, room);
    }
    default:
      return random_.below(room + 1);
  }
}

int64_t RandomGenerator::place_ub(int64_t span) {
  if (span <= hot_words_ && random_.chance(80))
    return hot_[random_.below(static_cast<int64_t>(hot_.size()))] +
           random_.below(hot_words_ - span + 1);
  return place(span, g_.ub_words, g_.bank_words);
}

uint32_t RandomGenerator::place_dram(int64_t span) {
  const int64_t boundary = random_.pick({4096, g_.burst_bytes, g_.axi_bytes, 64});
  // Boundaries are those of addresses, so the place is sought from address 0 on.
  const int64_t at = place(span, data_end_, boundary);
  if (at >= data_begin_) return static_cast<uint32_t>(at);
  return static_cast<uint32_t>(data_begin_ + random_.below(data_end_ - data_begin_ - span + 1));
}

int64_t RandomGenerator::dma_cycles(int64_t runs, int64_t bytes, int64_t steps) const {
  const int64_t bursts = runs + bytes / g_.burst_bytes;
  return 20 + std::max(steps, bytes / g_.axi_bytes + bursts * (1 + 24 / hw_.outstanding));
}

void RandomGenerator::draw_instruction() {
  if (builder_.ring_overfull() && random_.chance(60)) return release_tiles();
  const int64_t kind = random_.below(100);
  if (kind < 14) return draw_load();
  if (kind < 22) return draw_load_window();
  if (kind < 24) return load_params(random_.below(hw_.pb_rows - 1));
  if (kind < 26) return draw_load_tables();
  if (kind < 32) return load_full_tiles(some(max_tiles_ / 2));
  if (kind < 54) return draw_matmul();
  if (kind < 65) return draw_vector(true);
  if (kind < 76) return draw_vector(false);
  if (kind < 80) return draw_vector_set();
  if (kind < 94) return draw_store();
  draw_sync();
}

// What was computed goes to DRAM, where a difference shows.
void RandomGenerator::draw_epilogue() {
  cycles_left_ = std::max<int64_t>(cycles_left_, 2000);
  for (int i = 0; i < 3 && !sums_.empty(); ++i) {
    requantise_sums();
    sums_.pop_back();
  }
  for (int i = 0; i < 8 && !results_.empty(); ++i) {
    store_words(results_.back().first, results_.back().second);
    results_.pop_back();
  }
  for (int i = 0; i < 2; ++i) {
    const int64_t words = std::min<int64_t>(g_.ub_words, 8);
    const int64_t first = place_ub(words);
    ensure_ub(first, first + words - 1);
    store_words(first, first + words - 1);
  }
}

program::Program RandomGenerator::generate() {
  const auto wanted =
      static_cast<size_t>(random_.range(options_.min_instructions, options_.max_instructions));
  // The fault, if any, comes at any time, mostly late.
  const bool faulty = random_.chance(options_.fault_percent);
  const size_t fault_at = !faulty ? wanted + 1
                          : random_.chance(30)
                              ? static_cast<size_t>(random_.below(static_cast<int64_t>(wanted)))
                              : wanted;
  bool faulted = false;
  while (builder_.size() < wanted && cycles_left_ > 0) {
    if (faulty && !faulted && builder_.size() >= fault_at) {
      draw_fault();
      faulted = true;
    }
    draw_instruction();
  }
  if (faulty && !faulted && random_.chance(50)) {
    draw_fault();
    faulted = true;
  }
  draw_epilogue();
  if (faulty && !faulted) draw_fault();
  // A load of weights ends only when there is room for all of them.
  while (builder_.ring_overfull()) release_tiles();

  program::Program program;
  program.hw = hw_;
  program.code_addr = code_addr_;
  program.code = builder_.code();
  program.dram_bytes = dram_bytes_;
  fill_memory(program);
  return program;
}

program::Program random_program(const isa::HwParams& hw, uint64_t seed,
                                const RandomOptions& options) {
  if (const std::string reason = arch::check_params(hw); !reason.empty()) throw Error(reason);
  if (options.min_instructions < 1 || options.max_instructions < options.min_instructions)
    throw Error(fmt::format("random program: {}..{} instructions, expected 1 <= least <= most",
                            options.min_instructions, options.max_instructions));
  program::Program program = RandomGenerator(hw, seed, options).generate();
  program.name = fmt::format("random-{}", seed);
  return program;
}

}  // namespace systole::golden
