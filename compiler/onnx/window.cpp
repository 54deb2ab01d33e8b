// SPDX-License-Identifier: Apache-2.0
// Window attributes of Conv and pools: kernel, strides, dilations, pads, auto_pad.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "compiler/graph/limits.h"
#include "compiler/onnx/translate.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// One value a spatial dimension, each at least `least`.
std::vector<int64_t> sizes(const onnx::NodeProto& node, const std::string& name, size_t count,
                           const std::vector<int64_t>& fallback, int64_t least) {
  std::vector<int64_t> values = values::ints_attribute(node, name, fallback);
  if (values.size() != count) {
    throw Error(fmt::format("{} has {} values, expected {}", name, values.size(), count));
  }
  for (int64_t v : values) {
    if (v < least) throw Error(fmt::format("{} holds {}, expected at least {}", name, v, least));
  }
  return values;
}

/// Pads of one dimension by auto_pad SAME_*: the output has ceil(in / stride) positions.
std::pair<int64_t, int64_t> same_pads(int64_t in, int64_t kernel, int64_t stride, int64_t dilation,
                                      bool upper) {
  const int64_t out = (in + stride - 1) / stride;
  const int64_t total = std::max<int64_t>(0, (out - 1) * stride + dilation * (kernel - 1) + 1 - in);
  const int64_t less = total / 2;
  return upper ? std::pair{less, total - less} : std::pair{total - less, less};
}

}  // namespace

graph::Window read_window(const onnx::NodeProto& node, const values::Dims& in,
                          const std::vector<int64_t>& kernel) {
  const size_t spatial = in.size() - 2;
  std::vector<int64_t> k = sizes(node, "kernel_shape", spatial, kernel, 1);
  if (!kernel.empty() && k != kernel) {
    throw Error(fmt::format("kernel_shape {} differs from the weights' {}", values::dims_text(k),
                            values::dims_text(kernel)));
  }
  const std::vector<int64_t> ones(spatial, 1);
  std::vector<int64_t> s = sizes(node, "strides", spatial, ones, 1);
  std::vector<int64_t> d = sizes(node, "dilations", spatial, ones, 1);
  const std::vector<int64_t> stated =
      values::ints_attribute(node, "pads", std::vector<int64_t>(2 * spatial, 0));
  if (stated.size() != 2 * spatial) {
    throw Error(fmt::format("pads has {} values, expected {}", stated.size(), 2 * spatial));
  }
  std::vector<int64_t> begin(stated.begin(), stated.begin() + static_cast<std::ptrdiff_t>(spatial));
  std::vector<int64_t> end(stated.begin() + static_cast<std::ptrdiff_t>(spatial), stated.end());
  for (size_t i = 0; i < spatial; ++i) {
    if (k[i] > graph::kMaxStep || s[i] > graph::kMaxStep || d[i] > graph::kMaxStep) {
      throw graph::Unsupported(
          fmt::format("kernel {}, stride {}, dilation {}: each may be at most {}", k[i], s[i], d[i],
                      graph::kMaxStep));
    }
    if (std::min(begin[i], end[i]) < 0) throw graph::Unsupported("negative pads (cropping)");
    if (std::max(begin[i], end[i]) > kMaxPad)
      throw graph::Unsupported(fmt::format("pads above {}", kMaxPad));
  }
  const std::string mode = values::string_attribute(node, "auto_pad", "NOTSET");
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    for (size_t i = 0; i < spatial; ++i) {
      std::tie(begin[i], end[i]) = same_pads(in[2 + i], k[i], s[i], d[i], mode == "SAME_UPPER");
    }
  } else if (mode == "VALID") {
    begin.assign(spatial, 0);
    end.assign(spatial, 0);
  } else if (mode != "NOTSET" && !mode.empty()) {
    throw Error(
        fmt::format("auto_pad is '{}', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID", mode));
  }
  if (spatial == 1) {  // one row
    for (auto* v : {&k, &s, &d}) v->insert(v->begin(), 1);
    for (auto* v : {&begin, &end}) v->insert(v->begin(), 0);
  }
  const graph::Window w{k[0], k[1], s[0], s[1], d[0], d[1], begin[0], begin[1], end[0], end[1]};
  const int64_t height = spatial == 1 ? 1 : in[2], width = in.back();
  if (w.out_height(height) < 1 || w.out_width(width) < 1) {
    throw Error(fmt::format("kernel {}x{} is larger than the padded input {}x{}",
                            (w.kh - 1) * w.dil_h + 1, (w.kw - 1) * w.dil_w + 1,
                            height + w.pad_top + w.pad_bottom, width + w.pad_left + w.pad_right));
  }
  return w;
}

}  // namespace systole::importer
