// SPDX-License-Identifier: Apache-2.0
// The options that ask for a network, and what commands tell of it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "sim/session/compile.h"

namespace systole::cli {

/// What all commands that compile take.
struct CompileOptions : session::NetworkRequest {
  bool dump_ir = false;
  bool sparsity = false;                 ///< tell zeros and patterns of the weights
  std::vector<std::string> calib_steps;  ///< they go into `range_method`

  void add_to(CLI::App& command, const std::string& network_help);
  /// Adds --data, whose help is `data_help`, and --input.
  void add_data_to(CLI::App& command, const std::string& data_help);
  /// Adds --shape, which add_to adds too.
  void add_shape_to(CLI::App& command);
  /// Adds --weights, --activations, --precision and what add_calibration_to adds; add_to does so
  /// too.
  void add_precision_to(CLI::App& command);
  /// Adds --calib-method, --bias-correction and --calib-steps.
  void add_calibration_to(CLI::App& command);
  /// Adds --prune, which add_to adds too.
  void add_prune_to(CLI::App& command);
  /// Adds --sparsity.
  void add_sparsity_to(CLI::App& command);
  /// Adds --host-fallback.
  void add_host_fallback_to(CLI::App& command);
  /// Adds --topology, --depthwise and --timeloop-problem, in place of the network.
  void add_topology_to(CLI::App& command);
  /// Throws Error for --sparsity where there are no weights to look at.
  void check_sparsity() const;

 private:
  /// Puts the steps behind the method. Throws Error where there is nothing to scale.
  void take_steps();
};

/// compile_network with progress; --dump-ir is printed to standard output.
session::CompiledNetwork compile_shown(const CompileOptions& options, const arch::ArchConfig& arch);

/// To standard error; call it when nothing can go wrong with the input any more, so that an error
/// stands alone.
void print_warnings(const std::vector<std::string>& warnings);

}  // namespace systole::cli
