// SPDX-License-Identifier: Apache-2.0
// Windows and convolutions: matrix products over unfolded windows.
#include "compiler/host/windows.h"

#include <Eigen/Core>
#include <algorithm>

#include "compiler/host/strides.h"

namespace systole::host {

namespace {

int64_t product(const values::Dims& dims) {
  int64_t count = 1;
  for (int64_t d : dims) count *= d;
  return count;
}

values::Dims per_dimension(const onnx::NodeProto& node, const std::string& name, size_t count,
                           int64_t fallback) {
  values::Dims values = values::ints_attribute(node, name, values::Dims(count, fallback));
  if (values.size() != count)
    throw Error(fmt::format("{} has {} entries, expected {}", name, values.size(), count));
  return values;
}

/// Steps of a window that start inside the map or the padding before it, the last one cut off
/// (ceil_mode).
int64_t steps_of(int64_t room, int64_t stride, bool up, int64_t size, int64_t begin) {
  if (room < 0) return 0;
  int64_t steps = (room + (up ? stride - 1 : 0)) / stride + 1;
  if (up && (steps - 1) * stride >= size + begin) --steps;
  return steps;
}

}  // namespace

int64_t HostWindow::taps() const { return product(size); }
int64_t HostWindow::positions() const { return product(out); }

values::Dims spatial_dims(const values::Dims& dims) {
  if (dims.size() < 3)
    throw Error(fmt::format("expected [n, c, ...], {}", values::dims_text(dims)));
  return {dims.begin() + 2, dims.end()};
}

HostWindow host_window(const onnx::NodeProto& node, const values::Dims& spatial,
                       const values::Dims& kernel, bool pool) {
  const size_t count = spatial.size();
  if (kernel.size() != count)
    throw Error(fmt::format("the kernel has {} dimensions, expected {}", kernel.size(), count));
  HostWindow w;
  w.size = kernel;
  w.stride = per_dimension(node, "strides", count, 1);
  w.dilation = per_dimension(node, "dilations", count, 1);
  const values::Dims pads = per_dimension(node, "pads", 2 * count, 0);
  w.begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(count));
  w.end.assign(pads.begin() + static_cast<std::ptrdiff_t>(count), pads.end());
  const std::string mode = values::string_attribute(node, "auto_pad", "NOTSET");
  const bool up = values::int_attribute(node, "ceil_mode", 0) != 0;
  for (size_t d = 0; d < count; ++d) {
    if (w.stride[d] < 1 || w.dilation[d] < 1 || kernel[d] < 1)
      throw Error("kernel, strides and dilations are to be positive");
    const int64_t reach = w.dilation[d] * (kernel[d] - 1) + 1;
    if (mode == "VALID") w.begin[d] = w.end[d] = 0;
    if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
      const int64_t steps = (spatial[d] + w.stride[d] - 1) / w.stride[d];
      const int64_t needed = (steps - 1) * w.stride[d] + (pool ? kernel[d] : reach) - spatial[d];
      const int64_t pad = std::max<int64_t>(0, needed);
      if (pool && (needed < 0 || spatial[d] + pad < reach))
        throw graph::Unsupported(
            "auto_pad SAME with windows that end before the map does, or behind it: runtimes "
            "disagree");
      w.begin[d] = mode == "SAME_UPPER" ? pad / 2 : pad - pad / 2;
      w.end[d] = pad - w.begin[d];
    }
    w.out.push_back(steps_of(spatial[d] + w.begin[d] + w.end[d] - reach, w.stride[d], up,
                             spatial[d], w.begin[d]));
  }
  return w;
}

TapOffsets::TapOffsets(const HostWindow& window, const values::Dims& spatial)
    : window_(window),
      spatial_(spatial),
      strides_(dense_strides(spatial)),
      offsets_(static_cast<size_t>(window.taps())) {}

