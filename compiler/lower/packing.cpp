// SPDX-License-Identifier: Apache-2.0
// Packs weights and parameters into the byte orders that the load instructions expect.
#include "compiler/lower/packing.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "model/base/error.h"
#include "model/isa/rounding.h"

namespace systole::lower {
namespace {

void put_word(std::vector<uint8_t>& bytes, size_t at, uint32_t value) {
  for (int k = 0; k < 4; ++k) bytes[at + k] = static_cast<uint8_t>(value >> (8 * k));
}

}  // namespace

std::vector<Chunk> make_chunks(const Plan& plan) {
  std::vector<Chunk> chunks;
  const LayerShape& s = plan.shape;
  for (int64_t c = 0; c < s.c; c += plan.chunk_c)
    for (int64_t y = 0; y < s.h.kernel; y += plan.chunk_h)
      for (int64_t x = 0; x < s.w.kernel; x += plan.chunk_w)
        chunks.push_back({{y, std::min(plan.chunk_h, s.h.kernel - y)},
                          {x, std::min(plan.chunk_w, s.w.kernel - x)},
                          {c, std::min(plan.chunk_c, s.c - c)},
                          static_cast<int64_t>(chunks.size())});
  return chunks;
}

void append_weight_row(std::span<const int8_t> row, isa::ElementType type,
                       std::vector<uint8_t>& stream) {
  if (type == isa::ElementType::kInt8) {
    stream.insert(stream.end(), row.begin(), row.end());
    return;
  }
  const size_t per_byte = size_t{1} << type.narrow();
  for (size_t first = 0; first < row.size(); first += per_byte) {
    int byte = 0;
    for (size_t k = first; k < std::min(row.size(), first + per_byte); ++k) {
      // Where a row of one bit has no weight its field is 0.
      const int field = row[k] == 0 ? 0 : type.field_of(row[k]);
      byte |= field << static_cast<int>(k - first) * type.bits();
    }
    stream.push_back(static_cast<uint8_t>(byte));
  }
}

void append_weight_row(const Layer& layer, std::span<const int8_t> row,
                       std::vector<uint8_t>& stream) {
  if (!layer.codebook) return append_weight_row(row, layer.op->conv().weight_type, stream);
  std::vector<int8_t> indices;
  for (const int8_t weight : row) {
    const auto entry = std::find(layer.codebook->begin(), layer.codebook->end(), weight);
    indices.push_back(static_cast<int8_t>(entry - layer.codebook->begin()));
  }
  append_weight_row(indices, layer.stored_type(), stream);
}

int32_t tail_products(const Layer& layer) {
  if (!layer.uses_mxu() || layer.pack() != 3) return 0;
  return static_cast<int32_t>((8 * layer.shape.c - layer.in_channels) * layer.shape.taps());
}

void append_param_rows(const graph::QPost& post, int32_t tail, int64_t full_taps, int64_t taps,
                       int64_t first_channel, int64_t channels, const arch::Geometry& geometry,
                       std::vector<uint8_t>& rows) {
  const size_t base = rows.size();
  const auto row_bytes = static_cast<size_t>(geometry.pb_row_bytes);
  rows.resize(base + 2 * row_bytes);
  for (int64_t lane = 0; lane < geometry.cols; ++lane) {
    const bool used = lane < channels;
    const int32_t bias = used ? isa::wrap_add(post.bias[first_channel + lane], -tail) : 0;
    const double scale = used ? double{post.scale[first_channel + lane]} *
                                    static_cast<double>(full_taps) / static_cast<double>(taps)
                              : 1.0;
    put_word(rows, base + 4 * lane, static_cast<uint32_t>(bias));
    put_word(rows, base + row_bytes + 4 * lane, std::bit_cast<uint32_t>(static_cast<float>(scale)));
  }
}

uint32_t DramLayout::reserve(int64_t bytes, const std::string& what) {
  const int64_t addr = ceil_div(next_, alignment_) * alignment_;
  if (bytes > (int64_t{1} << 32) - addr)
    throw Error(fmt::format("{} does not fit below 4 GiB of DRAM: {} bytes from address {}", what,
                            bytes, addr),
                ExitCode::kCannotCompile);
  next_ = addr + bytes;
  return static_cast<uint32_t>(addr);
}

}  // namespace systole::lower
