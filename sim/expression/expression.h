// SPDX-License-Identifier: Apache-2.0
// Expressions over keys (docs/sweep.md, "Expressions"): numbers, + - * /, comparisons, and, or,
// not.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/expression/interval.h"

namespace systole::expression {

/// What is wrong with an expression, and where. Those who know the file make an Error of it.
struct SyntaxError {
  SyntaxError(size_t at, std::string what, std::string instead)
      : offset(at), found(std::move(what)), expected(std::move(instead)) {}
  /// "found X, expected Y".
  std::string message() const { return "found " + found + ", expected " + expected; }
  size_t offset;  ///< of the character in the expression's text
  std::string found, expected;
};

/// What is wanted of an expression.
enum class Kind { kNumber, kTruth };

/// The value of a key; nothing: this point has none.
using Lookup = std::function<std::optional<double>(const std::string& key)>;

/// What is known of the value of a key.
using IntervalLookup = std::function<Interval(const std::string& key)>;

struct Node;  ///< parser.h

class Expression {
 public:
  /// `known`: keys that it may have. Throws SyntaxError, also if it is not of `kind`.
  static Expression parse(const std::string& text, Kind kind,
                          const std::vector<std::string>& known);

  /// Nothing: a key has no value, or there is no number, as of 0 / 0.
  std::optional<double> number(const Lookup& lookup) const;
  /// The same of a condition.
  std::optional<bool> truth(const Lookup& lookup) const;
  /// The same of a condition over values of which bounds are known. Nothing: they do not decide it.
  std::optional<bool> truth_within(const IntervalLookup& lookup) const;
  /// By which share of the limit a comparison fails: 0.25 for 10 where `<= 8` is wanted. Nothing:
  /// it holds, is no comparison of this kind, or the limit is 0.
  std::optional<double> excess(const Lookup& lookup) const;

  /// The parts that `and` joins, each an expression of its own; itself, if it does not.
  std::vector<Expression> conjuncts() const;
  const std::set<std::string>& keys() const { return keys_; }
  const std::string& text() const { return text_; }

 private:
  Expression(std::string text, std::shared_ptr<const Node> root);
  std::string text_;
  std::shared_ptr<const Node> root_;
  std::set<std::string> keys_;
};

}  // namespace systole::expression
