// SPDX-License-Identifier: Apache-2.0
// Derives the banks of an instruction from the closed intervals of words and rows it can reach.
#include "model/golden/ports.h"

namespace systole::golden {
namespace {

struct FindPorts {
  const arch::Geometry g;
  const int acc_rows;

  Ports operator()(const isa::Sync auto&) const { return {}; }
  Ports operator()(const isa::LoadParam&) const { return {}; }
  Ports operator()(const isa::LoadWeights&) const { return {}; }
  Ports operator()(const isa::LoadCodebook&) const { return {}; }
  Ports operator()(const isa::VectorSet&) const { return {}; }
  Ports operator()(const isa::Load& op) const { return {.ub_write = dma_banks(op)}; }
  Ports operator()(const isa::Store& op) const { return {.ub_read = dma_banks(op)}; }
  Ports operator()(const isa::LoadWindow& op) const {
    const int64_t last = furthest(op.ub_addr, op.count0, op.ub_stride0, op.count1, op.ub_stride1,
                                  op.count2, op.ub_stride2) +
                         (op.windows - int64_t{1}) * op.window_words +
                         g.words(op.lane + (op.count2 - 1) * op.lane_stride + op.size) - 1;
    return {.ub_write = ub_banks(op.ub_addr, last)};
  }
  Ports operator()(const isa::Matmul& op) const {
    const int64_t last = furthest(op.ub_addr, op.n, op.ub_stride0, op.height, op.ub_stride1,
                                  op.width, op.ub_stride2) +
                         g.words(op.channels, op.expand) - 1;
    const int64_t rows = int64_t{op.n} * op.oh * op.ow;
    return {.ub_read = ub_banks(op.ub_addr, last),
            .acc = acc_banks(op.acc_addr, op.acc_addr + rows - 1)};
  }
  Ports operator()(const isa::Vector& op) const {
    Ports ports;
    const int64_t source = furthest(op.src_addr, op.n, op.src_stride0, op.height, op.src_stride1,
                                    op.width, op.src_stride2);
    if (op.src_ub)
      ports.ub_read = ub_banks(op.src_addr, source);
    else
      ports.acc = acc_banks(op.src_addr, source);
    if (op.residual)
      ports.ub_read |= ub_banks(op.res_addr, furthest(op.res_addr, op.n, op.res_stride0, op.oh,
                                                      op.res_stride1, op.ow, op.res_stride2));
    ports.ub_write = ub_banks(op.dst_addr, furthest(op.dst_addr, op.n, op.dst_stride0, op.oh,
                                                    op.dst_stride1, op.ow, op.dst_stride2));
    return ports;
  }

 private:
  uint32_t ub_banks(int64_t first_word, int64_t last_word) const {
    return static_cast<uint32_t>((uint64_t{2} << last_word / g.bank_words) -
                                 (uint64_t{1} << first_word / g.bank_words));
  }
  uint32_t acc_banks(int64_t first_row, int64_t last_row) const {
    const int64_t half = acc_rows / 2;
    return (first_row < half ? 1u : 0u) | (last_row >= half ? 2u : 0u);
  }
  template <typename Dma>
  uint32_t dma_banks(const Dma& op) const {
    const int64_t last = furthest(op.ub_addr, op.count0, op.ub_stride0, op.count1, op.ub_stride1,
                                  op.count2, op.ub_stride2) +
                         (op.pixels - int64_t{1}) * op.ub_pixel_stride + g.words(op.pixel_bytes) -
                         1;
    return ub_banks(op.ub_addr, last);
  }
};

}  // namespace

Ports ports_of(const Instruction& instruction, const isa::HwParams& hw) {
  return std::visit(FindPorts{arch::Geometry(hw), hw.acc_rows}, instruction.op);
}

}  // namespace systole::golden
