// SPDX-License-Identifier: Apache-2.0
// A compiled program: instructions, initial DRAM contents, tensors and layers; file format .sysb.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model/base/shared_bytes.h"
#include "model/isa/element_type.h"
#include "model/isa/isa.h"

namespace systole::program {

/// Bytes that stand in DRAM before the program starts.
struct Segment {
  uint32_t addr = 0;
  std::string name;  ///< "code", "weights", "params", ...
  SharedBytes bytes;
};

/// One of nested loops over the stored elements of an item.
struct ElementLoop {
  int64_t count = 1, stride = 1;
  bool operator==(const ElementLoop&) const = default;
};

/// A network input or output in DRAM: dense NHWC int8. real = scale * (stored - zero_point).
struct TensorInfo {
  std::string name;
  uint32_t addr = 0;
  std::vector<int64_t> shape;       ///< [n, h, w, c] as stored
  std::vector<int64_t> onnx_shape;  ///< the shape the network states (NCHW or [n, features])
  float scale = 1.0f;
  int zero_point = 0;          ///< of the stored signed byte
  bool channels_last = false;  ///< the network states its elements in the stored order
  /// Not empty: int32 sums, real = channel_scale[c] * sum, and a pixel has the lowest bytes of all
  /// its channels, then their second bytes, their third and their highest.
  std::vector<float> channel_scale = {};
  /// Not empty: loops, the outermost first, that visit the stored elements of an item in the order
  /// in which the network states them. Empty: NCHW, or as stored if channels_last.
  std::vector<ElementLoop> order = {};
  /// int8, or int32 of sums.
  isa::ElementType type() const {
    return channel_scale.empty() ? isa::ElementType::kInt8 : isa::ElementType::kInt32;
  }
  int64_t bytes() const {
    int64_t b = type().bytes();
    for (int64_t d : shape) b *= d;
    return b;
  }
};

/// What a tag of the instructions stands for, with the shape figures that reports need.
struct LayerInfo {
  uint16_t tag = 0;
  std::string name;
  std::string op;           ///< "conv 3x3/1", "gemm", "max pool 2x2/2", ...
  int64_t useful_macs = 0;  ///< for the whole batch, padding taps included
  int64_t dense_macs = 0;   ///< before pruning
  /// Cycles at least, of the array and of the vector unit (docs/metrics.md, "Bounds").
  int64_t mxu_bound = 0, vpu_bound = 0;
  /// With a word for each pixel: max(tiles * M, their rows); vector work in COLS-wide words.
  int64_t mxu_reference = 0, vpu_reference = 0;
  int64_t weight_bytes = 0;
  int64_t input_bytes = 0;
  int64_t output_bytes = 0;
  int64_t least_bytes = 0;  ///< of activations that pass through DRAM whatever stays on chip
  int mac_bits = 8;         ///< of what is multiplied: a PE does 8 / mac_bits MACs a cycle
};

/// A step the host does after the accelerator, in order, on the outputs (float32).
struct HostStep {
  std::string op;      ///< "softmax"
  std::string tensor;  ///< output it works on
  int64_t axis = -1;
  bool operator==(const HostStep&) const = default;
};

/// Everything a run needs. `code` is also placed in DRAM at code_addr (it is not among the
/// segments).
struct Program {
  std::string name;
  isa::HwParams hw;
  uint32_t code_addr = 0;  ///< multiple of 64
  std::vector<isa::Words> code;
  std::vector<Segment> segments;
  uint64_t dram_bytes = 0;  ///< DRAM the program uses: every address is below
  int64_t batch = 1;        ///< items of a run, of all repetitions
  int64_t repeat = 1;       ///< batches that run one behind the other
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  std::vector<LayerInfo> layers;
  std::vector<HostStep> host_steps;

  /// Writes the file through a temporary beside it; throws Error (unwritable).
  void save(const std::filesystem::path& path) const;
  /// Reads and checks magic, version, checksum and structure; throws Error naming file and reason.
  static Program load(const std::filesystem::path& path);
};

/// Throws Error naming the parameter if `program` was compiled for other hardware than `hw`.
void check_program_for(const Program& program, const isa::HwParams& hw,
                       const std::string& arch_name);

}  // namespace systole::program
