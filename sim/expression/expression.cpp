// SPDX-License-Identifier: Apache-2.0
// Computes what a tree says.
#include "sim/expression/expression.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/expression/parser.h"

namespace systole::expression {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double number_of(const Node& node, const Lookup& lookup) {
  const auto at = [&](size_t i) { return number_of(*node.of[i], lookup); };
  switch (node.operation) {
    case Operation::kNumber:
      return node.number;
    case Operation::kKey:
      return lookup(node.key).value_or(kNone);
    case Operation::kNegate:
      return -at(0);
    case Operation::kAdd:
      return at(0) + at(1);
    case Operation::kSubtract:
      return at(0) - at(1);
    case Operation::kMultiply:
      return at(0) * at(1);
    case Operation::kDivide:
      return at(0) / at(1);
    default:
      break;
  }
  double extreme = at(0);
  for (size_t i = 1; i < node.of.size() && !std::isnan(extreme); ++i) {
    const double other = at(i);
    const bool takes = std::isnan(other) ||
                       (node.operation == Operation::kMin ? other < extreme : other > extreme);
    if (takes) extreme = other;
  }
  return extreme;
}

bool compare(Operation operation, double a, double b) {
  switch (operation) {
    case Operation::kLess:
      return a < b;
    case Operation::kLessEqual:
      return a <= b;
    case Operation::kGreater:
      return a > b;
    case Operation::kGreaterEqual:
      return a >= b;
    case Operation::kEqual:
      return a == b;
    default:
      return a != b;
  }
}

Interval interval_of(const Node& node, const IntervalLookup& lookup) {
  const auto at = [&](size_t i) { return interval_of(*node.of[i], lookup); };
  switch (node.operation) {
    case Operation::kNumber:
      return {node.number, node.number};
    case Operation::kKey:
      return lookup(node.key);
    case Operation::kNegate:
      return -at(0);
    case Operation::kAdd:
      return at(0) + at(1);
    case Operation::kSubtract:
      return at(0) + -at(1);
    case Operation::kMultiply:
      return at(0) * at(1);
    case Operation::kDivide:
      return at(0) / at(1);
    default:
      break;
  }
  Interval extreme = at(0);
  for (size_t i = 1; i < node.of.size(); ++i) {
    const Interval other = at(i);
    extreme = node.operation == Operation::kMin
                  ? Interval{std::min(extreme.low, other.low), std::min(extreme.high, other.high)}
                  : Interval{std::max(extreme.low, other.low), std::max(extreme.high, other.high)};
  }
  return extreme;
}

/// Nothing if it depends on where in the intervals the values are.
std::optional<bool> compare(Operation operation, const Interval& a, const Interval& b) {
  const auto decided = [](bool holds, bool fails) {
    return holds ? std::optional(true) : fails ? std::optional(false) : std::nullopt;
  };
  const bool same = a.low == a.high && b.low == b.high && a.low == b.low;
  const bool apart = a.high < b.low || b.high < a.low;
  switch (operation) {
    case Operation::kLess:
      return decided(a.high < b.low, a.low >= b.high);
    case Operation::kLessEqual:
      return decided(a.high <= b.low, a.low > b.high);
    case Operation::kGreater:
      return decided(a.low > b.high, a.high <= b.low);
    case Operation::kGreaterEqual:
      return decided(a.low >= b.high, a.high < b.low);
    case Operation::kEqual:
      return decided(same, apart);
    default:
      return decided(apart, same);
  }
}

/// What is decided whatever a missing value would be is decided: false and nothing is false.
/// `comparison` judges a node that compares.
template <typename Comparison>
std::optional<bool> truth_of(const Node& node, const Comparison& comparison) {
  if (node.is_comparison()) return comparison(node);
  const std::optional<bool> first = truth_of(*node.of[0], comparison);
  if (node.operation == Operation::kNot) return first ? std::optional(!*first) : std::nullopt;
  const bool decisive = node.operation == Operation::kOr;
  if (first == decisive) return first;
  const std::optional<bool> second = truth_of(*node.of[1], comparison);
  if (second == decisive) return second;
  return first && second ? std::optional(!decisive) : std::nullopt;
}

void collect_keys(const Node& node, std::set<std::string>& keys) {
  if (node.operation == Operation::kKey) keys.insert(node.key);
  for (const auto& child : node.of) collect_keys(*child, keys);
}

void collect_conjuncts(const std::shared_ptr<const Node>& node,
                       std::vector<std::shared_ptr<const Node>>& parts) {
  if (node->operation != Operation::kAnd) {
    parts.push_back(node);
    return;
  }
  for (const auto& child : node->of) collect_conjuncts(child, parts);
}

}  // namespace

Expression::Expression(std::string text, std::shared_ptr<const Node> root)
    : text_(std::move(text)), root_(std::move(root)) {
  collect_keys(*root_, keys_);
}

Expression Expression::parse(const std::string& text, Kind kind,
                             const std::vector<std::string>& known) {
  return {text, parse_tree(text, kind, known)};
}

std::optional<double> Expression::number(const Lookup& lookup) const {
  const double value = number_of(*root_, lookup);
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<bool> Expression::truth(const Lookup& lookup) const {
  return truth_of(*root_, [&](const Node& node) -> std::optional<bool> {
    const double a = number_of(*node.of[0], lookup), b = number_of(*node.of[1], lookup);
    if (std::isnan(a) || std::isnan(b)) return std::nullopt;
    return compare(node.operation, a, b);
  });
}

std::optional<bool> Expression::truth_within(const IntervalLookup& lookup) const {
  return truth_of(*root_, [&](const Node& node) {
    return compare(node.operation, interval_of(*node.of[0], lookup),
                   interval_of(*node.of[1], lookup));
  });
}

std::optional<double> Expression::excess(const Lookup& lookup) const {
  if (!root_->is_comparison() || root_->operation == Operation::kNotEqual) return std::nullopt;
  if (truth(lookup) != false) return std::nullopt;
  const double a = number_of(*root_->of[0], lookup), b = number_of(*root_->of[1], lookup);
  const double share = std::abs(a - b) / std::abs(b);
  return std::isfinite(share) ? std::optional(share) : std::nullopt;
}

std::vector<Expression> Expression::conjuncts() const {
  std::vector<std::shared_ptr<const Node>> parts;
  collect_conjuncts(root_, parts);
  std::vector<Expression> result;
  for (const auto& part : parts) {
    Expression made(text_.substr(part->begin, part->end - part->begin), part);
    result.push_back(std::move(made));
  }
  return result;
}

}  // namespace systole::expression
