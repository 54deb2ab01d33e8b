// SPDX-License-Identifier: Apache-2.0
// The compiler's two halves: an ONNX file to a quantised graph, a quantised graph to a program.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/graph/qgraph.h"
#include "compiler/prune/prune.h"
#include "compiler/quant/precision.h"
#include "model/arch/arch.h"
#include "model/isa/program.h"

namespace systole {

/// Dimensions that the user gives inputs, by name; they bind dynamic ones.
using InputShapes = std::map<std::string, std::vector<int64_t>>;

struct FrontOptions {
  int64_t batch = 1;
  const Dataset* calibration = nullptr;  ///< null: ranges from seeded random inputs, and a warning
  /// Not empty: `calibration` is the data of the run, given by this option, in place of data to
  /// calibrate with; a warning says so, and a network that needs none does not refuse it.
  std::string calibration_stand_in;
  std::vector<std::string>* warnings = nullptr;
  std::string* ir_dump = nullptr;  ///< receives the text of the IR after each pass
  InputShapes shapes;
  PruneOptions prune;         ///< before calibration
  PrecisionPolicy precision;  ///< widths of the weights and activations, and how they are rounded
  /// What the network's own integers may be stored in: the narrowest that the hardware takes.
  LayerWidths narrowest;
  std::string range_method = "min-max";  ///< of range_method_names()
  /// Called now and then with the operators that have run for calibration, of `total`; may be
  /// empty.
  std::function<void(size_t done, size_t total)> progress;
};

/// Import, fold, calibrate, quantise, fuse. Throws Error: bad file (kBadInput) or operators that
/// cannot be compiled (kCannotCompile; all of them, by node and reason).
QGraph compile_front(const std::filesystem::path& onnx, const FrontOptions& options);

/// The inputs that nodes of a network read, to give data for; nothing of it is compiled. `host`:
/// the host may take some of them.
std::vector<NetworkInput> network_inputs(const std::filesystem::path& onnx,
                                         const InputShapes& shapes = {}, bool host = false);

/// The float32 network, for accuracy and calibration; pruned, if `prune` says so.
class FloatNetwork {
 public:
  virtual ~FloatNetwork() = default;
  virtual const std::vector<NetworkInput>& inputs() const = 0;
  /// Shape of the first input as stated, with batch 1.
  const std::vector<int64_t>& input_shape() const { return inputs()[0].shape; }
  /// Runs one item; returns the first output, flattened.
  virtual std::vector<float> run(const Item& item) const = 0;
  std::vector<float> run(const std::vector<float>& input) const { return run(Item{input}); }
};
std::unique_ptr<FloatNetwork> load_float_network(const std::filesystem::path& onnx,
                                                 const InputShapes& shapes = {},
                                                 const PruneOptions& prune = {});

struct BackOptions {
  std::string* ir_dump = nullptr;
  /// Called now and then with the steps of the search for a plan that are done, of `total`; may be
  /// empty.
  std::function<void(size_t done, size_t total)> progress = {};
};

/// Tile, allocate, schedule, emit. Throws Error (kCannotCompile) naming layer and reason.
Program compile_back(const QGraph& graph, const ArchConfig& arch, const BackOptions& options);

/// Runs the quantised graph directly on int8 tensors (bit-exact with the hardware; for accuracy).
/// `inputs`: stored bytes NHWC of each of graph.inputs, whole batch; returns the stored bytes of
/// each output.
std::vector<std::vector<int8_t>> run_qgraph(const QGraph& graph,
                                            const std::vector<std::vector<int8_t>>& inputs);
inline std::vector<std::vector<int8_t>> run_qgraph(const QGraph& graph,
                                                   const std::vector<int8_t>& input) {
  return run_qgraph(graph, std::vector<std::vector<int8_t>>{input});
}

/// Float item in the order the network states (NCHW, [features], or NHWC where the tensor says so)
/// -> stored bytes NHWC by the tensor's scale and zero point, and back.
std::vector<int8_t> quantise_input(const TensorInfo& info, const std::vector<float>& item);
/// The stored bytes of each input of a graph of batch 1.
std::vector<std::vector<int8_t>> quantise_item(const QGraph& graph, const Item& item);
std::vector<float> dequantise_output(const TensorInfo& info, const int8_t* stored, int64_t item);

}  // namespace systole
