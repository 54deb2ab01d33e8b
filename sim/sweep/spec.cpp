// SPDX-License-Identifier: Apache-2.0
// Reads the lists of a sweep and multiplies them.
#include "sim/sweep/spec.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "compiler/prune/prune_spec.h"
#include "model/base/error.h"
#include "sim/energy/table.h"

namespace systole::sweep {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostPoints = 1'000'000;
constexpr int64_t kMaxBatch = 4096;

/// Overrides that go together.
using Overrides = std::vector<std::string>;

/// Alternatives, each of which changes a point.
using Dimension = std::vector<std::function<void(SweepPoint&)>>;

std::function<void(SweepPoint&)> overriding(const Overrides& set) {
  return [set](SweepPoint& point) { point.set.insert(point.set.end(), set.begin(), set.end()); };
}

struct Architecture {
  std::string name;
  Overrides set;
};

class SpecReader {
 public:
  explicit SpecReader(const fs::path& file) : file_(file.string()), folder_(file.parent_path()) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) throw Error(file_ + ": no such file");
    try {
      root_ = YAML::LoadFile(file_);
    } catch (const YAML::Exception& broken) {
      throw Error(fmt::format("{}:{}: {}", file_, broken.mark.line + 1, broken.msg));
    }
    if (!root_.IsMap()) throw Error(file_ + ": expected a map with networks and architectures");
  }

  SweepSpec read() {
    for (const auto& entry : root_) read_key(entry.first, entry.second);
    if (networks_.empty()) throw Error(file_ + ": networks: missing, a sweep must name some");
    if (archs_.empty()) throw Error(file_ + ": architectures: missing, a sweep must name some");
    multiply();
    return std::move(spec_);
  }

 private:
  std::string place(const YAML::Node& node) const {
    return fmt::format("{}:{}", file_, node.Mark().line + 1);
  }

  void read_key(const YAML::Node& key, const YAML::Node& value) {
    const std::string name = key.IsScalar() ? key.Scalar() : "";
    if (name == "networks") {
      for (const YAML::Node& node : list(key, value)) networks_.push_back(network(node));
    } else if (name == "architectures") {
      for (const YAML::Node& node : list(key, value)) archs_.push_back(architecture(node));
    } else if (name == "set") {
      if (!value.IsMap()) throw Error(place(key) + ": set: expected a map of keys to lists");
      for (const auto& entry : value) add_set(entry.first, entry.second);
    } else if (name == "memory") {
      Dimension memories;
      for (const YAML::Node& node : list(key, value)) memories.push_back(overriding(memory(node)));
      dimensions_.push_back(std::move(memories));
    } else if (name == "weights") {
      add_widths(key, value, &quant::LayerWidths::weights);
    } else if (name == "activations") {
      add_widths(key, value, &quant::LayerWidths::activations);
    } else if (name == "prune") {
      add_prunings(key, value);
    } else if (name == "batch") {
      batches_.clear();
      for (const YAML::Node& node : list(key, value)) batches_.push_back(batch(node));
    } else if (name == "host_fallback") {
      host_fallback_ = truth(value);
    } else if (name == "energy") {
      energy_table_ = in_folder(scalar(value, "the name or file of a table of energies"));
      energy::load_energy_table(energy_table_);
    } else {
      throw Error(
          fmt::format("{}: unknown key '{}', expected networks, architectures, weights, "
                      "activations, prune, set, memory, batch, host_fallback or energy",
                      place(key), name));
    }
  }

  std::vector<YAML::Node> list(const YAML::Node& key, const YAML::Node& value) const {
    if (!value.IsSequence() || value.size() == 0)
      throw Error(fmt::format("{}: {}: expected a list", place(key), key.Scalar()));
    return {value.begin(), value.end()};
  }

  std::string scalar(const YAML::Node& node, const char* what) const {
    if (!node.IsScalar() || node.Scalar().empty())
      throw Error(fmt::format("{}: expected {}", place(node), what));
    return node.Scalar();
  }

  bool truth(const YAML::Node& node) const {
    bool value = false;
    if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value))
      throw Error(fmt::format("{}: host_fallback: expected true or false", place(node)));
    return value;
  }

  std::string network(const YAML::Node& node) const {
    const std::string name = scalar(node, "the file of a network");
    std::error_code error;
    if (!fs::is_regular_file(folder_ / name, error))
      throw Error(fmt::format("{}: {}: no such file", place(node), name));
    return name;
  }

  /// A name or file, or a map with `name` and overrides.
  Architecture architecture(const YAML::Node& node) {
    Architecture arch;
    if (node.IsMap()) {
      for (const auto& entry : node) {
        if (entry.first.Scalar() == "name")
          arch.name = scalar(entry.second, "the name of an architecture");
        else
          arch.set.push_back(assignment(entry.first.Scalar(), entry.second));
      }
      if (arch.name.empty())
        throw Error(fmt::format("{}: name: missing, expected an architecture", place(node)));
    } else {
      arch.name = scalar(node, "the name or file of an architecture");
    }
    arch.name = in_folder(arch.name);
    return arch;
  }

  /// A file is relative to the sweep's; a name stays one.
  std::string in_folder(const std::string& name_or_path) const {
    const fs::path path = name_or_path;
    const bool file = path.has_parent_path() || path.extension() == ".yaml";
    return file && path.is_relative() ? (folder_ / path).string() : name_or_path;
  }

  Overrides memory(const YAML::Node& node) {
    if (!node.IsMap() || node.size() == 0)
      throw Error(fmt::format("{}: memory: expected a map such as {{kind: ideal, gb_per_s: 16}}",
                              place(node)));
    Overrides set;
    for (const auto& entry : node)
      set.push_back(assignment("memory." + entry.first.Scalar(), entry.second));
    return set;
  }

  void add_set(const YAML::Node& key, const YAML::Node& values) {
    Dimension dimension;
    for (const YAML::Node& node : list(key, values))
      dimension.push_back(overriding({assignment(key.Scalar(), node)}));
    dimensions_.push_back(std::move(dimension));
  }

  void add_widths(const YAML::Node& key, const YAML::Node& values,
                  int quant::LayerWidths::*operand) {
    Dimension dimension;
    for (const YAML::Node& node : list(key, values)) {
      const std::string text = node.IsScalar() ? node.Scalar() : "";
      const bool known = text == "8" || text == "4" || text == "2" || text == "1";
      if (!known)
        throw Error(fmt::format("{}: {}: '{}', expected 8, 4, 2 or 1 bits", place(node),
                                key.Scalar(), text));
      const int bits = text[0] - '0';
      dimension.emplace_back([=](SweepPoint& point) { point.widths.*operand = bits; });
    }
    dimensions_.push_back(std::move(dimension));
  }

  void add_prunings(const YAML::Node& key, const YAML::Node& values) {
    Dimension dimension;
    for (const YAML::Node& node : list(key, values)) {
      const std::string text = scalar(node, "none, or what --prune takes");
      prune::parse_joined_prune(text, place(node) + ": prune:");  // throws
      dimension.emplace_back([=](SweepPoint& point) { point.prune = text; });
    }
    dimensions_.push_back(std::move(dimension));
  }

  std::string assignment(const std::string& key, const YAML::Node& value) {
    auto& keys = spec_.keys;
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    return key + "=" + scalar(value, "a value");
  }

  int64_t batch(const YAML::Node& node) const {
    const std::string text = scalar(node, "a batch");
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > kMaxBatch)
      throw Error(fmt::format("{}: batch: '{}', expected a whole number in 1..{}", place(node),
                              text, kMaxBatch));
    return value;
  }

  void multiply() {
    double count = static_cast<double>(networks_.size() * archs_.size() * batches_.size());
    for (const Dimension& dimension : dimensions_) count *= static_cast<double>(dimension.size());
    if (count > static_cast<double>(kMostPoints))
      throw Error(fmt::format("{}: {:.3g} points, expected at most {}", file_, count, kMostPoints));
    for (const std::string& network : networks_)
      for (const Architecture& arch : archs_)
        add_points({network,
                    folder_ / network,
                    arch.name,
                    arch.set,
                    {},
                    "none",
                    1,
                    energy_table_,
                    host_fallback_},
                   0);
  }

  void add_points(SweepPoint point, size_t dimension) {
    if (dimension < dimensions_.size()) {
      for (const auto& change : dimensions_[dimension]) {
        SweepPoint next = point;
        change(next);
        add_points(std::move(next), dimension + 1);
      }
      return;
    }
    for (const int64_t batch : batches_) {
      point.batch = batch;
      spec_.points.push_back(point);
    }
  }

  const std::string file_;
  const fs::path folder_;
  YAML::Node root_;
  std::vector<std::string> networks_;
  std::vector<Architecture> archs_;
  std::vector<Dimension> dimensions_;
  std::vector<int64_t> batches_ = {1};
  std::string energy_table_ = energy::kDefaultEnergyTable;
  bool host_fallback_ = false;
  SweepSpec spec_;
};

}  // namespace

SweepSpec load_sweep(const std::filesystem::path& file) { return SpecReader(file).read(); }

}  // namespace systole::sweep
