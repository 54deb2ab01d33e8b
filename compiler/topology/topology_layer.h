// SPDX-License-Identifier: Apache-2.0
// One line of a SCALE-Sim topology, as numbers.
#pragma once

#include <cstdint>
#include <string>

namespace systole::topology {

/// A convolution over an input that has its padding already, or (`gemm`) [height, channels]
/// activations times [channels, filters] weights.
struct TopologyLayer {
  std::string name;
  std::string place;  ///< "FILE:LINE"
  bool gemm = false;
  bool depthwise = false;  ///< `filters` filters for each channel
  int64_t height = 1, width = 1, filter_height = 1, filter_width = 1, channels = 1, filters = 1;
  int64_t stride_height = 1, stride_width = 1;
  int64_t kept = 1, of = 1;  ///< of `of` consecutive input channels `kept` have weights
};

}  // namespace systole::topology
