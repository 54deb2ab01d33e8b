// SPDX-License-Identifier: Apache-2.0
// Writes ranges out.
#include "sim/sweep/values.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace systole::sweep {
namespace {

constexpr size_t kMostValues = 100'000;

double number(const SpecFile& file, const YAML::Node& node, std::string_view text,
              const std::string& expected) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    file.fail(node, fmt::format("{}, expected {}", file.scalar(node, expected), expected));
  return value;
}

struct Range {
  double from = 0, to = 0, step = 0;
  bool times = false;  ///< the step is a factor
};

Range read_range(const SpecFile& file, const YAML::Node& node) {
  Range range;
  for (const auto& entry : node) {
    const std::string key = entry.first.Scalar();
    const YAML::Node& value = entry.second;
    if (key == "from") {
      range.from = number(file, value, file.scalar(value, "a number"), "a number");
    } else if (key == "to") {
      range.to = number(file, value, file.scalar(value, "a number"), "a number");
    } else if (key == "step") {
      constexpr const char* kStep = "a step above 0, such as 16, or a factor above 1, such as x2";
      const std::string whole = value.IsScalar() ? value.Scalar() : "";
      std::string_view text = whole;
      range.times = text.starts_with("x");
      if (range.times) text.remove_prefix(1);
      range.step = number(file, value, text, kStep);
      if (range.step <= (range.times ? 1 : 0))
        file.fail(value, fmt::format("{}, expected {}", value.Scalar(), kStep));
    } else {
      file.fail(entry.first,
                fmt::format("unknown key '{}' of a range, expected from, to and step", key));
    }
  }
  for (const char* key : {"from", "to", "step"})
    if (!node[key]) file.fail(node, fmt::format("{}: missing, a range must state it", key));
  if (range.to < range.from)
    file.fail(node, fmt::format("a range from {} to {} has no values", range.from, range.to));
  if (range.times && range.from <= 0)
    file.fail(node["from"], fmt::format("{}, expected a number above 0 to multiply", range.from));
  return range;
}

void write_out(const SpecFile& file, const YAML::Node& node, std::vector<Value>& values) {
  const Range range = read_range(file, node);
  // As a decimal step is not exact, the last value may lie that little beyond the end.
  const double end = range.to + 1e-9 * std::abs(range.to);
  for (size_t i = 0;; ++i) {
    const double value = range.times ? range.from * std::pow(range.step, i)
                                     : range.from + static_cast<double>(i) * range.step;
    if (value > end) return;
    if (i == kMostValues)
      file.fail(node, fmt::format("a range of more than {} values", kMostValues));
    // The nearest number of twelve digits: 0.1 + 2 * 0.1 is 0.3.
    values.push_back({node, fmt::format("{}", std::stod(fmt::format("{:.12g}", value)))});
  }
}

}  // namespace

bool is_range(const YAML::Node& node) {
  return node.IsMap() && (node["from"] || node["to"] || node["step"]);
}

std::vector<Value> read_values(const SpecFile& file, const YAML::Node& key,
                               const YAML::Node& values) {
  std::vector<Value> result;
  if (is_range(values)) {
    write_out(file, values, result);
    return result;
  }
  if (!values.IsSequence()) file.fail(key, key.Scalar() + ": expected a list");
  if (values.size() == 0) file.fail(key, key.Scalar() + ": an empty list, expected values");
  for (const YAML::Node& node : values) {
    if (is_range(node))
      write_out(file, node, result);
    else
      result.push_back({node, node.IsScalar() ? node.Scalar() : ""});
  }
  return result;
}

}  // namespace systole::sweep
