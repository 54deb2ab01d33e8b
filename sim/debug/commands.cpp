// SPDX-License-Identifier: Apache-2.0
// One table of commands: names, operands, help, and what carries them out.
#include "sim/debug/commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/error.h"
#include "sim/debug/history.h"
#include "sim/debug/show.h"
#include "sim/debug/tensor_values.h"
#include "sim/report/format.h"

namespace systole::debug {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kConditionHelp =
    "Conditions: pc N and layer NAME (it starts; a layer with its first instruction), cycle N,\n"
    "cause UNIT CAUSE (the unit turns to it), write PLACE (an instruction ends that writes there,\n"
    "or the place changes by itself), fault, golden (an instruction ends that wrote something\n"
    "else than the golden executor).";
constexpr const char* kPlaceHelp =
    "Places: dram ADDRESS[:END], ub WORD[.LANE], ub WORD[:END], acc ROW[:END], TENSOR[n,c,y,x]\n"
    "in the network's coordinates ([c,y,x] where the batch is 1, A:B for a range, ':' for all);\n"
    "the END is not included.";

void expect_operands(std::span<const std::string> operands, size_t most, const char* command) {
  if (operands.size() > most)
    throw Error(fmt::format("{}: '{}' is one operand too many, expected at most {}", command,
                            report::printable(operands[most]), most));
}

/// The only operand: how often; 1 if there is none.
uint64_t times(std::span<const std::string> operands, const char* command) {
  expect_operands(operands, 1, command);
  return operands.empty() ? 1 : parse_number(operands[0], fmt::format("how far to {}", command));
}

}  // namespace

std::span<const Commands::Command> Commands::table() {
  static const Command kTable[] = {
      {"where", "w", "", "Cycle, layers at work, and a line for each unit", &Commands::where},
      {"step", "s", "[N]", "N cycles forwards", &Commands::step},
      {"back", "b", "[N]", "N cycles back", &Commands::back},
      {"instruction", "i", "[N]", "Forwards until N instructions have ended",
       &Commands::instruction},
      {"back-instruction", "bi", "[N]", "Back to before the end of the last N instructions",
       &Commands::back_instruction},
      {"goto", "g", "CYCLE", "To a cycle, forwards or back", &Commands::go_to},
      {"run", "r", "[CONDITION]", "To the next breakpoint, to a condition, or to the end",
       &Commands::run},
      {"continue", "c", "[CONDITION]", "The same", &Commands::run},
      {"reverse-continue", "rc", "", "Back to where the last breakpoint before stops a run",
       &Commands::reverse},
      {"break", "br", "CONDITION", "Set a breakpoint", &Commands::set_break},
      {"delete", "d", "N|all", "Remove a breakpoint", &Commands::remove},
      {"list", "l", "", "Tell the breakpoints", &Commands::list},
      {"print", "p", "WHAT",
       "units, queues, semaphores, locks, ring, counters [BEGINNING] or breakpoints",
       &Commands::print},
      {"x", "x", "PLACE", "Bytes of DRAM, words of UB or rows of ACC as they stand",
       &Commands::memory},
      {"output", "o", "PC",
       "What an instruction writes, in the coordinates of its loops: [image,row,column]",
       &Commands::output},
      {"tensor", "t", "[TENSOR[[I,...]]] [real]",
       "The tensors and where they are; or values of one as stored, or as real numbers",
       &Commands::tensor},
      {"who", "wh", "PLACE",
       "Who wrote the value, when, and what was there before; who read it last", &Commands::who},
      {"disasm", "u", "[PC [COUNT]]",
       "Those that units are at, or 8 or COUNT from PC on, with the units", &Commands::disasm},
      {"help", "h", "[COMMAND]", "Tell the commands, or one", &Commands::help},
      {"quit", "q", "", "End the session", &Commands::quit},
  };
  return kTable;
}

const Commands::Command& Commands::find(const std::string& word) {
  Texts names;
  for (const Command& command : table()) {
    if (word == command.name || word == command.short_name) return command;
    names.emplace_back(command.name);
  }
  throw_unknown("command", word, names);
}

std::string Commands::execute(const std::string& line) {
  const Texts words = split_words(line);
  if (words.empty()) return "";
  const Command& command = find(words[0]);
  return (this->*command.run)(std::span(words).subspan(1));
}

std::string Commands::where(Words operands) {
  expect_operands(operands, 0, "where");
  return place_in_run(session_.target(), session_.around()) +
         units_text(session_.target().now(), session_.around());
}

std::string Commands::step(Words operands) { return session_.step(times(operands, "step")); }

std::string Commands::instruction(Words operands) {
  return session_.step_instructions(times(operands, "instruction"));
}

std::string Commands::back(Words operands) { return session_.back(times(operands, "back")); }

std::string Commands::back_instruction(Words operands) {
  return session_.back_instructions(times(operands, "back-instruction"));
}

std::string Commands::go_to(Words operands) {
  if (operands.size() != 1) throw Error("goto: expected a cycle");
  return session_.go_to(parse_number(operands[0], "a cycle"));
}

