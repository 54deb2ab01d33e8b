// SPDX-License-Identifier: Apache-2.0
// The primitives of elementwise functions, their evaluation and text.
#include "compiler/graph/function.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "model/base/error.h"

namespace systole::graph {

namespace {

struct Entry {
  std::string_view name;
  bool binary;
  double (*compute)(double, double);
};

constexpr Entry kPrimitives[] = {
    {"add", true, [](double a, double b) { return a + b; }},
    {"sub", true, [](double a, double b) { return a - b; }},
    {"mul", true, [](double a, double b) { return a * b; }},
    {"div", true, [](double a, double b) { return a / b; }},
    {"max", true, [](double a, double b) { return std::fmax(a, b); }},
    {"min", true, [](double a, double b) { return std::fmin(a, b); }},
    {"pow", true, [](double a, double b) { return std::pow(a, b); }},
    {"greater", true, [](double a, double b) { return a > b ? 1.0 : 0.0; }},
    {"neg", false, [](double a, double) { return -a; }},
    {"abs", false, [](double a, double) { return std::fabs(a); }},
    {"reciprocal", false, [](double a, double) { return 1.0 / a; }},
    {"exp", false, [](double a, double) { return std::exp(a); }},
    {"expm1", false, [](double a, double) { return std::expm1(a); }},
    {"log", false, [](double a, double) { return std::log(a); }},
    {"sqrt", false, [](double a, double) { return std::sqrt(a); }},
    {"tanh", false, [](double a, double) { return std::tanh(a); }},
    {"erf", false, [](double a, double) { return std::erf(a); }},
    {"sin", false, [](double a, double) { return std::sin(a); }},
    {"cos", false, [](double a, double) { return std::cos(a); }},
    {"floor", false, [](double a, double) { return std::floor(a); }},
    {"ceil", false, [](double a, double) { return std::ceil(a); }},
    {"round", false, [](double a, double) { return std::nearbyint(a); }},
    {"sign", false, [](double a, double) { return double(a > 0) - double(a < 0); }},
    {"sigmoid", false, [](double a, double) { return 1.0 / (1.0 + std::exp(-a)); }},
    {"softplus", false,
     [](double a, double) { return std::fmax(a, 0.0) + std::log1p(std::exp(-std::fabs(a))); }},
    {"softsign", false, [](double a, double) { return a / (1.0 + std::fabs(a)); }},
};

constexpr size_t kMostText = 200;

}  // namespace

Function::Ref Function::apply(std::string_view name, Ref a, Ref b) {
  for (const Entry& entry : kPrimitives) {
    if (entry.name != name) continue;
    steps_.push_back({entry.name, entry.compute, a, b, 0, entry.binary});
    return static_cast<Ref>(steps_.size());
  }
  throw internal_error(fmt::format("function '{}' is not known", name));
}

Function::Ref Function::constant(double value) {
  steps_.push_back({"const", nullptr, kVariable, kVariable, value, false});
  return static_cast<Ref>(steps_.size());
}

Function::Ref Function::append(const Function& inner, Ref a) {
  const auto base = static_cast<Ref>(steps_.size());
  const auto moved = [&](Ref ref) { return ref == kVariable ? a : ref + base; };
  if (inner.steps_.empty()) return a;
  for (Step step : inner.steps_) {
    step.a = moved(step.a);
    step.b = moved(step.b);
    steps_.push_back(step);
  }
  return static_cast<Ref>(steps_.size());
}

double Function::operator()(double x) const {
  constexpr size_t kFew = 32;  // functions are short; longer ones pay for an allocation
  std::array<double, kFew + 1> few;
  std::vector<double> many(steps_.size() > kFew ? steps_.size() + 1 : 0);
  double* values = many.empty() ? few.data() : many.data();
  values[0] = x;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    values[i + 1] =
        step.primitive == nullptr ? step.value : step.primitive(values[step.a], values[step.b]);
  }
  return values[steps_.size()];
}

std::string Function::text_of(Ref ref, size_t most) const {
  if (ref == kVariable) return "x";
  const Step& step = steps_[static_cast<size_t>(ref) - 1];
  if (step.primitive == nullptr) return fmt::format("{:.6g}", step.value);
  if (most < 8) return "...";  // a value used often would make the text explode
  const size_t rest = step.binary ? most / 2 : most - 4;
  std::string text = fmt::format("{}({}", step.name, text_of(step.a, rest));
  if (step.binary) text += ", " + text_of(step.b, rest);
  return text + ")";
}

std::string Function::text() const { return text_of(static_cast<Ref>(steps_.size()), kMostText); }

Function Function::of(std::string_view name) {
  Function function;
  function.apply(name, kVariable);
  return function;
}

}  // namespace systole::graph
