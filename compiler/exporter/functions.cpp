// SPDX-License-Identifier: Apache-2.0
// Finds ONNX's operators among the steps of a function: those of several steps first.
#include "compiler/exporter/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "compiler/values/unary_functions.h"
#include "model/base/error.h"

namespace systole::exporter {

namespace {

using graph::Function;
using Ref = Function::Ref;
using Step = Function::Step;

/// An ONNX operator with the steps of its function. Where the steps hold the number that stands for
/// an attribute, any number may stand.
struct Pattern {
  std::string op;
  int64_t since = 1;                         ///< opset
  std::map<std::string, float> attributes;   ///< by name: the number that stands for it
  std::optional<std::string> approximation;  ///< of Gelu
  std::vector<Step> steps;
  bool of_operands = false;  ///< the numbers are constant operands instead
};

/// Numbers that no operator's function holds by itself.
constexpr float kFirst = 0.73127f, kSecond = 0.31277f;

Pattern pattern(const std::string& op, int64_t since, std::map<std::string, float> attributes = {},
                std::optional<std::string> approximation = std::nullopt) {
  onnx::NodeProto node;
  node.set_op_type(op);
  for (const auto& [name, number] : attributes) set_attribute(node, name, number);
  if (approximation) set_attribute(node, "approximate", *approximation);
  Pattern made{op, since, std::move(attributes), std::move(approximation), {}, false};
  made.steps = values::unary_function(node)->steps();
  return made;
}

/// PRelu of one slope, with the steps that the reader gives it.
Pattern prelu_pattern() {
  Pattern made{"PRelu", 7, {{"slope", kFirst}}, std::nullopt, {}, /*of_operands=*/true};
  Function f;
  const Ref zero = f.constant(0), slope = f.constant(kFirst);
  const Ref above = f.apply("max", Function::kVariable, zero);
  const Ref below = f.apply("mul", slope, f.apply("min", Function::kVariable, zero));
  f.apply("add", above, below);
  made.steps = f.steps();
  return made;
}

/// The longest first.
const std::vector<Pattern>& patterns() {
  static const std::vector<Pattern> table = [] {
    std::vector<Pattern> all = {pattern("LeakyRelu", 6, {{"alpha", kFirst}}),
                                pattern("Elu", 6, {{"alpha", kFirst}}),
                                pattern("Selu", 6, {{"alpha", kFirst}, {"gamma", kSecond}}),
                                pattern("Celu", 12, {{"alpha", kFirst}}),
                                pattern("ThresholdedRelu", 10, {{"alpha", kFirst}}),
                                pattern("Shrink", 9, {{"bias", kFirst}, {"lambd", kSecond}}),
                                pattern("HardSigmoid", 6, {{"alpha", kFirst}, {"beta", kSecond}}),
                                pattern("HardSwish", 14),
                                prelu_pattern(),
                                pattern("Mish", 18),
                                pattern("Gelu", 20, {}, "none"),
                                pattern("Gelu", 20, {}, "tanh")};
    for (const char* op :
         {"Abs", "Neg", "Reciprocal", "Exp", "Log", "Sqrt", "Tanh", "Erf", "Sin", "Cos", "Floor",
          "Ceil", "Round", "Sign", "Sigmoid", "Softplus", "Softsign"})
      all.push_back(pattern(op, 13));
    std::stable_sort(all.begin(), all.end(), [](const Pattern& a, const Pattern& b) {
      return a.steps.size() > b.steps.size();
    });
    return all;
  }();
  return table;
}

/// ONNX's operators of two operands.
std::optional<std::string> binary_operator(std::string_view primitive) {
  static const std::map<std::string_view, std::string> names = {
      {"add", "Add"}, {"sub", "Sub"}, {"mul", "Mul"}, {"div", "Div"},
      {"max", "Max"}, {"min", "Min"}, {"pow", "Pow"}};
  const auto found = names.find(primitive);
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

/// Where a pattern is found in a function.
struct Match {
  const Pattern* pattern = nullptr;
  Ref variable = -1;  ///< what its variable is
  std::map<std::string, float> attributes;
};

class FunctionWriter {
 public:
  FunctionWriter(ModelBuilder& model, const Function& f, const std::string& x,
                 const std::string& name, const std::string& result)
      : model_(model), steps_(f.steps()), name_(name), result_(result) {
    tensors_.resize(steps_.size() + 1);
    tensors_[0] = x;
  }

  void run() {
    if (steps_.empty()) {  // the reader keeps a mean of one, and drops an Identity
      model_.add("Mean", name_, {tensors_[0]}, result_);
      return;
    }
    named_ = named();
    for (size_t at = 0; at < steps_.size();) at += step(at);
  }

 private:
  bool is_constant(Ref ref) const {
    return ref != Function::kVariable && steps_[static_cast<size_t>(ref) - 1].primitive == nullptr;
  }

  /// The other operand of a product or sum of step `at` with a constant; none: it is something
  /// else.
  std::optional<Ref> scaled(size_t at) const {
    const Step& step = steps_[at];
    if (step.name != "mul" && step.name != "add") return std::nullopt;
    if (is_constant(step.a) == is_constant(step.b)) return std::nullopt;
    return is_constant(step.a) ? step.b : step.a;
  }

  bool read_once(Ref ref) const {
    int readers = 0;
    for (const Step& step : steps_)
      if (step.primitive != nullptr)
        readers += int{step.a == ref} + int{step.binary && step.b == ref};
    return readers == 1;
  }

  /// The step that the reader calls the function after: the last one, or, as products and sums with
  /// constants become one, the first of those at the end.
  size_t named() const {
    size_t at = steps_.size() - 1;
    for (auto before = scaled(at);
         before && *before != Function::kVariable && read_once(*before);) {
      const auto step = static_cast<size_t>(*before) - 1;
      before = scaled(step);
      if (before) at = step;
    }
    return at;
  }

  /// Writes what begins with the step at `at`; returns how many steps that are.
  size_t step(size_t at) {
    for (const Pattern& pattern : patterns()) {
      const auto match = matched(pattern, at);
      if (!match) continue;
      const size_t last = at + pattern.steps.size() - 1;
      model_.need_opset(pattern.since);
      std::vector<std::string> inputs = {tensors_[static_cast<size_t>(match->variable)]};
      for (const auto& [name, number] : match->attributes)
        if (pattern.of_operands)
          inputs.push_back(model_.constant(name_ + "/" + name, std::vector<float>{number}, {1}));
      onnx::NodeProto& node = add(pattern.op, at, last, inputs);
      for (const auto& [name, number] : match->attributes)
        if (!pattern.of_operands) set_attribute(node, name, number);
      if (pattern.approximation) set_attribute(node, "approximate", *pattern.approximation);
      return pattern.steps.size();
    }
    const Step& one = steps_[at];
    if (one.primitive == nullptr) return 1;  // a constant: written where it is read
    const auto op = binary_operator(one.name);
    if (!op) throw Error(fmt::format("the function '{}' has no operator in ONNX", one.name));
    add(*op, at, at, {operand(one.a), operand(one.b)});
    return 1;
  }

  /// Adds the operator of the steps `first` to `step`.
  onnx::NodeProto& add(const std::string& op, size_t first, size_t step,
                       const std::vector<std::string>& inputs) {
    const bool last = step + 1 == steps_.size();
    const std::string name =
        named_ >= first && named_ <= step ? name_ : fmt::format("{}/{}", name_, op);
    tensors_[step + 1] = last ? result_ : model_.new_tensor(name);
    return model_.add(op, name, inputs, tensors_[step + 1]);
  }

  std::string operand(Ref ref) {
    std::string& tensor = tensors_[static_cast<size_t>(ref)];
    if (!tensor.empty()) return tensor;
    const double value = steps_[static_cast<size_t>(ref) - 1].value;
    const auto number = static_cast<float>(value);
    if (double{number} != value)
      throw Error(fmt::format("the constant {} of a function is no float32", value));
    return tensor = model_.constant(name_ + "/constant", std::vector<float>{number}, {});
  }

  /// `pattern` at the step `at`, if it stands there and nothing else reads what is inside.
  std::optional<Match> matched(const Pattern& pattern, size_t at) const {
    const size_t length = pattern.steps.size();
    if (at + length > steps_.size()) return std::nullopt;
    Match match{&pattern, -1, {}};
    for (size_t i = 0; i < length; ++i) {
      const Step &wanted = pattern.steps[i], &found = steps_[at + i];
      if (wanted.name != found.name) return std::nullopt;
      if (wanted.primitive == nullptr) {
        if (!takes(pattern, wanted.value, found.value, match)) return std::nullopt;
        continue;
      }
      if (!same(wanted.a, found.a, at, match)) return std::nullopt;
      if (wanted.binary && !same(wanted.b, found.b, at, match)) return std::nullopt;
    }
    if (match.variable < 0 || is_constant(match.variable)) return std::nullopt;
    for (size_t i = at + length; i < steps_.size(); ++i)
      for (const Ref ref : {steps_[i].a, steps_[i].binary ? steps_[i].b : Function::kVariable})
        if (ref > static_cast<Ref>(at) && ref < static_cast<Ref>(at + length)) return std::nullopt;
    return match;
  }

  static bool same(Ref wanted, Ref found, size_t at, Match& match) {
    if (wanted != Function::kVariable) return found == wanted + static_cast<Ref>(at);
    if (match.variable < 0 && found <= static_cast<Ref>(at)) match.variable = found;
    return found == match.variable;
  }

  /// Whether the constant `found` is the pattern's, or what an attribute may be.
  static bool takes(const Pattern& pattern, double wanted, double found, Match& match) {
    for (const auto& [name, number] : pattern.attributes) {
      if (wanted != double{number}) continue;
      const auto value = static_cast<float>(found);
      if (double{value} != found || !std::isfinite(value)) return false;
      return match.attributes.emplace(name, value).first->second == value;
    }
    return wanted == found;
  }

  ModelBuilder& model_;
  const std::vector<Step>& steps_;
  const std::string name_, result_;
  size_t named_ = 0;                  ///< the step whose operator has the name
  std::vector<std::string> tensors_;  ///< by Ref; empty: not written yet
};

}  // namespace

void write_function(ModelBuilder& model, const graph::Function& f, const std::string& x,
                    const std::string& name, const std::string& result) {
  FunctionWriter(model, f, x, name, result).run();
}

}  // namespace systole::exporter
