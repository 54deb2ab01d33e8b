// SPDX-License-Identifier: Apache-2.0
// Forks the tool into a process group of its own and waits with a watch on signals and the clock.
#include "sim/engine/tool_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>

#include "model/arch/error.h"

namespace systole {
namespace {

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
  setpgid(0, 0);
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

int run_tool(const std::vector<std::string>& command, const std::filesystem::path& directory,
             const std::filesystem::path& log, const std::string& title, const ToolState& state) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  const SignalWatch watch;
  ProgressLine line(title, state);
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child < 0)
    throw Error(fmt::format("{}: cannot start a process", command[0]), ExitCode::kStopped);
  if (child == 0) exec_tool(argv, directory.c_str(), log.c_str());
  setpgid(child, child);  // also here: the group must exist before it may be signalled

  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    if (interrupted != 0) {
      kill(-child, SIGKILL);
      waitpid(child, nullptr, 0);
      throw Error(fmt::format("interrupted; reached {}: {}", title, state(elapsed.count())),
                  static_cast<ExitCode>(128 + interrupted));
    }
    line.show(elapsed.count());
    usleep(50'000);
  }
}

}  // namespace systole
