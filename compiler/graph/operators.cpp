// SPDX-License-Identifier: Apache-2.0
// What several operators of the float graph have.
#include "compiler/graph/operators.h"

#include "model/base/error.h"

namespace systole::graph {

std::string_view name_of(Combination combination) {
  switch (combination) {
    case Combination::kMul:
      return "mul";
    case Combination::kDiv:
      return "div";
    case Combination::kMax:
      return "max";
    case Combination::kMin:
      return "min";
    case Combination::kPow:
      return "pow";
  }
  throw internal_error("a combination that has no name");
}

std::string_view name_of(const Operator& op) {
  return std::visit([](const auto& of) { return of.kName; }, op);
}

const Window* window_of(const Operator& op) {
  return std::visit(
      [](const auto& of) -> const Window* {
        if constexpr (requires { of.window; })
          return &of.window;
        else
          return nullptr;
      },
      op);
}

Window* window_of(Operator& op) {
  return const_cast<Window*>(window_of(static_cast<const Operator&>(op)));
}

bool is_padded(const Operator& op) {
  if (const auto* pad = std::get_if<Pad>(&op)) return pad->any();
  const Window* window = window_of(op);
  return window != nullptr && window->padded();
}

float pad_value_of(const Operator& op) {
  if (const auto* pad = std::get_if<Pad>(&op)) return pad->value;
  const auto* pool = std::get_if<AveragePool>(&op);
  return pool != nullptr ? pool->pad_value : 0.0f;
}

float factor_of(const Operator& op) {
  if (const auto* add = std::get_if<Add>(&op)) return add->factor;
  const auto* pool = std::get_if<AveragePool>(&op);
  return pool != nullptr ? pool->factor : 1.0f;
}

}  // namespace systole::graph
