// SPDX-License-Identifier: Apache-2.0
// What stands behind the names of commands: places, conditions, and the words that could follow.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"
#include "sim/debug/commands.h"
#include "sim/debug/tensor_values.h"
#include "sim/report/format.h"

namespace systole::debug {
namespace {

const std::vector<std::string> kConditions = {"pc",    "layer", "cycle", "cause",
                                              "write", "fault", "golden"};

}  // namespace

std::vector<std::string> split_words(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream text(line);
  for (std::string word; text >> word && word[0] != '#';) words.push_back(word);
  return words;
}

void throw_unknown(const std::string& what, const std::string& word,
                   const std::vector<std::string>& known) {
  throw Error(
      fmt::format("{} '{}': {}", what, report::printable(word), expected_one_of(word, known)));
}

std::vector<std::string> Commands::shown() {
  return {"units", "queues", "semaphores", "locks", "ring", "counters", "breakpoints"};
}

Place Commands::parse_operands_place(Words words) const {
  const Surroundings& around = session_.around();
  if (!is_address(words))
    return place_of(around.tensors.parse(words[0]), session_.target(), around);
  return parse_place(words, around.footprints.geometry(), around.subject.arch.hw,
                     around.subject.arch.memory.size_mib << 20);
}

Condition Commands::parse_condition(Words words) const {
  const ProgramWords& program = session_.around().words;
  const auto expect = [&](size_t count, const char* form) {
    if (words.size() != count) throw Error(fmt::format("expected {}", form));
  };
  if (words.empty())
    throw Error(fmt::format("expected a condition: {}", fmt::join(kConditions, ", ")));
  const std::string& kind = words[0];
  if (kind == "pc") {
    expect(2, "pc N");
    return AtPc{program.parse_pc(words[1])};
  }
  if (kind == "layer") {
    if (words.size() < 2) throw Error("expected layer NAME");
    const std::string name = fmt::format("{}", fmt::join(words.subspan(1), " "));
    return AtLayer{name, program.first_of_layer(name)};
  }
  if (kind == "cycle") {
    expect(2, "cycle N");
    return AtCycle{parse_number(words[1], "a cycle")};
  }
  if (kind == "cause") {
    expect(3, "cause UNIT CAUSE");
    return AtCause{parse_unit(words[1]), parse_cause(words[2])};
  }
  if (kind == "write") {
    const Words place_words = words.subspan(1);
    if (!is_address(place_words)) return writes_of(place_words[0], session_.around());
    const Place place = parse_operands_place(place_words);
    return AtWrite{place, fmt::format("{}", fmt::join(words.subspan(1), " "))};
  }
  if (kind == "fault") {
    expect(1, "fault alone");
    return AtFault{};
  }
  if (kind == "golden") {
    expect(1, "golden alone");
    return AtGolden{};
  }
  throw_unknown("condition", kind, kConditions);
}

std::vector<std::string> Commands::completions(const std::string& line) const {
  std::vector<std::string> words = split_words(line);
  const bool begins = line.empty() || line.back() == ' ';
  if (begins || words.empty()) words.emplace_back();
  const std::string last = words.back();
  std::vector<std::string> known;
  if (words.size() == 1) {
    for (const Command& command : table()) known.emplace_back(command.name);
  } else if (words[0] == "help" || words[0] == "h") {
    for (const Command& command : table()) known.emplace_back(command.name);
  } else if (words[0] == "print" || words[0] == "p") {
    known = shown();
  } else if (words[words.size() - 2] == "layer") {
    known = session_.around().words.layer_names();
  } else if (words[words.size() - 2] == "cause") {
    known = unit_names();
  } else if (words.size() > 2 && words[words.size() - 3] == "cause") {
    known = cause_names();
  } else {
    known = session_.around().tensors.names();
    known.insert(known.end(), {"dram", "ub", "acc"});
    if (words.size() == 2) known.insert(known.end(), kConditions.begin(), kConditions.end());
  }
  std::erase_if(known, [&](const std::string& word) { return !word.starts_with(last); });
  return known;
}

}  // namespace systole::debug
