// SPDX-License-Identifier: Apache-2.0
// The names of steps, alone and behind a method.
#include "compiler/quant/calibration_steps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compiler/quant/range_methods.h"
#include "model/base/did_you_mean.h"
#include "model/base/error.h"

namespace systole::quant {

namespace {

struct NamedStep {
  const char* name;
  bool CalibrationSteps::*step;
};
constexpr NamedStep kNamedSteps[] = {{"equalise", &CalibrationSteps::equalise},
                                     {"channel-ranges", &CalibrationSteps::channel_ranges},
                                     {"gptq", &CalibrationSteps::gptq},
                                     {"bias-correction", &CalibrationSteps::bias_correction}};

}  // namespace

std::vector<std::string> calibration_step_names() {
  std::vector<std::string> names;
  for (const NamedStep& known : kNamedSteps) names.emplace_back(known.name);
  return names;
}

std::vector<std::string> names_of(const CalibrationSteps& steps) {
  std::vector<std::string> names;
  for (const NamedStep& known : kNamedSteps)
    if (steps.*known.step) names.emplace_back(known.name);
  return names;
}

CalibrationSteps parse_steps(const std::string& what, const std::vector<std::string>& names) {
  CalibrationSteps steps;
  for (const std::string& name : names) {
    const auto* const known = std::find_if(std::begin(kNamedSteps), std::end(kNamedSteps),
                                           [&](const auto& step) { return step.name == name; });
    if (known == std::end(kNamedSteps)) {
      const std::vector<std::string> all = calibration_step_names();
      throw Error(fmt::format("{} {}: unknown step, expected one of {}{}", what, name,
                              fmt::join(all, ", "), did_you_mean(name, all)));
    }
    steps.*known->step = true;
  }
  return steps;
}

std::string way_text(const CalibrationWay& way) {
  std::string text = way.method;
  for (const std::string& name : names_of(way.steps)) text += "+" + name;
  return text;
}

CalibrationWay parse_way(const std::string& what, const std::string& text) {
  std::vector<std::string> words;
  for (size_t from = 0; from <= text.size();) {
    const size_t end = std::min(text.find('+', from), text.size());
    words.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  const std::vector<std::string> known = range_method_names();
  if (std::find(known.begin(), known.end(), words[0]) == known.end())
    throw Error(fmt::format("{}: '{}', expected one of {}{}", what, words[0],
                            fmt::join(known, ", "), did_you_mean(words[0], known)));
  return {words[0], parse_steps(what + ":", {words.begin() + 1, words.end()})};
}

std::string with_steps(const std::string& text, const std::string& what,
                       const std::vector<std::string>& names) {
  CalibrationWay way = parse_way("calibration", text);
  const CalibrationSteps more = parse_steps(what, names);
  for (const NamedStep& known : kNamedSteps) way.steps.*known.step |= more.*known.step;
  return way_text(way);
}

}  // namespace systole::quant
