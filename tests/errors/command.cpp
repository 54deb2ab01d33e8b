// SPDX-License-Identifier: Apache-2.0
// Forks the program with its output in files.
#include "tests/errors/command.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace systole {
namespace {

namespace fs = std::filesystem;

fs::path make_directory() {
  std::string name = (fs::temp_directory_path() / "systole_test_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  return name;
}

std::vector<std::string> program_words(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {SYSTOLE_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

// `arguments`: the program's path first.
[[noreturn]] void become(const std::vector<std::string>& arguments, const fs::path& directory,
                         const fs::path& out, const fs::path& err) {
  dup2(open(out.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600), STDOUT_FILENO);
  dup2(open(err.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600), STDERR_FILENO);
  if (chdir(directory.c_str()) != 0) _exit(126);
  std::vector<std::string> words = arguments;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  _exit(127);
}

}  // namespace

Workplace::Workplace() : path_(make_directory()) {}

Workplace::~Workplace() {
  std::error_code error;
  fs::remove_all(path_, error);
}

std::string Workplace::write(const std::string& name, std::string_view bytes) const {
  std::ofstream(path_ / name, std::ios::binary) << bytes;
  written_.push_back(name);
  return name;
}

CommandResult Workplace::run(const std::vector<std::string>& arguments) const {
  return run(program_words(arguments), {});
}

CommandResult Workplace::shell(const std::string& script) const {
  return run({"/bin/sh", "-c", "SYSTOLE='" SYSTOLE_BINARY "'\n" + script}, {});
}

CommandResult Workplace::interrupt(const std::vector<std::string>& arguments,
                                   const std::function<bool()>& when) const {
  return run(program_words(arguments), [&](int process) {
    const auto ended = [&] {
      siginfo_t info = {};
      waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOHANG | WNOWAIT);
      return info.si_pid != 0;
    };
    while (!ended() && !when()) usleep(10'000);
    kill(process, SIGINT);
  });
}

CommandResult Workplace::run(const std::vector<std::string>& arguments,
                             const std::function<void(int)>& meanwhile) const {
  const fs::path out = path_.string() + ".out", err = path_.string() + ".err";
  const pid_t child = fork();
  if (child == 0) become(arguments, path_, out, err);
  if (meanwhile) meanwhile(child);
  int status = 0;
  waitpid(child, &status, 0);
  CommandResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = read_file(out);
  result.err = read_file(err);
  fs::remove(out);
  fs::remove(err);
  return result;
}

std::vector<std::string> Workplace::left_behind() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path_)) {
    const std::string name = entry.path().filename().string();
    if (std::find(written_.begin(), written_.end(), name) == written_.end()) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool can_run_as_someone(const Workplace& place) {
  return place.shell("chmod 755 . && " + kAsSomeone + "$SYSTOLE archs show edge-16x16 2>&1")
             .exit_code == 0;
}

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string test_data_path(const std::string& name) {
  return SYSTOLE_SOURCE_DIR "/tests/data/" + name;
}

std::string test_data(const std::string& name) { return read_file(test_data_path(name)); }

std::string without_clock_warning(const std::string& err) {
  static const std::regex kWarning(
      "warning: (the given clock of|clock_mhz [0-9.]+ of \\S+ is above)[^\n]*\n");
  return std::regex_replace(err, kWarning, "");
}

void check_refused(const Workplace& place, const std::vector<std::string>& arguments, int exit_code,
                   const std::string& message) {
  const CommandResult result = place.run(arguments);
  CAPTURE(arguments);
  CHECK(result.err == "systole: " + message + "\n");
  CHECK(result.exit_code == exit_code);
  CHECK(place.left_behind().empty());
}

}  // namespace systole
