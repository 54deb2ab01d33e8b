// SPDX-License-Identifier: Apache-2.0
// Reads the axes of a sweep and makes the points of their space.
#include "sim/sweep/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "model/base/error.h"
#include "sim/sweep/axis.h"
#include "sim/sweep/limits.h"
#include "sim/sweep/point_keys.h"
#include "sim/sweep/spec_file.h"
#include "sim/sweep/values.h"

namespace systole::sweep {
namespace {

constexpr size_t kMostPoints = 1'000'000;

}  // namespace

class SweepSpace::Reader {
 public:
  explicit Reader(const std::filesystem::path& file)
      : file_(file), keys_(file_), constraints_(file_) {}

  /// `others`: may be empty.
  void read(const OtherKey& others) {
    for (const auto& entry : file_.root())
      if (!others || !others(file_, entry.first, entry.second)) read_key(entry.first, entry.second);
    check_workload();
    if (spec_.workload.empty()) check_named("network", "networks", networks_);
    check_named("architecture", "architectures", archs_);
    check_points();
    take_axes();
    constraints_.name_derived(keys_);
    spec_.keys = keys_.overridden();
    for (const char* subject : kOptionalSubjects)
      if (said_.contains(subject)) spec_.subjects.emplace_back(subject);
  }

  /// All points, those that `where` drops left out.
  SweepSpec make() {
    std::vector<SweepPoint> points;
    try {
      points = make_points(axes_, sampling_, start_, kMostPoints);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", file_.name(), error.what()));
    }
    const size_t drawn = points.size();
    constraints_.apply(points);
    SweepSpec spec = spec_of(std::move(points));
    spec.drawn = drawn;
    spec.where = constraints_.where();
    return spec;
  }

  SweepSpec spec_of(std::vector<SweepPoint> points) const {
    SweepSpec spec = spec_;
    spec.points = std::move(points);
    if (!spec.workload.empty()) make_groups(spec);
    check_data(spec);
    return spec;
  }

  std::pair<SweepPoint, std::vector<results::FailedLimit>> point_at(const Position& position) {
    SweepPoint point = sweep::point_at(axes_, start_, position);
    auto failed = constraints_.derive_and_check(point);
    return {std::move(point), std::move(failed)};
  }
  const std::vector<Axis>& axes() const { return axes_; }
  uint64_t seed() const { return sampling_.seed; }
  bool has_workload() const { return !spec_.workload.empty(); }

 private:
  void read_key(const YAML::Node& key, const YAML::Node& value) {
    const std::string name = key.IsScalar() ? key.Scalar() : "";
    if (name == "networks") {
      networks_ = axis("network", key, value);
    } else if (name == "architectures") {
      archs_ = axis("architecture", key, value);
    } else if (name == "set") {
      if (!value.IsMap()) file_.fail(key, "set: expected a map of keys to lists");
      for (const auto& entry : value)
        dimensions_.push_back(axis(entry.first.Scalar(), entry.first, entry.second));
    } else if (name == "memory" || name == "weights" || name == "activations" ||
               name == "precision" || name == "prune" || name == "repeat") {
      dimensions_.push_back(axis(name, key, value));
    } else if (name == "batch") {
      batches_ = axis(name, key, value);
    } else if (name == "calib_method" || name == "host_fallback" || name == "energy" ||
               name == "data" || name == "calib" || name == "metric" || name == "metric_command") {
      if (name.starts_with("metric") && value.IsSequence())
        file_.fail(value, name + ": expected one");
      read_one_or_more(name, key, value);
    } else if (name == "points") {
      read_points(key, value);
    } else if (name == "samples" || name == "seed" || name == "sampling") {
      read_sampling(name, value);
    } else if (name == "workload") {
      workload_ = key;
      spec_.workload = read_workload(file_, key, value, keys_);
      for (const Member& member : spec_.workload)
        said_.insert(member.change.keys.begin(), member.change.keys.end());
    } else if (name == "baseline") {
      baseline_key_ = key;
      baseline_ = keys_.read("architecture", key, {value, ""});
    } else if (name == "derive") {
      constraints_.read_derived(key, value, keys_);
    } else if (name == "where") {
      constraints_.read_where(value);
    } else if (name == "require") {
      spec_.limits = read_conditions(file_, value, limit_keys());
    } else {
      file_.fail(
          key,
          fmt::format(
              "unknown key '{}', expected networks, architectures, weights, activations, "
              "precision, prune, set, memory, batch, repeat, calib_method, host_fallback, energy, "
              "data, calib, metric, metric_command, points, "
              "samples, seed, sampling, derive, where, require, "
              "workload or baseline",
              name));
    }
  }

