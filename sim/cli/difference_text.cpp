// SPDX-License-Identifier: Apache-2.0
// Sections of values, the heaviest first, cut where they get long.
#include "sim/cli/difference_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "model/isa/causes.h"
#include "sim/report/format.h"

namespace systole::cli {
namespace {

using results::Change;

std::string value_text(const nlohmann::json& value) {
  if (value.is_null()) return "nothing";
  if (value.is_number_unsigned() || (value.is_number_integer() && value.get<int64_t>() >= 0))
    return report::with_commas(value.get<uint64_t>());
  if (value.is_number_float()) return fmt::format("{:.6g}", value.get<double>());
  return value.is_string() ? report::printable(value.get<std::string>()) : value.dump();
}

/// "+1,234", "-2.5".
std::string change_text(const Change& change) {
  const double by = change.difference();
  const std::string size = change.a.is_number_float() || change.b.is_number_float()
                               ? fmt::format("{:.6g}", std::abs(by))
                               : report::with_commas(static_cast<uint64_t>(std::abs(by)));
  return (by < 0 ? "-" : "+") + size;
}

/// "name  a -> b change": where that is wider than `width` (0: never) the name gives way first,
/// then what stands last.
std::string line_of(const Change& change, const std::string& more, size_t width) {
  constexpr size_t kIndent = 4, kName = 28, kLeast = 12;
  std::string values = fmt::format("{:>16} -> {:<16}", value_text(change.a), value_text(change.b));
  if (change.a.is_number() && change.b.is_number()) values += " " + change_text(change);
  values.erase(values.find_last_not_of(' ') + 1);
  values += more;
  std::string name = report::printable(change.name);
  size_t columns = kName;
  if (width > 0) {
    const size_t used = kIndent + 1 + report::columns_in(values);
    columns = std::clamp(width > used ? width - used : 0, kLeast, kName);
    name = report::fit(name, columns);
    values = report::fit(values, std::max(width, kIndent + columns + 2) - kIndent - columns - 1);
  }
  return fmt::format("    {:<{}} {}\n", name, columns, values);
}

/// What a layer differs in, on its line.
std::string layer_line(const results::LayerChange& layer, size_t width) {
  constexpr size_t kCauses = 3;
  std::vector<std::string> parts;
  for (size_t i = 0; i < std::min(kCauses, layer.causes.size()); ++i)
    parts.push_back(layer.causes[i].name + " " + change_text(layer.causes[i]));
  for (size_t i = 0; parts.empty() && i < layer.figures.size(); ++i)
    parts.push_back(layer.figures[i].name + " " + change_text(layer.figures[i]));
  return line_of(layer.cycles, parts.empty() ? "" : fmt::format(": {}", fmt::join(parts, ", ")),
                 width);
}

template <typename Changes, typename Line>
std::string section(const char* title, const Changes& changes, size_t limit, Line line) {
  if (changes.empty()) return "";
  std::string text = fmt::format("  {}\n", title);
  for (size_t i = 0; i < std::min(limit, changes.size()); ++i) text += line(changes[i]);
  if (changes.size() > limit) text += fmt::format("    and {} more\n", changes.size() - limit);
  return text;
}

}  // namespace

std::string difference_text(const results::Difference& difference, size_t limit, size_t width) {
  const auto line = [&](const Change& change) { return line_of(change, "", width); };
  return report::printable(difference.name) + "\n" +
         section("configuration", difference.configuration, limit, line) +
         section("totals", difference.totals, limit, line) +
         section("causes, all units", difference.causes, limit, line) +
         section("layers", difference.layers, limit,
                 [&](const results::LayerChange& layer) { return layer_line(layer, width); });
}

std::string list_text(const std::string& title, const std::vector<std::string>& names,
                      size_t limit) {
  return section(title.c_str(), names, limit,
                 [](const std::string& name) { return "    " + report::printable(name) + "\n"; });
}

}  // namespace systole::cli
