// SPDX-License-Identifier: Apache-2.0
// Counts the pixels that operators touch of inputs, and what must wait whole for a pool of itself.
#include "compiler/lower/least_traffic.h"

#include <algorithm>
#include <set>

namespace systole::lower {
namespace {

/// Positions of `size` that windows of `kernel` taps touch, `out` of them `stride` apart.
int64_t touched(int64_t size, int64_t out, int64_t kernel, int64_t stride, int64_t dilation,
                int64_t pad) {
  if (stride <= 1 && dilation <= 1) return std::min(size, out - 1 + kernel);
  std::vector<bool> read(static_cast<size_t>(size), false);
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t k = 0; k < kernel; ++k) {
      const int64_t at = o * stride + k * dilation - pad;
      if (at >= 0 && at < size) read[static_cast<size_t>(at)] = true;
    }
  }
  return std::count(read.begin(), read.end(), true);
}

class LeastTraffic {
 public:
  LeastTraffic(const graph::QGraph& graph, const isa::HwParams& hw)
      : graph_(graph),
        on_chip_(int64_t{hw.ub_kib} * 1024),
        seen_(graph.tensors.size(), 0),
        is_input_(holds(graph.inputs)),
        is_output_(holds(graph.outputs)) {}

  std::vector<int64_t> by_op() {
    std::vector<int64_t> bytes;
    for (size_t i = 0; i < graph_.ops.size(); ++i) {
      const graph::QOp& op = graph_.ops[i];
      int64_t own = waiting(i);
      for (const graph::TensorId t : op.operands()) own += first_read(op, t);
      const graph::TensorId out = op.out();
      if (is_output_[at(graph_.storage(out))]) own += tensor(out).bytes();
      bytes.push_back(own);
    }
    return bytes;
  }

 private:
  static size_t at(graph::TensorId id) { return static_cast<size_t>(id); }
  const graph::QTensor& tensor(graph::TensorId id) const { return graph_.tensors[at(id)]; }
  std::vector<bool> holds(const std::vector<graph::TensorId>& list) const {
    std::vector<bool> in(graph_.tensors.size(), false);
    for (const graph::TensorId id : list) in[at(graph_.storage(id))] = true;
    return in;
  }

  int64_t read_bytes(const graph::QOp& op, graph::TensorId t) const {
    const graph::QTensor &in = tensor(t), &out = tensor(op.out());
    int64_t rows = in.h, columns = in.w;
    if (op.is<graph::QConv>() && t == op.conv().in) {
      const graph::QConv& c = op.conv();
      rows = touched(in.h, out.h, c.kh, c.stride_h, c.dil_h, c.pad_top);
      columns = touched(in.w, out.w, c.kw, c.stride_w, c.dil_w, c.pad_left);
    } else if (op.is<graph::QPool>() && t == op.pool().in) {
      const graph::QPool& p = op.pool();
      rows = touched(in.h, out.h, p.kh, p.stride_h, 1, p.pad_top);
      columns = touched(in.w, out.w, p.kw, p.stride_w, 1, p.pad_left);
    }
    return in.n * rows * columns * in.pixel_bytes();
  }

  /// What `op` reads of an input beyond what one operator before it has.
  int64_t first_read(const graph::QOp& op, graph::TensorId t) {
    const size_t base = at(graph_.storage(t));
    if (!is_input_[base]) return 0;
    const int64_t bytes = read_bytes(op, t), more = std::max<int64_t>(bytes - seen_[base], 0);
    seen_[base] += more;
    return more;
  }

  bool pools_all_of(const graph::QOp& op, graph::TensorId t) const {
    const graph::QTensor& in = tensor(t);
    return op.is<graph::QPool>() && op.pool().in == t && op.pool().kh >= in.h &&
           op.pool().kw >= in.w && op.pool().pad_top == 0 && op.pool().pad_left == 0;
  }

  /// Of a tensor that meets a pixel which all of it went into, what cannot wait on chip.
  int64_t waiting(size_t index) const {
    const graph::QOp& op = graph_.ops[index];
    const graph::TensorId map = op.operands()[0];
    const std::vector<graph::TensorId> operands = op.operands();
    if (operands.size() < 2) return 0;
    const int64_t item = tensor(map).bytes() / tensor(map).n;
    if (item <= on_chip_) return 0;
    std::set<graph::TensorId> pooled;  // what depends on a pool of all of `map`
    for (size_t i = 0; i < index; ++i) {
      const graph::QOp& before = graph_.ops[i];
      const std::vector<graph::TensorId> read = before.operands();
      const bool depends = std::any_of(read.begin(), read.end(), [&](graph::TensorId t) {
        return pooled.count(graph_.storage(t)) != 0;
      });
      if (depends || pools_all_of(before, map)) pooled.insert(graph_.storage(before.out()));
    }
    if (pooled.count(graph_.storage(operands[1])) == 0) return 0;
    return 2 * (item - on_chip_) * tensor(map).n;
  }

  const graph::QGraph& graph_;
  const int64_t on_chip_;      ///< bytes
  std::vector<int64_t> seen_;  ///< of inputs: bytes that an operator has read
  const std::vector<bool> is_input_, is_output_;
};

}  // namespace

std::vector<int64_t> least_traffic(const graph::QGraph& graph, const isa::HwParams& hw) {
  return LeastTraffic(graph, hw).by_op();
}

}  // namespace systole::lower
