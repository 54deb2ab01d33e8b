// SPDX-License-Identifier: Apache-2.0
// Windows of convolutions and pools over any number of dimensions.
#pragma once

#include "compiler/host/host_call.h"

namespace systole::host {

/// A window that slides over the dimensions behind [n, c], one entry for each.
struct HostWindow {
  values::Dims size, stride, dilation, begin, end;  ///< begin and end: pads
  values::Dims out;                                 ///< positions

  int64_t taps() const;
  int64_t positions() const;
};

/// The window of `node` over maps of `spatial` dimensions: attributes strides, dilations, pads,
/// auto_pad (of pools by the kernel as if it were not dilated, as ONNX Runtime does), and ceil_mode
/// if there is one. Throws Error for attributes that do not fit.
HostWindow host_window(const onnx::NodeProto& node, const values::Dims& spatial,
                       const values::Dims& kernel, bool pool = false);

/// The dimensions behind [n, c]. Throws Error if there are none.
values::Dims spatial_dims(const values::Dims& dims);

/// For each tap of the window at output position `position`: the offset in the map, or -1 in the
/// padding.
class TapOffsets {
 public:
  TapOffsets(const HostWindow& window, const values::Dims& spatial);
  /// Valid until the next call.
  const std::vector<int64_t>& at(int64_t position);
  /// Taps at `position` that are in the map or its padding, not behind it (ceil_mode).
  int64_t padded_taps(int64_t position) const;

 private:
  const HostWindow window_;
  const values::Dims spatial_, strides_;
  std::vector<int64_t> offsets_;
};

/// x (of c channels) convolved with w (of [outputs, c / group, ...]), without bias. T: float or,
/// for sums of integers that stay exact, double.
template <typename T>
std::vector<T> convolved(const std::vector<T>& x, const values::Dims& x_dims,
                         const std::vector<T>& w, const values::Dims& w_dims,
                         const HostWindow& window, int64_t group);

/// Dimensions of the result, operands checked. Throws Error.
values::Dims convolved_dims(const values::Dims& x, const values::Dims& w, const HostWindow& window,
                            int64_t group);

}  // namespace systole::host
