// SPDX-License-Identifier: Apache-2.0
// Commands `completion` and `man`: what shells and man want to know of the command line, from the
// same source as --help.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "compiler/choices/choices.h"
#include "model/arch/arch_keys.h"
#include "model/base/did_you_mean.h"
#include "sim/cli/commands.h"
#include "sim/cli/one_of.h"
#include "sim/cli/output.h"
#include "sim/cli/streams.h"
#include "sim/usage/command_tree.h"
#include "sim/usage/completion.h"
#include "sim/usage/man_page.h"

namespace systole::cli {
namespace {

/// What --set takes.
std::vector<std::string> keys_of_set() {
  std::vector<std::string> keys = arch::override_keys();
  for (const choices::ChoiceInfo& choice : choices::kChoices) keys.emplace_back(choice.key);
  return keys;
}

/// The seconds that $SOURCE_DATE_EPOCH says.
std::time_t epoch_of(const std::string& text) {
  constexpr int64_t kLatest = 253'402'300'799;  // of year 9999
  int64_t seconds = -1;
  const char* const end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || behind != end || seconds < 0 || seconds > kLatest)
    throw Error(
        fmt::format("SOURCE_DATE_EPOCH: '{}' is not a whole number in 0..{}", text, kLatest));
  return static_cast<std::time_t>(seconds);
}

/// Of the moment, or of $SOURCE_DATE_EPOCH, by which builds are reproduced.
std::string page_date() {
  const char* given = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t moment = given == nullptr ? std::time(nullptr) : epoch_of(given);
  std::tm date = {};
  gmtime_r(&moment, &date);
  return fmt::format("{:04}-{:02}-{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
}

std::string page_of(const usage::Command& program, const usage::Command& command) {
  std::vector<std::string> others;
  if (&program == &command)
    for (const usage::Command& below : program.commands)
      others.push_back("systole-" + below.name());
  else
    others.emplace_back("systole");
  return usage::man_page(command, SYSTOLE_VERSION, page_date(), others);
}

void print_page(const usage::Command& program, const std::string& name) {
  if (name.empty()) return print_out(page_of(program, program));
  std::vector<std::string> names;
  for (const usage::Command& command : program.commands) {
    if (command.name() == name) return print_out(page_of(program, command));
    names.push_back(command.name());
  }
  throw Error(fmt::format("man: unknown command '{}', {}", name, expected_one_of(name, names)));
}

void write_pages(const usage::Command& program, const std::filesystem::path& folder) {
  OutputDirectory directory(folder);
  directory.write(usage::man_page_file(program), page_of(program, program));
  for (const usage::Command& command : program.commands)
    directory.write(usage::man_page_file(command), page_of(program, command));
  directory.commit();
}

}  // namespace

void add_completion_command(CLI::App& app, ExitCode&) {
  CLI::App* command =
      app.add_subcommand("completion", "Print what a shell completes command lines by");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "Shell")
      ->required()
      ->check(OneOf({"bash", "zsh"}))
      ->type_name("SHELL");
  command->footer(
      "Examples:\n"
      "  source <(systole completion bash)\n"
      "  systole completion zsh > ~/.zfunc/_systole");
  command->callback([&app, shell] {
    const usage::Command program = usage::command_tree(app);
    print_out(*shell == "bash" ? usage::bash_completion(program, keys_of_set())
                               : usage::zsh_completion(program, keys_of_set()));
  });
}

void add_man_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand("man", "Print a manual page");
  auto name = std::make_shared<std::string>();
  auto folder = std::make_shared<std::filesystem::path>();
  command->add_option("command", *name, "Command; default: of the program")->type_name("COMMAND");
  command->add_option("-o,--output", *folder, "Write all pages to a directory")->type_name("DIR");
  command->footer("Examples:\n  systole man run | man -l -\n  systole man -o man1");
  command->callback([&app, name, folder] {
    if (!folder->empty() && !name->empty())
      throw Error("man: -o writes the pages of all commands, expected no command");
    const usage::Command program = usage::command_tree(app);
    if (folder->empty()) return print_page(program, *name);
    write_pages(program, *folder);
  });
}

}  // namespace systole::cli
