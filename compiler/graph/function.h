// SPDX-License-Identifier: Apache-2.0
// A scalar function of one variable: what a chain of elementwise operators on one source computes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace systole::graph {

/// Straight-line code over doubles. Value 0 is the variable; step i makes value i + 1; the last
/// step's value is the result. Without steps it is the identity.
class Function {
 public:
  /// A value: the variable, or what a step made.
  using Ref = int;
  static constexpr Ref kVariable = 0;

  /// Appends a step and returns its value. `name`: one of the primitives, in lower case ("add",
  /// "tanh", ...); unary ones ignore `b`. Throws an internal Error for a name it does not know.
  Ref apply(std::string_view name, Ref a, Ref b = kVariable);
  Ref constant(double value);
  /// Appends the steps of `inner` with its variable replaced by `a`; returns its result.
  Ref append(const Function& inner, Ref a);

  /// The value at `x`; not finite where the function is not defined.
  double operator()(double x) const;
  bool is_identity() const { return steps_.empty(); }
  /// "tanh(x)", "mul(x, min(max(add(x, 3), 0), 6))"; long ones are cut.
  std::string text() const;

  /// The function of a single unary primitive.
  static Function of(std::string_view name);

  using Primitive = double (*)(double, double);
  struct Step {
    std::string_view name;  ///< of the primitive's entry; "const": a constant
    Primitive primitive = nullptr;
    Ref a = kVariable, b = kVariable;
    double value = 0;
    bool binary = false;
  };
  const std::vector<Step>& steps() const { return steps_; }

 private:
  std::string text_of(Ref ref, size_t most) const;

  std::vector<Step> steps_;
};

}  // namespace systole::graph
