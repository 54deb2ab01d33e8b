// SPDX-License-Identifier: Apache-2.0
// What `accuracy` says of each form of a network, as lines and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "compiler/data/dataset.h"
#include "compiler/fidelity/layers.h"
#include "model/arch/arch.h"
#include "sim/cli/json_option.h"
#include "sim/cli/streams.h"
#include "sim/metric/command.h"
#include "sim/metric/metric.h"

namespace systole::cli {

/// What to measure by: a metric, or a command if there is one.
struct MetricChoice {
  metric::Metric metric = metric::Metric::kTop1;
  std::string command;
  size_t groups = 0;  ///< of the command, for its standard error

  bool is_top1() const { return command.empty() && metric == metric::Metric::kTop1; }
  bool is_share() const { return command.empty() && metric::is_share(metric); }
  bool needs_float32() const { return command.empty() && !metric::needs_labels(metric); }
  std::string name() const { return command.empty() ? metric::name_of(metric) : "command"; }
};

/// What a form of the network is worth, item by item.
struct Measured {
  size_t items = 0;
  double seconds = 0;
  metric::Scores scores;                           ///< of a metric that has a name
  metric::Scores noise;                            ///< against float32
  metric::Outputs outputs;                         ///< kept for a command
  std::optional<metric::Replicates> replicates{};  ///< of a command
};

/// Weighs each form of the network and tells it at once.
class AccuracyReport {
 public:
  /// `data`: the labels. `data` and `outputs` must stay.
  AccuracyReport(const JsonOption& json, const MetricChoice& choice, const data::Dataset& data,
                 const std::vector<metric::Output>& outputs);

  void headline(const arch::ArchConfig& arch, const std::string& network, const std::string& data);
  /// Weighs what a form gives for `item`. `exact`: the first output in float32; null: there is
  /// none. Throws Error if the metric does not take it.
  void take(Measured& to, size_t item, std::vector<std::vector<float>> outputs,
            const std::vector<float>* exact) const;
  /// Of metrics that need float32 nothing is told of a form that was not held against it.
  void form(const std::string& name, Measured& measured);
  /// What quantising changed since `before`, and how far it is from float32.
  void change(const std::string& name, const Measured& before, const Measured& quantised);
  /// Which layer does what, in a table of its own.
  void layers(const fidelity::NetworkFidelity& network);
  void finish() const { json_.write(result_); }

 private:
  metric::Figure figure(const Measured& measured) const;
  metric::Figure figure_of_change(const Measured& before, const Measured& after) const;
  std::string counted(const Measured& measured) const;

  const JsonOption& json_;
  const Say say_;
  const MetricChoice choice_;
  const data::Dataset& data_;
  const metric::Command command_;
  nlohmann::ordered_json result_;
};

}  // namespace systole::cli
