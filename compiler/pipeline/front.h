// SPDX-License-Identifier: Apache-2.0
// What the front half of the compiler takes, and its steps for one stage of the accelerator.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/exec/float_executor.h"
#include "compiler/graph/graph.h"
#include "compiler/graph/qgraph.h"
#include "compiler/onnx/input_shapes.h"
#include "compiler/prune/prune.h"
#include "compiler/quant/layer_data.h"
#include "compiler/quant/precision.h"
#include "compiler/quant/stated.h"

namespace systole::pipeline {

struct FrontOptions {
  int64_t batch = 1;
  const data::Dataset* calibration =
      nullptr;  ///< null: ranges from seeded random inputs, and a warning
  /// Not empty: `calibration` is the data of the run, given by this option, in place of data to
  /// calibrate with; a warning says so, and a network that needs none does not refuse it.
  std::string calibration_stand_in;
  std::vector<std::string>* warnings = nullptr;
  std::string* ir_dump = nullptr;  ///< receives the text of the IR after each pass
  /// Receives what each stage of the accelerator states for itself once it is quantised.
  std::vector<quant::StatedGraph>* stated = nullptr;
  importer::InputShapes shapes;
  bool host = false;  ///< the host runs what the accelerator cannot
  /// No data will ever go through it: without calibration data its ranges are made up, which its
  /// cycles do not depend on.
  bool timing_only = false;
  /// Activations and residual adds go into the operators before them; else they are operators of
  /// their own, except where the network itself rounds once.
  bool fuse = true;
  prune::PruneOptions prune;  ///< before calibration
  quant::PrecisionPolicy
      precision;  ///< widths of the weights and activations, and how they are rounded
  /// What the network's own integers may be stored in: the narrowest that the hardware takes.
  quant::LayerWidths narrowest;
  std::string range_method = "min-max";  ///< of range_method_names()
  /// Called now and then with the operators that have run for calibration, of `total`; may be
  /// empty.
  std::function<void(size_t done, size_t total)> progress;
};

/// The inputs that nodes of a network read, to give data for; nothing of it is compiled. `host`:
/// the host may take some of them.
std::vector<data::NetworkInput> network_inputs(const std::filesystem::path& onnx,
                                               const importer::InputShapes& shapes = {},
                                               bool host = false);

/// Imports `onnx` and runs the passes; every error names the file.
graph::Graph load_graph(const std::filesystem::path& onnx, std::vector<std::string>* warnings,
                        std::string* dump, const importer::InputShapes& shapes = {});

/// What compile_front does with the network that load_graph has read, if it is one stage:
/// calibrates and quantises it. `pruned`: what prune_plan has made of it.
graph::QGraph quantise_graph(const exec::FloatExecutor& executor, const prune::PruneResult& pruned,
                             const FrontOptions& options);

/// Warns of data for calibration that a network which states all its scales has no use for.
void warn_of_unused_calibration(const FrontOptions& options);

/// Throws Error (cannot compile) for a layer that was given zeros and has 1-bit weights.
void check_zeros(const graph::Graph& graph, const std::vector<quant::LayerWidths>& layers,
                 const prune::PruneResult& pruned);

/// Throws Error if weights of a network in `parts` are to be rounded with error feedback, or its
/// biases corrected, and no layer rounds its weights, or there is no calibration data.
void check_layer_data(const std::vector<const graph::Graph*>& parts, const FrontOptions& options);
/// What is to be looked at for that of the inputs of the layers of `graph`, which must outlive it.
quant::LayerData layer_data(const graph::Graph& graph, const FrontOptions& options);

}  // namespace systole::pipeline
