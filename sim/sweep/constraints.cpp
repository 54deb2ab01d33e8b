// SPDX-License-Identifier: Apache-2.0
// Evaluates expressions for one point after the other.
#include "sim/sweep/constraints.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/error.h"
#include "sim/sweep/identity.h"

namespace systole::sweep {
namespace {

using expression::Expression;

Expression parse(const SpecFile& file, const YAML::Node& node, expression::Kind kind,
                 const std::vector<std::string>& known) {
  const char* what = kind == expression::Kind::kTruth ? "a condition, such as array.rows <= 64"
                                                      : "an expression, such as array.rows * 16";
  try {
    return Expression::parse(file.scalar(node, what), kind, known);
  } catch (const expression::SyntaxError& wrong) {
    throw Error(fmt::format("{}: {}", file.place(node, wrong.offset), wrong.message()));
  }
}

}  // namespace

std::vector<Expression> read_conditions(const SpecFile& file, const YAML::Node& node,
                                        const std::vector<std::string>& known) {
  std::vector<Expression> conditions;
  const auto add = [&](const YAML::Node& one) {
    for (Expression& part : parse(file, one, expression::Kind::kTruth, known).conjuncts())
      conditions.push_back(std::move(part));
  };
  if (node.IsSequence() && node.size() > 0)
    for (const YAML::Node& one : node) add(one);
  else
    add(node);
  return conditions;
}

void Constraints::read_derived(const YAML::Node& key, const YAML::Node& map,
                               const PointKeys& keys) {
  if (!map.IsMap() || map.size() == 0)
    file_.fail(key, "derive: expected a map such as {ub.kib: array.rows * 16}");
  for (const auto& entry : map) {
    const std::string name = entry.first.Scalar();
    keys.check_architecture_key(entry.first, name);
    derived_.push_back({name,
                        parse(file_, entry.second, expression::Kind::kNumber, PointValues::keys()),
                        entry.first});
  }
}

void Constraints::name_derived(PointKeys& keys) const {
  for (const Derived& derived : derived_) {
    const std::vector<std::string>& known = keys.overridden();
    if (std::find(known.begin(), known.end(), derived.key) != known.end())
      file_.fail(derived.node,
                 fmt::format("{}: given elsewhere too, expected one of them", derived.key));
    keys.add_overridden(derived.key);
  }
}

void Constraints::read_where(const YAML::Node& node) {
  where_node_ = node;
  for (Expression& condition : read_conditions(file_, node, PointValues::keys()))
    where_.push_back({std::move(condition)});
}

void Constraints::derive(SweepPoint& point) {
  for (const Derived& derived : derived_) {
    const auto value =
        derived.value.number([&](const std::string& key) { return values_.find(point, key); });
    if (value)  // the nearest number of twelve digits
      point.set.push_back(
          fmt::format("{}={}", derived.key, std::stod(fmt::format("{:.12g}", *value))));
    else if (values_.has_hardware(point))
      file_.fail(derived.node, fmt::format("{}: has no value for the point {}", derived.key,
                                           hardware_text(point)));
  }
}

bool Constraints::holds(const SweepPoint& point) {
  bool all = true;
  for (Constraint& constraint : where_) {
    const auto truth = constraint.condition.truth(
        [&](const std::string& key) { return values_.find(point, key); });
    if (!truth && values_.has_hardware(point))
      file_.fail(where_node_, fmt::format("{}: has no value for the point {}",
                                          constraint.condition.text(), hardware_text(point)));
    // A point whose hardware cannot be made stays, and says why.
    const bool drops = truth == false;
    constraint.drops += drops;
    all &= !drops;
  }
  return all;
}

std::vector<results::FailedLimit> Constraints::derive_and_check(SweepPoint& point) {
  derive(point);
  const auto lookup = [&](const std::string& key) { return values_.find(point, key); };
  std::vector<results::FailedLimit> failed;
  for (const Constraint& constraint : where_)
    if (constraint.condition.truth(lookup) == false)
      failed.push_back({constraint.condition.text(), constraint.condition.excess(lookup)});
  return failed;
}

void Constraints::apply(std::vector<SweepPoint>& points) {
  if (!derived_.empty())
    for (SweepPoint& point : points) derive(point);
  if (where_.empty()) return;
  const size_t before = points.size();
  std::erase_if(points, [&](const SweepPoint& point) { return !holds(point); });
  if (points.empty())
    file_.fail(where_node_, fmt::format("where: drops all of the {} points", before));
}

}  // namespace systole::sweep
