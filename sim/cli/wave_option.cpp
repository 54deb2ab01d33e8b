// SPDX-License-Identifier: Apache-2.0
// Parses --wave.
#include "sim/cli/wave_option.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "model/base/error.h"

namespace systole::cli {
namespace {

constexpr const char* kLayerPrefix = "layer:";

bool looks_like_window(const std::string& word) {
  return word.find(':') != std::string::npos &&
         word.find_first_not_of("0123456789:") == std::string::npos;
}

Cycle parse_cycle(const std::string& text, const std::string& value, const std::string& option,
                  const char* expected) {
  Cycle cycle = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cycle);
  if (error != std::errc() || end != text.data() + text.size())
    throw Error(fmt::format("{} {}: expected {}", option, value, expected));
  return cycle;
}

}  // namespace

std::vector<std::string> join_wave_words(const std::vector<std::string>& arguments) {
  std::vector<std::string> joined;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] != "--wave") {
      joined.push_back(arguments[i]);
    } else if (i + 2 < arguments.size() && arguments[i + 1] == "layer") {
      joined.push_back("--wave=" + std::string(kLayerPrefix) + arguments[i + 2]);
      i += 2;
    } else if (i + 1 < arguments.size() && looks_like_window(arguments[i + 1])) {
      joined.push_back("--wave=" + arguments[++i]);
    } else {
      joined.emplace_back("--wave=all");
    }
  }
  return joined;
}

session::WaveRequest parse_wave_window(const std::string& value, const std::string& option,
                                       const char* expected) {
  session::WaveRequest window;
  const size_t colon = value.find(':');
  if (colon == std::string::npos)
    throw Error(fmt::format("{} {}: expected {}", option, value, expected));
  if (colon > 0) window.from = parse_cycle(value.substr(0, colon), value, option, expected);
  if (colon + 1 < value.size())
    window.to = parse_cycle(value.substr(colon + 1), value, option, expected);
  if (window.from >= window.to)
    throw Error(fmt::format("{} {}: the window is empty, expected FROM < TO", option, value));
  return window;
}

session::WaveRequest parse_wave(const std::string& value) {
  session::WaveRequest window;
  if (value == "all") return window;
  if (value.starts_with(kLayerPrefix)) {
    window.layer = value.substr(std::string(kLayerPrefix).size());
    return window;
  }
  return parse_wave_window(value, "--wave", "FROM:TO in cycles, or layer NAME");
}

}  // namespace systole::cli
