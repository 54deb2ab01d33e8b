// SPDX-License-Identifier: Apache-2.0
// Reads and writes choices as text.
#include "compiler/choices/choices.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"

namespace systole::choices {
namespace {

constexpr const char* kPrefix = "compile.";

std::string key_of(const std::string& assignment) {
  return assignment.substr(0, assignment.find('='));
}

}  // namespace

bool is_choice(const std::string& key) { return key.starts_with(kPrefix); }

void set_choice(const std::string& key, const std::string& value, Choices& choices) {
  std::vector<std::string> known;
  for (const ChoiceInfo& choice : kChoices) {
    known.emplace_back(choice.key);
    if (key != choice.key) continue;
    if (value != "true" && value != "false")
      throw Error(fmt::format("{}: '{}', expected true or false", key, value));
    choices.*choice.member = value == "true";
    return;
  }
  throw Error(fmt::format("unknown key '{}', expected one of {}{}", key, fmt::join(known, ", "),
                          did_you_mean(key, known)));
}

Choices take_choices(std::vector<std::string>& assignments) {
  Choices choices;
  for (const std::string& assignment : assignments) {
    const std::string key = key_of(assignment);
    if (!is_choice(key)) continue;
    const size_t value = std::min(key.size() + 1, assignment.size());
    try {
      set_choice(key, assignment.substr(value), choices);
    } catch (const Error& error) {
      throw Error(fmt::format("--set {}: {}", assignment, error.what()));
    }
  }
  std::erase_if(assignments, [](const std::string& one) { return is_choice(key_of(one)); });
  return choices;
}

std::string to_text(const Choices& choices) {
  std::string text;
  for (const ChoiceInfo& choice : kChoices)
    if (!(choices.*choice.member))
      text += fmt::format("{}{}=false", text.empty() ? "" : " ", choice.key);
  return text;
}

}  // namespace systole::choices
