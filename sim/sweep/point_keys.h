// SPDX-License-Identifier: Apache-2.0
// What a sweep file may say of a point: each key, and the change that its value makes.
#pragma once

#include <string>
#include <vector>

#include "sim/sweep/axis.h"
#include "sim/sweep/spec_file.h"
#include "sim/sweep/values.h"

namespace systole::sweep {

class PointKeys {
 public:
  /// `file` outlives it.
  explicit PointKeys(const SpecFile& file) : file_(file) {}

  /// Of the key `key`: network, architecture, memory, weights, activations, precision, prune,
  /// batch, repeat, shape, calib_method, host_fallback, energy, data, calib, metric,
  /// metric_command, a choice of the compiler, or a key of an architecture. Throws Error with
  /// place: an unknown key, a value of the wrong kind, files and names that are not there.
  Choice read(const YAML::Node& key, const Value& value) { return read(key.Scalar(), key, value); }
  /// The same, for the value of a list that is called otherwise.
  Choice read(const std::string& name, const YAML::Node& key, const Value& value);
  /// All of a map, together.
  Choice read_all(const YAML::Node& map);
  /// Of a member of a workload: a network, and what it says for itself.
  Choice read_member(const YAML::Node& map) {
    return own_network(map, "network", {"weight", "require"});
  }
  /// Refuses a key `name` that no architecture has.
  void check_architecture_key(const YAML::Node& key, const std::string& name) const;

  /// Keys of architectures and choices that were read, in their order.
  const std::vector<std::string>& overridden() const { return overridden_; }
  /// Adds one that is not read here.
  void add_overridden(const std::string& key);

 private:
  Choice network(const Value& value);
  Choice own_network(const YAML::Node& map, const std::string& file_key,
                     const std::vector<std::string>& others);
  Choice architecture(const YAML::Node& node);
  Choice memory(const YAML::Node& node);
  /// Of `key`: batch, repeat.
  Choice count(const std::string& key, const Value& value, int64_t most,
               int64_t SweepPoint::*member) const;
  Choice bits(const std::string& key, const Value& value, int quant::LayerWidths::*operand) const;
  Choice precision(const YAML::Node& node) const;
  Choice prune(const YAML::Node& node) const;
  Choice shape(const YAML::Node& node) const;
  Choice calib_method(const YAML::Node& node) const;
  Choice host_fallback(const YAML::Node& node) const;
  Choice metric(const YAML::Node& node) const;
  Choice metric_command(const YAML::Node& node) const;
  Choice energy(const YAML::Node& node) const;
  /// Of `key`: data, calib.
  Choice dataset(const std::string& key, const YAML::Node& node,
                 std::filesystem::path SweepPoint::*member) const;
  Choice override_with(const YAML::Node& key, const std::string& name, const Value& value);
  Choice compiler_choice(const YAML::Node& key, const std::string& name, const Value& value);
  void check_kind(const std::string& key, const Value& value) const;

  const SpecFile& file_;
  std::vector<std::string> overridden_;
};

}  // namespace systole::sweep
