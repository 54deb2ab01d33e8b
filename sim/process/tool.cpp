// SPDX-License-Identifier: Apache-2.0
// Starts the tool in a process group of its own and waits with a watch on signals and the clock.
#include "sim/process/tool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "model/base/error.h"
#include "sim/process/child.h"

namespace systole::process {
namespace {

constexpr std::chrono::milliseconds kTick{50};  // between two looks at signals and the clock

volatile std::sig_atomic_t interrupted = 0;  // the signal, if there was one

void note_signal(int signal) { interrupted = signal; }

/// Takes SIGINT and SIGTERM for its lifetime.
class SignalWatch {
 public:
  SignalWatch() {
    interrupted = 0;
    struct sigaction action = {};
    action.sa_handler = note_signal;
    sigaction(SIGINT, &action, &old_int_);
    sigaction(SIGTERM, &action, &old_term_);
  }
  ~SignalWatch() {
    sigaction(SIGINT, &old_int_, nullptr);
    sigaction(SIGTERM, &old_term_, nullptr);
  }
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  struct sigaction old_int_ = {};
  struct sigaction old_term_ = {};
};

/// In the child: never returns.
[[noreturn]] void exec_tool(std::vector<char*>& argv, const char* directory, const char* log) {
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  const int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (out < 0 || in < 0 || chdir(directory) != 0) _exit(126);
  dup2(in, 0);
  dup2(out, 1);
  dup2(out, 2);
  execvp(argv[0], argv.data());
  _exit(127);
}

/// The line that shows what is reached; nothing where stderr is no terminal.
class ProgressLine {
 public:
  ProgressLine(const std::string& title, const ToolState& state)
      : title_(title), state_(state), visible_(isatty(STDERR_FILENO) != 0) {}
  ~ProgressLine() {
    if (visible_) std::fputs("\r\033[K", stderr);
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(double seconds) {
    constexpr double kEvery = 0.2;
    if (!visible_ || seconds < shown_ + kEvery) return;
    shown_ = seconds;
    std::fputs(fmt::format("\r{}: {}\033[K", title_, state_(seconds)).c_str(), stderr);
    std::fflush(stderr);
  }

 private:
  const std::string title_;
  const ToolState& state_;
  const bool visible_;
  double shown_ = 0;
};

}  // namespace

std::filesystem::path find_tool(const std::string& tool) {
  const char* path = std::getenv("PATH");
  std::istringstream directories(path == nullptr ? "" : path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    std::filesystem::path candidate = std::filesystem::path(directory) / tool;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

int run_tool(const std::vector<std::string>& command, const std::filesystem::path& directory,
             const std::filesystem::path& log, const std::string& title, const ToolState& state) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  const SignalWatch watch;
  ProgressLine line(title, state);
  const auto begin = std::chrono::steady_clock::now();
  Child tool(
      command[0], [&] { exec_tool(argv, directory.c_str(), log.c_str()); }, Reach::kGroup);

  for (;;) {
    if (const std::optional<End> end = tool.wait_for(kTick))
      return end->signal == 0 ? end->status : 128 + end->signal;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    if (interrupted != 0) {
      tool.stop();
      throw Error(fmt::format("interrupted; reached {}: {}", title, state(elapsed.count())),
                  static_cast<ExitCode>(128 + interrupted));
    }
    line.show(elapsed.count());
  }
}

}  // namespace systole::process
