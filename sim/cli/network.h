// SPDX-License-Identifier: Apache-2.0
// From a network or a program file on the command line to a program that is ready to run.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compiler/pipeline/front.h"
#include "compiler/pipeline/plan.h"
#include "model/arch/arch.h"
#include "model/program/program.h"

namespace systole {

/// What all commands that compile take.
struct CompileOptions {
  std::filesystem::path network;   ///< NET.onnx, or PROGRAM.sysb where a command takes it
  std::filesystem::path topology;  ///< instead of a network: layers of a SCALE-Sim topology
  int64_t batch = 1;
  std::filesystem::path calibration;  ///< dataset.yaml; empty: the run's data, or random ranges
  std::filesystem::path data;         ///< of the run: dataset.yaml
  std::vector<std::string> inputs;    ///< or "FILE.npy", "NAME=FILE.npy"
  std::vector<std::string> shapes;    ///< "NAME=N,C,H,W"
  int activation_bits = 0;            ///< likewise
  int weight_bits = 0;              ///< of all layers but the first and last; 0: as the policy says
  std::filesystem::path precision;  ///< policy.yaml
  std::string range_method = "min-max";
  bool bias_correction = false;
  std::vector<std::string> prune;  ///< "KIND:AMOUNT[@PATTERN]"
  bool dump_ir = false;
  bool sparsity = false;       ///< tell zeros and patterns of the weights
  bool host_fallback = false;  ///< the host runs what the accelerator cannot

  void add_to(CLI::App& command, const std::string& network_help);
  /// Adds --data, whose help is `data_help`, and --input.
  void add_data_to(CLI::App& command, const std::string& data_help);
  bool has_data() const { return !data.empty() || !inputs.empty(); }
  /// One batch of --data or --input; nothing if there is none. Throws Error for both.
  std::optional<Dataset> load_data(const std::vector<NetworkInput>& taken, int64_t items) const;
  /// The same for `program`, or the network that it was compiled from.
  std::optional<Dataset> load_data(const Program& program) const;
  std::optional<Dataset> load_data(const NetworkPlan& plan) const;
  /// Adds --shape, which add_to adds too.
  void add_shape_to(CLI::App& command);
  /// Adds --weights, --activations, --precision and what add_calibration_to adds; add_to does so
  /// too.
  void add_precision_to(CLI::App& command);
  /// Adds --calib-method and --bias-correction.
  void add_calibration_to(CLI::App& command);
  PrecisionPolicy precision_policy() const;
  bool sets_precision() const {
    return weight_bits != 0 || activation_bits != 0 || !precision.empty() || bias_correction;
  }
  /// Adds --prune, which add_to adds too.
  void add_prune_to(CLI::App& command);
  PruneOptions prune_options(const ArchConfig& arch) const;
  /// What the front takes for `arch`; `calibrated` (null: none) outlives it. Reads the policy.
  FrontOptions front_options(const ArchConfig& arch, const Dataset* calibrated) const;
  /// Adds --sparsity.
  void add_sparsity_to(CLI::App& command);
  /// Whether the network's own weights are there to look at; throws Error for --sparsity if not.
  bool has_weights() const;
  /// Adds --host-fallback.
  void add_host_fallback_to(CLI::App& command);
  /// Adds --topology, in place of the network.
  void add_topology_to(CLI::App& command);
  /// Network or topology.
  const std::filesystem::path& file() const { return topology.empty() ? network : topology; }
};

/// A program and, if it was compiled here, the graph it was compiled from.
struct CompiledNetwork {
  Program program;
  std::optional<QGraph> graph;
  std::vector<std::string> warnings;

  /// To stderr; call it when nothing can go wrong with the input any more, so that an error stands
  /// alone.
  void print_warnings() const;
};

bool is_program_file(const std::filesystem::path& file);

/// Compiles `options.network` for `arch`, or loads it if it is a program file, which must be for
/// `arch`.
/// --dump-ir is printed to stdout.
CompiledNetwork compile_network(const CompileOptions& options, const ArchConfig& arch);

/// A network in stages; host stages have empty programs.
struct CompiledPlan {
  NetworkPlan plan;
  std::vector<Program> programs;
  std::vector<std::string> warnings;
};

/// Compiles `options.network` with the host's help (options.host_fallback).
CompiledPlan compile_staged(const CompileOptions& options, const ArchConfig& arch);

/// Prints warnings to stderr.
void print_warnings(const std::vector<std::string>& warnings);

}  // namespace systole
