// SPDX-License-Identifier: Apache-2.0
// Cuts out what each pair of phases reads, and interleaves what the parts give.
#include "compiler/onnx/phases.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole::importer {

namespace {

/// The rows and columns that a phase reads, and the zeros around them.
struct Reach {
  int64_t first, count, before, after;
};

Reach reach_of(const Phase& p, int64_t size) {
  const auto kernel = static_cast<int64_t>(p.weights.size());
  const int64_t begin = p.begin, end = p.begin + (p.count - 1) * p.stride + kernel;  // [begin, end)
  const int64_t first = std::clamp<int64_t>(begin, 0, size - 1);
  const int64_t last = std::clamp<int64_t>(end, first + 1, size);
  return {first, last - first, first - begin, end - last};
}

/// The part of `input` that a pair of phases reads; `window` gets the zeros around it.
Operand reach_input(ImportContext& context, const onnx::NodeProto& proto, const Operand& input,
                    const Reach& h, const Reach& w, graph::Window& window,
                    const std::string& step) {
  const graph::Chw in = context.graph.shape(input.value);
  window.pad_top = h.before;
  window.pad_bottom = h.after;
  window.pad_left = w.before;
  window.pad_right = w.after;
  if (h.count == in.h && w.count == in.w) return input;
  graph::Node slice = graph::make_node(graph::Slice{{0, h.first, w.first}}, {input.value});
  values::Dims dims = input.dims;
  dims.back() = w.count;
  if (dims.size() == 4) dims[2] = h.count;
  return context.make(proto, std::move(slice), dims, false, step + "/cut");
}

values::Dims map_dims(const Operand& input, int64_t channels, int64_t h, int64_t w) {
  values::Dims dims = {input.dims[0], channels};
  if (input.dims.size() == 4) dims.push_back(h);
  dims.push_back(w);
  return dims;
}

}  // namespace

Operand join_phases(ImportContext& context, const onnx::NodeProto& proto, const Operand& input,
                    int64_t channels, const std::vector<Phase>& rows,
                    const std::vector<Phase>& columns,
                    const std::function<graph::Operator(const Phase&, const Phase&)>& make,
                    const std::string& step) {
  const graph::Chw in = context.graph.shape(input.value);
  if (static_cast<int64_t>(rows.size() * columns.size()) > kMaxParts)
    throw graph::Unsupported(fmt::format("more than {} interleaved parts", kMaxParts));
  graph::Interleave join;
  std::vector<graph::ValueId> made;
  int64_t height = 0, width = 0;
  for (const Phase& r : rows) height += r.count;
  for (const Phase& c : columns) width += c.count;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < columns.size(); ++j) {
      const Phase &r = rows[i], &c = columns[j];
      graph::Operator part = make(r, c);
      graph::Window& window = *window_of(part);
      window.kh = static_cast<int64_t>(r.weights.size());
      window.kw = static_cast<int64_t>(c.weights.size());
      window.stride_h = r.count == 1 ? 1 : r.stride;
      window.stride_w = c.count == 1 ? 1 : c.stride;
      const std::string name = fmt::format("{}/{}x{}", step, i, j);
      const Operand read =
          reach_input(context, proto, input, reach_of(r, in.h), reach_of(c, in.w), window, name);
      made.push_back(context
                         .make(proto, graph::make_node(std::move(part), {read.value}),
                               map_dims(input, channels, r.count, c.count), false, name)
                         .value);
      join.parts.push_back({r.first, c.first, r.step, c.step});
    }
  }
  const values::Dims dims = map_dims(input, channels, height, width);
  if (made.size() > 1)
    return context.make(proto, graph::make_node(std::move(join), made), dims, false, step);
  if (step.empty()) context.graph.values[static_cast<size_t>(made[0])].name = proto.output(0);
  return {dims, nullptr, made[0]};
}

}  // namespace systole::importer