  Axis axis(const std::string& name, const YAML::Node& key, const YAML::Node& values) {
    Axis made{name, {}};
    for (const Value& value : read_values(file_, key, values)) {
      add(made, keys_.read(name, key, value));
      made.choices.back().text = value.text;
    }
    return made;
  }

  void add(Axis& axis, Choice choice) {
    said_.insert(choice.keys.begin(), choice.keys.end());
    axis.choices.push_back(std::move(choice));
  }

  void read_one_or_more(const std::string& name, const YAML::Node& key, const YAML::Node& value) {
    if (value.IsSequence())
      dimensions_.push_back(axis(name, key, value));
    else
      keys_.read(key, {value, value.IsScalar() ? value.Scalar() : ""}).change(start_);
  }

  void read_points(const YAML::Node& key, const YAML::Node& value) {
    Axis points{"points", {}};
    for (const Value& one : read_values(file_, key, value)) {
      add(points, keys_.read_all(one.node));
      places_.push_back(one.node);
    }
    points_ = dimensions_.size();
    dimensions_.push_back(std::move(points));
  }

  void read_sampling(const std::string& name, const YAML::Node& value) {
    if (name == "sampling") {
      const std::string text = file_.scalar(value, "random or latin-hypercube");
      if (text != "random" && text != "latin-hypercube")
        file_.fail(value, fmt::format("sampling: '{}', expected random or latin-hypercube", text));
      sampling_.latin_hypercube = text == "latin-hypercube";
      return;
    }
    const bool seed = name == "seed";
    const std::string expected = seed ? "a whole number that is not negative"
                                      : fmt::format("a whole number in 1..{}", kMostPoints);
    const std::string text = file_.scalar(value, expected);
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || (!seed && (number < 1 || number > kMostPoints)))
      file_.fail(value, fmt::format("{}: '{}', expected {}", name, text, expected));
    if (seed)
      sampling_.seed = number;
    else
      sampling_.samples = number;
  }

  /// Networks and architectures stand in a list of their own, or in each of the points.
  void check_named(const char* key, const char* list, const Axis& named) const {
    if (!named.choices.empty()) return;
    const bool all = points_ && std::all_of(dimensions_[*points_].choices.begin(),
                                            dimensions_[*points_].choices.end(),
                                            [&](const Choice& c) { return c.keys.contains(key); });
    if (!all)
      throw Error(fmt::format("{}: {}: missing, a sweep must name some", file_.name(), list));
  }

  /// What a point says of itself no other axis can.
  void check_points() const {
    if (!points_) return;
    const Axis& points = dimensions_[*points_];
    std::vector<const Axis*> others = {&networks_, &archs_, &batches_};
    for (const Axis& axis : dimensions_)
      if (&axis != &points) others.push_back(&axis);
    for (size_t i = 0; i < points.choices.size(); ++i)
      for (const Axis* other : others)
        if (!other->choices.empty() && points.choices[i].keys.contains(other->key))
          file_.fail(places_[i], fmt::format("{}: given by this point and by a list of its own, "
                                             "expected one of them",
                                             other->key));
  }

  /// A workload says which networks there are, and their batches.
  void check_workload() const {
    if (baseline_ && spec_.workload.empty())
      file_.fail(*baseline_key_, "baseline: given without a workload that it is of");
    if (spec_.workload.empty()) return;
    const bool by_points =
        points_ && std::any_of(dimensions_[*points_].choices.begin(),
                               dimensions_[*points_].choices.end(), [](const Choice& choice) {
                                 return choice.keys.contains("network") ||
                                        choice.keys.contains("batch");
                               });
    if (!networks_.choices.empty() || !batches_.choices.empty() || by_points)
      file_.fail(*workload_, "workload: says networks and their batches, expected no others");
  }