int64_t TapOffsets::padded_taps(int64_t position) const {
  int64_t taps = 1;
  for (size_t d = window_.out.size(); d-- > 0; position /= window_.out[d]) {
    const int64_t first = position % window_.out[d] * window_.stride[d] - window_.begin[d];
    const int64_t room = spatial_[d] + window_.end[d] - first;
    taps *= std::clamp<int64_t>((room + window_.dilation[d] - 1) / window_.dilation[d], 0,
                                window_.size[d]);
  }
  return taps;
}

const std::vector<int64_t>& TapOffsets::at(int64_t position) {
  std::fill(offsets_.begin(), offsets_.end(), 0);
  int64_t inner = static_cast<int64_t>(offsets_.size());
  values::Dims first(window_.out.size());
  for (size_t d = window_.out.size(); d-- > 0; position /= window_.out[d])
    first[d] = position % window_.out[d] * window_.stride[d] - window_.begin[d];
  for (size_t d = 0; d < first.size(); ++d) {
    inner /= window_.size[d];
    for (size_t t = 0; t < offsets_.size(); ++t) {
      const int64_t tap = static_cast<int64_t>(t) / inner % window_.size[d];
      const int64_t at = first[d] + tap * window_.dilation[d];
      if (at < 0 || at >= spatial_[d])
        offsets_[t] = -1;
      else if (offsets_[t] >= 0)
        offsets_[t] += at * strides_[d];
    }
  }
  return offsets_;
}

values::Dims convolved_dims(const values::Dims& x, const values::Dims& w, const HostWindow& window,
                            int64_t group) {
  if (group < 1 || w.size() != x.size() || w[0] % group != 0 || x[1] != w[1] * group)
    throw Error(fmt::format("weights {} do not fit {} in {} groups", values::dims_text(w),
                            values::dims_text(x), group));
  values::Dims dims = {x[0], w[0]};
  dims.insert(dims.end(), window.out.begin(), window.out.end());
  values::element_count(dims, "result");
  return dims;
}

template <typename T>
std::vector<T> convolved(const std::vector<T>& x, const values::Dims& x_dims,
                         const std::vector<T>& w, const values::Dims& w_dims,
                         const HostWindow& window, int64_t group) {
  using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  constexpr int64_t kColumns = 1 << 10;  // positions that are unfolded at once
  const values::Dims spatial = spatial_dims(x_dims);
  const int64_t area = product(spatial), positions = window.positions(), taps = window.taps();
  const int64_t channels = w_dims[1], outputs = w_dims[0] / group, depth = channels * taps;
  std::vector<T> result(static_cast<size_t>(x_dims[0] * w_dims[0] * positions));
  TapOffsets offsets(window, spatial);
  RowMajor unfolded(depth, std::min(kColumns, std::max<int64_t>(positions, 1)));
  for (int64_t first = 0; first < positions; first += kColumns) {
    const int64_t count = std::min(kColumns, positions - first);
    for (int64_t n = 0; n < x_dims[0] * group; ++n) {
      const T* in = x.data() + n * channels * area;
      for (int64_t p = 0; p < count; ++p) {
        const std::vector<int64_t>& at = offsets.at(first + p);
        for (int64_t c = 0; c < channels; ++c)
          for (int64_t t = 0; t < taps; ++t) {
            const int64_t from = at[static_cast<size_t>(t)];
            unfolded(c * taps + t, p) = from < 0 ? T(0) : in[c * area + from];
          }
      }
      const int64_t g = n % group;
      const Eigen::Map<const RowMajor> weights(w.data() + g * outputs * depth, outputs, depth);
      Eigen::Map<RowMajor, Eigen::Unaligned, Eigen::OuterStride<>> to(
          result.data() + n * outputs * positions + first, outputs, count,
          Eigen::OuterStride<>(positions));
      to.noalias() = weights * unfolded.leftCols(count);
    }
  }
  return result;
}

template std::vector<float> convolved(const std::vector<float>&, const values::Dims&,
                                      const std::vector<float>&, const values::Dims&,
                                      const HostWindow&, int64_t);
template std::vector<double> convolved(const std::vector<double>&, const values::Dims&,
                                       const std::vector<double>&, const values::Dims&,
                                       const HostWindow&, int64_t);

}  // namespace systole::host
