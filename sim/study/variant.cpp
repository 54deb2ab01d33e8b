// SPDX-License-Identifier: Apache-2.0
// Reads the lists of a study and multiplies them.
#include "sim/study/variant.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "model/base/error.h"

namespace systole::study {
namespace {

/// The bits that `digit` names, 0: none.
int bits_of(char digit) {
  const bool known = digit == '8' || digit == '4' || digit == '2' || digit == '1';
  return known ? digit - '0' : 0;
}

StudyPrecision parse_precision(const std::string& text) {
  const std::string extension = std::filesystem::path(text).extension().string();
  if (extension == ".yaml" || extension == ".yml")
    return {std::filesystem::path(text).filename().string(), quant::load_precision(text), text};
  std::string name = text;
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  StudyPrecision precision;
  if (name == "INT8") {
    precision.name = "int8";
    return precision;
  }
  const bool shaped = name.size() == 4 && name[0] == 'W' && name[2] == 'A';
  if (!shaped || bits_of(name[1]) == 0 || bits_of(name[3]) == 0)
    throw Error(
        fmt::format("--precisions {}: expected int8, W4A8 and the like with 8, 4, 2 or 1 "
                    "bits, or a policy file (.yaml)",
                    text));
  precision.name = name;
  precision.policy.widths = {bits_of(name[1]), bits_of(name[3])};
  return precision;
}

template <typename Entry>
void add_once(std::vector<Entry>& entries, Entry entry, const char* option) {
  const auto same = [&](const Entry& other) { return other.name == entry.name; };
  if (std::any_of(entries.begin(), entries.end(), same))
    throw Error(fmt::format("{} {}: is given twice", option, entry.name));
  entries.push_back(std::move(entry));
}

}  // namespace

std::vector<StudyPrecision> parse_study_precisions(const std::vector<std::string>& texts) {
  std::vector<StudyPrecision> result;
  for (const std::string& text : texts) add_once(result, parse_precision(text), "--precisions");
  return result;
}

std::vector<StudyPruning> parse_study_prunings(const std::vector<std::string>& texts) {
  std::vector<StudyPruning> result;
  for (const std::string& text : texts)
    add_once(result, StudyPruning{text, prune::parse_joined_prune(text)}, "--prunes");
  return result;
}

std::vector<StudyVariant> study_variants(const StudyNetwork& network,
                                         const std::vector<StudyPrecision>& precisions,
                                         const std::vector<StudyPruning>& prunings,
                                         const std::vector<StudyNetwork>& beside) {
  std::vector<StudyVariant> variants;
  const auto add = [&](const StudyNetwork& added, const StudyPruning& pruning) {
    if (added.own_widths) {
      variants.push_back({added, {"own", {}, {}}, pruning});
      return;
    }
    for (const StudyPrecision& precision : precisions)
      variants.push_back({added, precision, pruning});
  };
  for (const StudyPruning& pruning : prunings) add(network, pruning);
  for (const StudyNetwork& other : beside) add(other, {});
  return variants;
}

}  // namespace systole::study
