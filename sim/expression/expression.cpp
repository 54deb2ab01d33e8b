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

/// The lesser of two, and the greater; no number if one is none.
double lesser(double a, double b) { return std::isnan(a) || a < b ? a : b; }
double greater(double a, double b) { return std::isnan(a) || a > b ? a : b; }
Interval lesser(const Interval& a, const Interval& b) {
  return {std::min(a.low, b.low), std::min(a.high, b.high)};
}
Interval greater(const Interval& a, const Interval& b) {
  return {std::max(a.low, b.low), std::max(a.high, b.high)};
}

/// What a tree of numbers comes to; `value`: of a key.
template <typename Value, typename OfKey>
Value value_of(const Node& node, const OfKey& of_key) {
  const auto at = [&](size_t i) { return value_of<Value>(*node.of[i], of_key); };
  const auto extreme = [&](const auto& choose) {
    Value chosen = at(0);
    for (size_t i = 1; i < node.of.size(); ++i) chosen = choose(chosen, at(i));
    return chosen;
  };
  switch (node.operation) {
    case Operation::kNumber:
      return Value(node.number);
    case Operation::kKey:
      return of_key(node.key);
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
    case Operation::kMin:
      return extreme([](const Value& a, const Value& b) { return lesser(a, b); });
    default:
      return extreme([](const Value& a, const Value& b) { return greater(a, b); });
  }
}

double number_of(const Node& node, const Lookup& lookup) {
  return value_of<double>(node,
                          [&](const std::string& key) { return lookup(key).value_or(kNone); });
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
    return compare(node.operation, Interval(a), Interval(b));
  });
}

std::optional<bool> Expression::truth_within(const IntervalLookup& lookup) const {
  return truth_of(*root_, [&](const Node& node) {
    return compare(node.operation, value_of<Interval>(*node.of[0], lookup),
                   value_of<Interval>(*node.of[1], lookup));
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