std::string Commands::run(Words operands) {
  return operands.empty() ? session_.run() : session_.run_to(parse_condition(operands));
}

std::string Commands::reverse(Words operands) {
  expect_operands(operands, 0, "reverse-continue");
  return session_.reverse();
}

std::string Commands::set_break(Words operands) {
  const Condition condition = parse_condition(operands);
  const std::string text = condition_text(condition, session_.around().words);
  return fmt::format("breakpoint {}: {}\n", session_.add(condition), text);
}

std::string Commands::remove(Words operands) {
  if (operands.size() != 1) throw Error("delete: expected the number of a breakpoint, or all");
  if (operands[0] == "all")
    session_.remove_all();
  else
    session_.remove(static_cast<int>(parse_number(operands[0], "the number of a breakpoint")));
  return "";
}

std::string Commands::list(Words operands) {
  expect_operands(operands, 0, "list");
  return session_.list();
}

std::string Commands::print(Words operands) {
  Target& target = session_.target();
  const isa::HwParams& hw = session_.around().subject.arch.hw;
  const std::string what = operands.empty() ? "units" : operands[0];
  if (what == "counters") {
    expect_operands(operands, 2, "print counters");
    return counters_text(target.counters(), operands.size() > 1 ? operands[1] : "");
  }
  expect_operands(operands, 1, "print");
  if (what == "units") return units_text(target.now(), session_.around());
  if (what == "queues") return queues_text(target.now(), session_.around());
  if (what == "semaphores") return semaphores_text(target.now());
  if (what == "locks") return locks_text(target.now(), hw);
  if (what == "ring") return ring_text(target.now(), hw);
  if (what == "breakpoints") return session_.list();
  throw_unknown("print", what, shown());
}

std::string Commands::memory(Words operands) {
  return memory_text(parse_operands_place(operands), session_.target(), session_.around());
}

std::string Commands::output(Words operands) {
  if (operands.size() != 1) throw Error("output: expected the number of an instruction");
  return output_text(session_.around().words.parse_pc(operands[0]), session_.target(),
                     session_.around());
}

std::string Commands::tensor(Words operands) {
  if (operands.empty()) return tensors_text(session_.target(), session_.around());
  expect_operands(operands, 2, "tensor");
  const bool real = operands.size() == 2;
  if (real && operands[1] != "real")
    throw Error(fmt::format("tensor: '{}': expected real", report::printable(operands[1])));
  return tensor_text(operands[0], real, session_.target(), session_.around());
}

std::string Commands::who(Words operands) {
  const Surroundings& around = session_.around();
  if (!is_address(operands)) {
    Tensors::Reference value = around.tensors.parse(operands[0]);
    value.count.assign(value.count.size(), 1);  // the first stands for all
    const size_t tensor = value.tensor;
    const int64_t index = around.tensors.values_of(value).front();
    const Standing at = TensorValues(tensor, session_.target(), around).standing(index);
    if (!around.tensors.at(tensor).in_dram && at.presence != Presence::kThere)
      return missing_text(tensor, index, at, around);
    return who_text(place_of(value, session_.target(), around), session_.target(), around);
  }
  return who_text(parse_operands_place(operands), session_.target(), around);
}

std::string Commands::disasm(Words operands) {
  expect_operands(operands, 2, "disasm");
  const Surroundings& around = session_.around();
  const Moment& now = session_.target().now();
  if (operands.empty()) return listing(now, around, instructions_at_work(now, around));
  const uint64_t first = around.words.parse_pc(operands[0]);
  const uint64_t count =
      operands.size() > 1 ? parse_number(operands[1], "how many instructions") : 8;
  std::vector<uint32_t> instructions;
  for (uint64_t pc = first; pc - first < count && pc < around.subject.program.code.size(); ++pc)
    instructions.push_back(static_cast<uint32_t>(pc));
  return listing(now, around, instructions);
}

std::string Commands::help_of(const Command& command) {
  const std::string names = std::string(command.name) == command.short_name
                                ? command.name
                                : fmt::format("{}, {}", command.name, command.short_name);
  return fmt::format("{:<21} {:<13} {}\n", names, command.operands, command.help);
}

std::string Commands::help(Words operands) {
  expect_operands(operands, 1, "help");
  if (!operands.empty()) {
    const Command& command = find(operands[0]);
    const std::string needed = command.operands;
    std::string text = help_of(command);
    if (needed.find("CONDITION") != std::string::npos)
      text += fmt::format("{}\n{}\n", kConditionHelp, kPlaceHelp);
    if (needed.find("PLACE") != std::string::npos) text += fmt::format("{}\n", kPlaceHelp);
    return text;
  }
  std::string text;
  for (const Command& command : table()) text += help_of(command);
  return text + fmt::format("{}\n{}\n", kConditionHelp, kPlaceHelp);
}

std::string Commands::quit(Words operands) {
  expect_operands(operands, 0, "quit");
  ended_ = true;
  return "";
}

}  // namespace systole::debug
