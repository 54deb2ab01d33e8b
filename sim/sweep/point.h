// SPDX-License-Identifier: Apache-2.0
// One point of a sweep: what is to run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "compiler/choices/choices.h"
#include "compiler/quant/precision.h"
#include "sim/energy/table.h"

namespace systole::sweep {

/// Everything that a result depends on.
struct SweepPoint {
  std::string network;              ///< as the sweep names it
  std::filesystem::path file;       ///< the network's file: ONNX, or a SCALE-Sim topology (.csv)
  std::string arch;                 ///< name or file of the architecture
  std::vector<std::string> set;     ///< "key=value", as --set
  quant::LayerWidths widths;        ///< of all layers but the first and the last
  std::filesystem::path precision;  ///< policy.yaml, in place of `widths`; empty: none
  std::string prune = "none";       ///< as parse_joined_prune
  int64_t batch = 1;
  int64_t repeat = 1;               ///< batches, one behind the other
  std::vector<std::string> shapes;  ///< "NAME=N,C,H,W", as --shape
  choices::Choices choices;         ///< the compiler's own
  std::string calib_method = "min-max";
  std::string energy_table = energy::kDefaultEnergyTable;  ///< name or file
  bool host_fallback = false;    ///< the host runs what the accelerator cannot
  std::filesystem::path data;    ///< dataset.yaml with labels, to run on; empty: no accuracy
  size_t data_limit = 0;         ///< its first items alone; 0: all
  std::string metric;            ///< of metric::metrics(), in place of `top1`; empty: none
  std::string metric_command;    ///< as --metric-command, likewise
  std::filesystem::path calib;   ///< dataset.yaml whose ranges it is classified with
  bool bias_correction = false;  ///< as --bias-correction, of what it classifies

  bool has_metric() const { return !metric.empty() || !metric_command.empty(); }
  bool operator==(const SweepPoint&) const = default;
};

}  // namespace systole::sweep
