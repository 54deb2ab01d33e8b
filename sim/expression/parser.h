// SPDX-License-Identifier: Apache-2.0
// Text to tree:
//   condition  = both { "or" both }
//   both       = negation { "and" negation }
//   negation   = "not" negation | comparison
//   comparison = sum [ ( "<" | "<=" | ">" | ">=" | "==" | "!=" ) sum ]
//   sum        = product { ( "+" | "-" ) product }
//   product    = factor { ( "*" | "/" ) factor }
//   factor     = "-" factor | NUMBER | KEY | "(" condition ")"
//              | ( "min" | "max" ) "(" sum { "," sum } ")"
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/expression/expression.h"

namespace systole::expression {

enum class Operation {
  kNumber,
  kKey,
  kNegate,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kMin,
  kMax,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kAnd,
  kOr,
  kNot
};

struct Node {
  Operation operation = Operation::kNumber;
  double number = 0;
  std::string key;
  std::vector<std::shared_ptr<const Node>> of;
  size_t begin = 0, end = 0;  ///< of its text

  bool is_truth() const { return operation >= Operation::kLess; }
  bool is_comparison() const {
    return operation >= Operation::kLess && operation <= Operation::kNotEqual;
  }
};

std::shared_ptr<const Node> parse_tree(const std::string& text, Kind kind,
                                       const std::vector<std::string>& known);

}  // namespace systole::expression
