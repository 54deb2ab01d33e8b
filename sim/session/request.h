// SPDX-License-Identifier: Apache-2.0
// A network that is asked for: its file, and all that decides what is made of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/choices/choices.h"
#include "compiler/data/dataset.h"
#include "compiler/pipeline/front.h"
#include "model/arch/arch.h"

namespace systole::session {

inline constexpr int64_t kMostRepetitions = 1024;

/// As users write it; what is wrong with it is found when it is used.
struct NetworkRequest {
  std::filesystem::path network;   ///< NET.onnx, or PROGRAM.sysb where a program will do
  std::filesystem::path topology;  ///< instead of a network: layers of a SCALE-Sim topology
  std::string depthwise;           ///< of it: native, scalesim; empty: native, which is then told
  std::filesystem::path timeloop_problem;  ///< or a single layer, as Timeloop writes it
  int64_t batch = 1;
  std::filesystem::path calibration;  ///< dataset.yaml; empty: the run's data, or random ranges
  /// In its place, of an ONNX file: the data themselves.
  std::shared_ptr<const data::Dataset> calibration_values = {};
  std::filesystem::path data;       ///< of the run: dataset.yaml
  std::vector<std::string> inputs;  ///< or "FILE.npy", "NAME=FILE.npy"
  std::vector<std::string> shapes;  ///< "NAME=N,C,H,W"
  int weight_bits = 0;              ///< of all layers but the first and last; 0: as the policy says
  int activation_bits = 0;          ///< likewise
  std::filesystem::path precision;  ///< policy.yaml
  std::string range_method = "min-max";
  bool bias_correction = false;
  std::vector<std::string> prune;  ///< "KIND:AMOUNT[@PATTERN]"
  bool host_fallback = false;      ///< the host runs what the accelerator cannot
  int64_t repeat = 1;              ///< batches that run one behind the other
  choices::Choices choices = {};   ///< the compiler's own
  bool tells_mapping = false;      ///< how layers are cut is to be told
  bool tells_tensors = false;      ///< where tensors are is to be told
  std::filesystem::path mapping;   ///< mapping.yaml: how they are to be cut; it is told too
  bool timing_only = false;        ///< no data will go through it, nor through its program file

  /// Network, topology or problem.
  const std::filesystem::path& file() const {
    return !topology.empty() ? topology : !timeloop_problem.empty() ? timeloop_problem : network;
  }
  /// Layers alone, without values: a topology or a problem.
  bool is_layers() const { return !topology.empty() || !timeloop_problem.empty(); }
  bool is_program() const;
  /// Whether there are weights to look at: not in program files and topologies.
  bool has_weights() const { return !is_layers() && !is_program(); }
  bool has_data() const { return !data.empty() || !inputs.empty(); }
  bool sets_precision() const {
    return weight_bits != 0 || activation_bits != 0 || !precision.empty() || bias_correction;
  }
  /// What `shapes` says. Throws Error.
  importer::InputShapes input_shapes() const;
  /// Reads the policy. Throws Error.
  quant::PrecisionPolicy precision_policy() const;
  prune::PruneOptions prune_options(const arch::ArchConfig& arch) const;
  /// What the front takes for `arch`; `calibrated` (null: none) outlives it. Reads the policy.
  pipeline::FrontOptions front_options(const arch::ArchConfig& arch,
                                       const data::Dataset* calibrated) const;
  /// What data can be given for, of an ONNX file. Throws Error.
  std::vector<data::NetworkInput> taken() const;
  /// `times` batches of `items`: of `data` one after the other, of `inputs` the same each time;
  /// nothing if there is none. Throws Error for both.
  std::optional<data::Dataset> load_data(const std::vector<data::NetworkInput>& taken,
                                         int64_t items, int64_t times = 1) const;
};

bool is_program_file(const std::filesystem::path& file);

}  // namespace systole::session
