// SPDX-License-Identifier: Apache-2.0
// Figures and their sources.
#include "model/arch/figure_reader.h"

#include <fmt/format.h>

#include "model/base/error.h"

namespace systole::arch {
namespace {

constexpr double kMaxValue = 1e9;
const std::string kSources = "sources.";

}  // namespace

const YamlValue* FigureReader::find(const std::string& key) {
  known_.insert(key);
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &found->second;
}

const YamlValue& FigureReader::require(const std::string& key) {
  if (const YamlValue* value = find(key)) return *value;
  throw Error(fmt::format("{}: {}: missing, {} must state it", file_, key, what_));
}

EnergyEntry FigureReader::figure(const std::string& key) {
  const std::string value = key + ".value", source = key + ".source";
  EnergyEntry result;
  result.value = to_number(value, require(value), 0, kMaxValue);
  const YamlValue& named = require(source);
  if (!keys_.contains(kSources + named.text))
    throw Error(fmt::format("{}: {}: '{}' is not among the sources of the file", named.where,
                            source, named.text));
  used_.insert(kSources + named.text);
  known_.insert(key + ".how");
  if (const YamlValue* flag = find(key + ".extrapolated")) {
    if (flag->text != "true" && flag->text != "false")
      throw Error(fmt::format("{}: {}.extrapolated: '{}', expected true or false", flag->where, key,
                              flag->text));
    result.extrapolated = flag->text == "true";
  }
  return result;
}

void FigureReader::finish() {
  for (const auto& [key, value] : keys_)
    if (key.starts_with(kSources)) known_.insert(key);
  refuse_unknown_keys(keys_, {known_.begin(), known_.end()});
  for (const auto& [key, value] : keys_)
    if (key.starts_with(kSources) && !used_.contains(key))
      throw Error(fmt::format("{}: {}: no entry names this source", value.where, key));
}

}  // namespace systole::arch
