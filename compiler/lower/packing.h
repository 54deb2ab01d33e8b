// SPDX-License-Identifier: Apache-2.0
// What stands in DRAM before the run: where every tensor, weight stream and parameter row lies.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/lower/plan.h"
#include "model/arch/geometry.h"
#include "model/program/program.h"

namespace systole::lower {

/// One matmul's share of the kernel: kernel rows, kernel columns, channels.
struct Chunk {
  Range h, w, c;
  int64_t index = 0;
  int64_t weight_rows() const { return h.count * w.count * c.count; }
};

/// The chunks of a plan in the order in which an output tile adds them up.
std::vector<Chunk> make_chunks(const Plan& plan);

/// Appends a row of weights of `type` as load_weights reads them: the first in the lowest bits
/// of a byte, the last byte filled up with zeros.
void append_weight_row(std::span<const int8_t> row, isa::ElementType type,
                       std::vector<uint8_t>& stream);
/// The same for weights of `layer`: their indices, if it has a codebook.
void append_weight_row(const Layer& layer, std::span<const int8_t> row,
                       std::vector<uint8_t>& stream);

/// What the one-bit values beyond the last channel add to every sum of `layer`: each is -1 times
/// -1.
int32_t tail_products(const Layer& layer);

/// Bias row, less `tail`, and scale row of one column tile; the scale times full_taps / taps, in
/// double, rounded once. Lanes that no channel uses get bias 0 and scale 1.
void append_param_rows(const graph::QPost& post, int32_t tail, int64_t full_taps, int64_t taps,
                       int64_t first_channel, int64_t channels, const arch::Geometry& geometry,
                       std::vector<uint8_t>& rows);

/// Hands out DRAM from address 0 upwards, each region at a multiple of `alignment`.
class DramLayout {
 public:
  explicit DramLayout(int64_t alignment) : alignment_(alignment) {}
  /// Reserves `bytes`; throws Error (cannot compile) naming `what` if 32-bit addresses do not reach
  /// it.
  uint32_t reserve(int64_t bytes, const std::string& what);
  int64_t size() const { return next_; }

 private:
  int64_t alignment_;
  int64_t next_ = 0;
};

}  // namespace systole::lower
