// SPDX-License-Identifier: Apache-2.0
// The only place that forks and reaps.
#include "sim/process/child.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <thread>
#include <utility>

#include "model/base/error.h"

namespace systole::process {
namespace {

constexpr int kThrew = 1;  // the status of a body that threw

[[noreturn]] void run_and_exit(const std::function<void()>& body) {
  int status = 0;
  try {
    body();
  } catch (...) {
    status = kThrew;
  }
  std::fflush(nullptr);
  _exit(status);
}

/// In the child: it ends with `parent`, and what the parent does about signals is not its business.
void be_worker(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kThrew);  // it died before it could be asked for
  signal(SIGINT, SIG_IGN);                 // the parent decides, and its end is ours
  signal(SIGTERM, SIG_DFL);                // not the parent's handler
  signal(SIGPIPE, SIG_IGN);
}

/// A program that is started with SIGCHLD ignored could not know how its children ended.
void keep_ends() {
  struct sigaction action = {};
  if (sigaction(SIGCHLD, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
    signal(SIGCHLD, SIG_DFL);
}

}  // namespace

std::string describe(const End& end) {
  if (end.signal != 0)
    return fmt::format("was killed by signal {} ({})", end.signal, strsignal(end.signal));
  return fmt::format("ended with status {}", end.status);
}

bool is_from_outside(const End& end) {
  return end.signal == SIGKILL || end.signal == SIGTERM || end.signal == SIGINT ||
         end.signal == SIGHUP || end.signal == SIGQUIT;
}

Child::Child(const std::string& purpose, const std::function<void()>& body, Reach reach)
    : reach_(reach) {
  keep_ends();
  std::fflush(nullptr);  // or the child would print it again
  id_ = fork();
  if (id_ < 0)
    throw Error(fmt::format("cannot start a process for {}: {}", purpose, std::strerror(errno)),
                ExitCode::kStopped);
  if (id_ == 0) {
    if (reach == Reach::kGroup) setpgid(0, 0);
    run_and_exit(body);
  }
  if (reach == Reach::kGroup)
    setpgid(id_, id_);  // also here: the group must exist before it may be signalled
}

Child::~Child() { stop(); }

Child::Child(Child&& other) noexcept
    : id_(std::exchange(other.id_, -1)), reach_(other.reach_), end_(other.end_) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(id_, other.id_);  // the other stops what this one had
  std::swap(reach_, other.reach_);
  std::swap(end_, other.end_);
  return *this;
}

std::optional<End> Child::reap(int options) {
  if (end_ || id_ < 0) return end_;
  int status = 0;
  pid_t ended;
  rusage used = {};
  while ((ended = wait4(id_, &status, options, &used)) < 0 && errno == EINTR) continue;
  if (ended == 0) return std::nullopt;  // it goes on
  if (ended < 0)
    end_ = End{kThrew, 0, 0};  // somebody else has reaped it
  else if (WIFSIGNALED(status))
    end_ = End{0, WTERMSIG(status), used.ru_maxrss};
  else
    end_ = End{WEXITSTATUS(status), 0, used.ru_maxrss};
  return end_;
}

End Child::wait() { return reap(0).value_or(End{}); }

std::optional<End> Child::wait_for(std::chrono::milliseconds time) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kLongestNap{20};
  const Clock::time_point until = Clock::now() + time;
  for (std::chrono::milliseconds nap{1};; nap = std::min(2 * nap, kLongestNap)) {
    if (const std::optional<End> end = reap(WNOHANG)) return end;
    const Clock::time_point now = Clock::now();
    if (now >= until) return std::nullopt;
    std::this_thread::sleep_for(std::min<Clock::duration>(nap, until - now));
  }
}

void Child::stop() {
  if (end_ || id_ < 0) return;
  kill(reach_ == Reach::kGroup ? -id_ : id_, SIGKILL);
  wait();
}

Worker start_worker(const std::string& purpose, const std::function<void(int out)>& body) {
  Pipe pipe = make_pipe(purpose);
  const pid_t parent = getpid();
  Child child(purpose, [&] {
    be_worker(parent);
    pipe.read_end.close();
    body(pipe.write_end.get());
  });
  return {std::move(child), std::move(pipe.read_end)};
}

}  // namespace systole::process
