// SPDX-License-Identifier: Apache-2.0
// Reads the keys that a sweep does not have.
#include "sim/optimise/problem.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "model/base/error.h"

namespace systole::optimise {
namespace {

constexpr size_t kMostPoints = 1'000'000, kLeastPopulation = 8, kMostPopulation = 10'000;

class Reader {
 public:
  Problem read(const std::filesystem::path& file, bool needs_budget) {
    problem_.file = file.string();
    problem_.space = std::make_unique<sweep::SweepSpace>(
        file, [&](const sweep::SpecFile& spec, const YAML::Node& key, const YAML::Node& value) {
          return take(spec, key, value);
        });
    if (problem_.objectives.empty()) fail("objectives: missing, an optimisation must state them");
    if (problem_.budget == 0 && needs_budget)
      fail("budget: missing, an optimisation must state it");
    check_workload();
    check_axes();
    check_data();
    return std::move(problem_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(fmt::format("{}: {}", problem_.file, problem));
  }

  bool take(const sweep::SpecFile& spec, const YAML::Node& key, const YAML::Node& value) {
    const std::string name = key.IsScalar() ? key.Scalar() : "";
    if (name == "objectives")
      read_objectives(spec, key, value);
    else if (name == "budget")
      problem_.budget = number(spec, name, value, 1, kMostPoints);
    else if (name == "population")
      read_population(spec, name, value);
    else if (name == "samples" || name == "sampling")
      spec.fail(value, name + ": an optimisation chooses points itself, expected budget");
    else
      return false;
    return true;
  }

  static size_t number(const sweep::SpecFile& spec, const std::string& name,
                       const YAML::Node& value, size_t least, size_t most) {
    const std::string expected = fmt::format("a whole number in {}..{}", least, most);
    const std::string text = spec.scalar(value, expected);
    size_t made = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, made);
    if (error != std::errc() || end != last || made < least || made > most)
      spec.fail(value, fmt::format("{}: '{}', expected {}", name, text, expected));
    return made;
  }

  void read_population(const sweep::SpecFile& spec, const std::string& name,
                       const YAML::Node& value) {
    problem_.population = number(spec, name, value, kLeastPopulation, kMostPopulation);
    if (problem_.population % 4 != 0)
      spec.fail(value,
                fmt::format("population: {}, expected a multiple of 4", problem_.population));
  }

  /// A list of names, or of maps with `minimise` or `maximise`.
  void read_objectives(const sweep::SpecFile& spec, const YAML::Node& key,
                       const YAML::Node& value) {
    if (!value.IsSequence() || value.size() == 0)
      spec.fail(key, "objectives: expected a list such as [latency, energy, area]");
    for (const YAML::Node& one : value) {
      front::Objective made = read_objective(spec, one);
      for (const front::Objective& other : problem_.objectives)
        if (other.figure == made.figure)
          spec.fail(one, fmt::format("objectives: {} is there twice", made.name));
      problem_.objectives.push_back(std::move(made));
    }
  }

  static front::Objective read_objective(const sweep::SpecFile& spec, const YAML::Node& node) {
    const bool is_map = node.IsMap() && node.size() == 1;
    const std::string way = is_map ? node.begin()->first.Scalar() : "";
    if (node.IsMap() && way != "minimise" && way != "maximise")
      spec.fail(node, "objectives: expected a name, or minimise or maximise with one");
    const YAML::Node name = is_map ? node.begin()->second : node;
    try {
      front::Objective made = front::find_objective(spec.scalar(name, "the name of an objective"));
      if (is_map) made.maximise = way == "maximise";
      return made;
    } catch (const Error& error) {
      const std::string what = error.what();
      if (what.starts_with(spec.name())) throw;
      spec.fail(name, "objectives: " + what);
    }
  }

  /// A machine of a workload has the figures of a row of groups.
  void check_workload() const {
    if (!problem_.space->has_workload()) return;
    for (const front::Objective& one : problem_.objectives)
      if (one.name != "latency" && one.name != "energy" && one.name != "area")
        fail(fmt::format("objectives: a workload has no {}, expected latency, energy or area",
                         one.name));
  }

  /// A value that is there twice would be two points of the budget, and of the front.
  void check_axes() const {
    for (const sweep::Axis& axis : problem_.space->axes()) {
      std::set<std::string> seen;
      for (const sweep::Choice& choice : axis.choices)
        if (!choice.text.empty() && !seen.insert(choice.text).second)
          fail(fmt::format("{}: {} is there twice, expected each value once", axis.key,
                           choice.text));
    }
  }

  /// Accuracy of points without data, and figures of several batches.
  void check_data() const {
    for (const front::Objective& one : problem_.objectives) {
      const bool accuracy = one.figure == "top1", steady = one.figure.starts_with("steady_");
      if (!accuracy && !steady && one.figure != "metric") continue;
      const std::vector<sweep::Axis>& axes = problem_.space->axes();
      for (size_t axis = 0; axis < axes.size(); ++axis)
        for (uint32_t choice = 0; choice < axes[axis].choices.size(); ++choice) {
          sweep::Position position(axes.size());
          position[axis] = choice;
          const sweep::SweepPoint point = problem_.space->point_at(position).first;
          if (one.figure == "metric" && !point.has_metric())
            fail(
                fmt::format("objectives: metric of {}, expected metric or metric_command beside "
                            "data",
                            point.network));
          if (accuracy && point.has_metric())
            fail("objectives: accuracy is top-1, expected metric as there is one");
          if (accuracy && point.data.empty())
            fail(fmt::format("objectives: accuracy needs data that {} classifies, expected data",
                             point.network));
          if (steady && point.repeat < 2)
            fail(fmt::format("objectives: {} needs several batches, expected repeat above 1",
                             one.name));
        }
    }
  }

  Problem problem_;
};

}  // namespace

Problem load_problem(const std::filesystem::path& file, bool needs_budget) {
  return Reader().read(file, needs_budget);
}

}  // namespace systole::optimise
