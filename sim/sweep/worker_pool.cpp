// SPDX-License-Identifier: Apache-2.0
// Forks a process a task and gathers what each writes to its pipe until it closes.
#include "sim/sweep/worker_pool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "model/arch/error.h"

namespace systole {
namespace {

constexpr char kOk = '+', kFailed = '-';  // the first byte of what a worker writes

struct Worker {
  size_t task;
  pid_t process;
  int pipe;
  std::string text;
};

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) _exit(1);
    bytes.remove_prefix(static_cast<size_t>(done));
  }
}

[[noreturn]] void work(int fd, size_t index, const std::function<std::string(size_t)>& task) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGINT, SIG_IGN);   // the parent decides, and its end is ours
  signal(SIGTERM, SIG_DFL);  // not the parent's handler
  signal(SIGPIPE, SIG_IGN);
  std::string answer;
  try {
    answer = kOk + task(index);
  } catch (const std::bad_alloc&) {
    answer = std::string(1, kFailed) + "out of memory";
  } catch (const std::exception& error) {
    answer = kFailed + std::string(error.what());
  }
  write_all(fd, answer);
  std::fflush(nullptr);
  _exit(0);
}

Worker start(size_t index, const std::function<std::string(size_t)>& task) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Error("cannot make a pipe for a worker");
  std::fflush(nullptr);  // or the child would print it again
  const pid_t child = fork();
  if (child < 0) throw Error("cannot start a process for a worker");
  if (child == 0) {
    close(ends[0]);
    work(ends[1], index, task);
  }
  close(ends[1]);
  return {index, child, ends[0], {}};
}

/// Reads what there is; false at the end.
bool read_some(Worker& worker) {
  char buffer[4096];
  const ssize_t size = read(worker.pipe, buffer, sizeof buffer);
  if (size < 0) return errno == EINTR;
  worker.text.append(buffer, static_cast<size_t>(size));
  return size > 0;
}

WorkerResult end(Worker& worker) {
  close(worker.pipe);
  int status = 0;
  while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFSIGNALED(status))
    return {false, fmt::format("was killed by signal {} ({})", WTERMSIG(status),
                               strsignal(WTERMSIG(status)))};
  if (worker.text.empty()) return {false, fmt::format("ended with status {}", WEXITSTATUS(status))};
  return {worker.text[0] == kOk, worker.text.substr(1)};
}

}  // namespace

void run_workers(size_t count, int jobs, const std::function<std::string(size_t)>& task,
                 const std::function<void(size_t, const WorkerResult&)>& done) {
  std::vector<Worker> workers;
  size_t next = 0;
  while (next < count || !workers.empty()) {
    while (next < count && workers.size() < static_cast<size_t>(std::max(jobs, 1)))
      workers.push_back(start(next++, task));
    std::vector<pollfd> polled;
    for (const Worker& worker : workers) polled.push_back({worker.pipe, POLLIN, 0});
    if (poll(polled.data(), polled.size(), -1) < 0) continue;
    for (size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents == 0 || read_some(workers[i])) continue;
      const WorkerResult result = end(workers[i]);
      const size_t index = workers[i].task;
      workers.erase(workers.begin() + static_cast<std::ptrdiff_t>(i));
      done(index, result);
    }
  }
}

int usable_processors() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

}  // namespace systole
