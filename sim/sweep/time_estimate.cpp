// SPDX-License-Identifier: Apache-2.0
// Means of what ran before; for other networks a time for each of their nodes.
#include "sim/sweep/time_estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "compiler/onnx/model_file.h"
#include "sim/report/format.h"
#include "sim/sweep/identity.h"

namespace systole::sweep {
namespace {

constexpr double kSecondsOfPoint = 0.04;  // a process, the database
constexpr double kSecondsOfNode = 0.01;   // planning, simulation

/// Nodes of a network, or lines of a topology.
size_t nodes_of(const std::filesystem::path& file) {
  if (file.extension() != ".csv")
    return static_cast<size_t>(importer::read_model(file).graph().node_size());
  std::ifstream in(file);
  size_t lines = 0;
  for (std::string line; std::getline(in, line);) ++lines;
  return lines;
}

}  // namespace

std::string TimeEstimate::text(int jobs) const {
  const double each = points > 0 ? seconds / static_cast<double>(points) : 0;
  const char* source = measured == points ? "as those that ran before"
                       : measured == 0    ? "by the networks' nodes"
                                          : "by points that ran before and the networks' nodes";
  return fmt::format("about {} with {} at once: {:.2f} s a point, {}",
                     report::duration_text(std::max(1.0, seconds / jobs)), jobs, each, source);
}

const TimeEstimator::Network& TimeEstimator::network(const SweepPoint& point) {
  const auto [entry, fresh] = networks_.try_emplace(point.file.string());
  if (!fresh) return entry->second;
  const auto known =
      measured_.empty() ? measured_.end() : measured_.find(network_identity(point.file));
  if (known != measured_.end())
    entry->second = {known->second, true};
  else
    entry->second = {kSecondsOfPoint + kSecondsOfNode * static_cast<double>(nodes_of(point.file)),
                     false};
  return entry->second;
}

void TimeEstimator::add(const SweepPoint& point) {
  const Network& known = network(point);
  ++estimate_.points;
  estimate_.seconds += known.seconds;
  estimate_.measured += known.measured;
}

}  // namespace systole::sweep