  /// Each machine with each member; the baseline first, once.
  void make_groups(SweepSpec& spec) const {
    std::vector<SweepPoint> machines = std::move(spec.points);
    spec.points.clear();
    if (baseline_) {
      SweepPoint baseline = start_;
      baseline_->change(baseline);
      std::erase(machines, baseline);
      machines.insert(machines.begin(), std::move(baseline));
      spec.has_baseline = true;
    }
    for (const SweepPoint& machine : machines)
      for (const Member& member : spec.workload)
        member.change.change(spec.points.emplace_back(machine));
    spec.groups = std::move(machines);
    if (spec.points.size() > kMostPoints)
      throw Error(fmt::format("{}: {} points, expected at most {}", file_.name(),
                              spec.points.size(), kMostPoints));
  }

  void check_data(const SweepSpec& spec) const {
    for (const SweepPoint& point : spec.points)
      if (point.data.empty() && !point.calib.empty())
        throw Error(fmt::format("{}: calib: given for {} without data, whose accuracy it is for",
                                file_.name(), point.network));
    for (const SweepPoint& point : spec.points) {
      if (!point.has_metric()) continue;
      const char* const key = point.metric_command.empty() ? "metric" : "metric_command";
      if (point.data.empty())
        throw Error(
            fmt::format("{}: {}: given for {} without data", file_.name(), key, point.network));
      if (!point.metric_command.empty() && !point.metric.empty())
        throw Error(file_.name() + ": metric_command: given beside metric, expected one of them");
    }
    check_limits(spec.limits, spec.points, 0, 1);
    for (size_t m = 0; m < spec.workload.size(); ++m)
      check_limits(spec.workload[m].limits, spec.points, m, spec.workload.size());
  }

  /// Limits of accuracy are of points with data: of `points` each `step`-th from `first` on.
  void check_limits(const std::vector<expression::Expression>& limits,
                    const std::vector<SweepPoint>& points, size_t first, size_t step) const {
    for (const expression::Expression& limit : limits) {
      if (!limit.keys().contains("top1")) continue;
      for (size_t i = first; i < points.size(); i += step)
        if (points[i].data.empty())
          throw Error(fmt::format("{}: require: {} needs data that {} classifies, expected data",
                                  file_.name(), limit.text(), points[i].network));
    }
  }

  void take_axes() {
    for (Axis* axis : {&networks_, &archs_})
      if (!axis->choices.empty()) axes_.push_back(std::move(*axis));
    std::move(dimensions_.begin(), dimensions_.end(), std::back_inserter(axes_));
    if (!batches_.choices.empty()) axes_.push_back(std::move(batches_));
  }

  const SpecFile file_;
  PointKeys keys_;
  Axis networks_, archs_, batches_;
  std::vector<Axis> axes_;  ///< all of them, in the order of the product
  std::vector<Axis> dimensions_;
  std::optional<size_t> points_;    ///< of dimensions_: the list of points
  std::vector<YAML::Node> places_;  ///< of the points
  std::optional<YAML::Node> workload_, baseline_key_;
  std::optional<Choice> baseline_;
  std::set<std::string> said_;
  SweepPoint start_;
  Sampling sampling_;
  Constraints constraints_;
  SweepSpec spec_;  ///< without points
};

SweepSpace::SweepSpace(const std::filesystem::path& file, const OtherKey& others)
    : reader_(std::make_unique<Reader>(file)) {
  reader_->read(others);
}

SweepSpace::~SweepSpace() = default;

const std::vector<Axis>& SweepSpace::axes() const { return reader_->axes(); }

uint64_t SweepSpace::seed() const { return reader_->seed(); }

bool SweepSpace::has_workload() const { return reader_->has_workload(); }

std::pair<SweepPoint, std::vector<results::FailedLimit>> SweepSpace::point_at(
    const Position& position) {
  return reader_->point_at(position);
}

SweepSpec SweepSpace::spec_of(std::vector<SweepPoint> points) const {
  return reader_->spec_of(std::move(points));
}

std::vector<expression::Expression> SweepSpec::limits_of(size_t index) const {
  std::vector<expression::Expression> all = limits;
  if (workload.empty()) return all;
  const Member& member = workload[index % workload.size()];
  all.insert(all.end(), member.limits.begin(), member.limits.end());
  return all;
}

bool SweepSpec::has_limits() const {
  return !limits.empty() || std::any_of(workload.begin(), workload.end(),
                                        [](const Member& m) { return !m.limits.empty(); });
}

SweepSpec SweepSpace::all(const std::filesystem::path& file) {
  Reader reader(file);
  reader.read({});
  return reader.make();
}

SweepSpec load_sweep(const std::filesystem::path& file) { return SweepSpace::all(file); }

}  // namespace systole::sweep
