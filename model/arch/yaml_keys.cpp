// SPDX-License-Identifier: Apache-2.0
// Flattens YAML into keys with their lines and reads numbers strictly.
#include "model/arch/yaml_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"

namespace systole::arch {
namespace {

constexpr std::uintmax_t kLargestFile = 1 << 20;  // such a file has at most some 100 lines

std::string read_text(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error))
    throw Error(fmt::format("{}: no such file", file.string()));
  if (!std::filesystem::is_regular_file(file, error))
    throw Error(fmt::format("{}: not a regular file", file.string()));
  if (std::filesystem::file_size(file, error) > kLargestFile)
    throw Error(fmt::format("{}: larger than 1 MiB, expected keys and values", file.string()));
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) throw Error(fmt::format("{}: cannot be read", file.string()));
  return text.str();
}

std::string place(const std::string& file, const YAML::Mark& mark) {
  return mark.is_null() ? file : fmt::format("{}:{}", file, mark.line + 1);
}

void flatten(const YAML::Node& node, const std::string& prefix, const std::string& file, int depth,
             YamlKeys& keys) {
  for (const auto& entry : node) {
    const std::string where = place(file, entry.first.Mark());
    if (!entry.first.IsScalar()) throw Error(where + ": a key must be a plain word");
    const std::string key = prefix + entry.first.Scalar();
    const YAML::Node& value = entry.second;
    if (value.IsMap() && depth > 0) {
      flatten(value, key + ".", file, depth - 1, keys);
      continue;
    }
    if (value.IsNull()) throw Error(fmt::format("{}: {}: has no value", where, key));
    if (!value.IsScalar())
      throw Error(fmt::format("{}: {}: expected a single value, got a {}", where, key,
                              value.IsMap() ? "map" : "list"));
    if (!keys.emplace(key, YamlValue{value.Scalar(), where}).second)
      throw Error(fmt::format("{}: {}: given twice (first at {})", where, key, keys[key].where));
  }
}

template <typename Number>
bool parse(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

YamlKeys read_yaml_keys(const std::filesystem::path& file, int depth) {
  return parse_yaml_keys(read_text(file), file.string(), depth);
}

YamlKeys parse_yaml_keys(const std::string& text, const std::string& name, int depth) {
  YamlKeys keys;
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty() || !documents[0].IsMap())
      throw Error(name + ": expected a map of keys and values");
    if (documents.size() > 1)
      throw Error(fmt::format("{}: {} YAML documents, expected one", name, documents.size()));
    flatten(documents[0], "", name, depth, keys);
  } catch (const YAML::Exception& error) {
    throw Error(fmt::format("{}: not YAML: {}", place(name, error.mark), error.msg));
  }
  return keys;
}

void override_key(YamlKeys& keys, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == assignment.size())
    throw Error(fmt::format("--set {}: expected KEY=VALUE", assignment));
  keys[assignment.substr(0, equals)] = {assignment.substr(equals + 1), "--set " + assignment,
                                        false};
}

int64_t to_integer(const std::string& key, const YamlValue& value, int64_t min, int64_t max) {
  int64_t number = 0;
  if (!parse(value.text, number))
    throw Error(fmt::format("{}: {}: '{}' is not a whole number in {}..{}", value.where, key,
                            value.text, min, max));
  if (number < min || number > max)
    throw Error(fmt::format("{}: {}: {} is outside {}..{}", value.where, key, number, min, max));
  return number;
}

double to_number(const std::string& key, const YamlValue& value, double min, double max) {
  double number = 0;
  if (!parse(value.text, number) || !std::isfinite(number))
    throw Error(fmt::format("{}: {}: '{}' is not a number in {}..{}", value.where, key, value.text,
                            min, max));
  if (number < min || number > max)
    throw Error(fmt::format("{}: {}: {} is outside {}..{}", value.where, key, number, min, max));
  return number;
}

void refuse_unknown_keys(const YamlKeys& keys, const std::vector<std::string>& known) {
  for (const auto& [key, value] : keys) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string nearest = nearest_word(key, known);
    const std::string hint =
        nearest.empty() ? expected_one_of(key, known) : fmt::format("did you mean {}?", nearest);
    throw Error(fmt::format("{}: {}: unknown key, {}", value.where, key, hint));
  }
}

}  // namespace systole::arch
