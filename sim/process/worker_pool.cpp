// SPDX-License-Identifier: Apache-2.0
// Starts a worker a task and gathers what each writes to its pipe until it closes.
#include "sim/process/worker_pool.h"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <new>
#include <vector>

#include "model/base/error.h"
#include "sim/process/child.h"

namespace systole::process {
namespace {

constexpr char kOk = '+', kFailed = '-', kKilled = '!';  // the first byte of what a worker writes
constexpr int kMeanwhileMs = 1000;

struct Running {
  size_t task;
  Worker worker;
  std::string text;
};

std::string answer_of(const std::function<std::string(size_t)>& task, size_t index) {
  try {
    return kOk + task(index);
  } catch (const std::bad_alloc&) {
    return kFailed + std::string("out of memory");
  } catch (const KilledError& error) {
    return kKilled + std::string(error.what());
  } catch (const Error& error) {
    return kFailed + std::string(error.what());
  } catch (const std::exception& error) {
    return kFailed + std::string(internal_error(error.what()).what());
  }
}

Running start(size_t index, const std::function<std::string(size_t)>& task) {
  return {index,
          start_worker("a worker",
                       [&](int out) {
                         const std::string answer = answer_of(task, index);
                         write_all(out, answer.data(), answer.size());
                       }),
          {}};
}

/// Reads what there is; false at the end.
bool read_more(Running& running) {
  char buffer[4096];
  const size_t size = read_some(running.worker.answer.get(), buffer, sizeof buffer);
  running.text.append(buffer, size);
  return size > 0;
}

WorkerResult finish(Running& running) {
  running.worker.answer.close();
  const End end = running.worker.child.wait();
  if (end.signal != 0 || running.text.empty())
    return {false, describe(end), is_from_outside(end), end.peak_kib};
  return {running.text[0] == kOk, running.text.substr(1), running.text[0] == kKilled, end.peak_kib};
}

/// Waits until some of them have something to read, or have ended, or a second has passed.
std::vector<pollfd> wait_for_any(const std::vector<Running>& running) {
  std::vector<pollfd> polled;
  for (const Running& one : running) polled.push_back({one.worker.answer.get(), POLLIN, 0});
  while (poll(polled.data(), polled.size(), kMeanwhileMs) < 0)
    if (errno != EINTR)
      throw Error(fmt::format("cannot wait for workers: {}", std::strerror(errno)),
                  ExitCode::kStopped);
  return polled;
}

}  // namespace

void run_workers(const Work& work, int jobs) {
  std::vector<Running> running;
  for (;;) {
    while (running.size() < static_cast<size_t>(std::max(jobs, 1))) {
      const std::optional<size_t> task = work.next();
      if (!task) break;
      running.push_back(start(*task, work.task));
    }
    if (running.empty()) return;
    const std::vector<pollfd> polled = wait_for_any(running);
    for (size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents == 0 || read_more(running[i])) continue;
      const WorkerResult result = finish(running[i]);
      const size_t index = running[i].task;
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      work.done(index, result);
    }
    if (work.meanwhile) work.meanwhile();
  }
}

void run_workers(size_t count, int jobs, const std::function<std::string(size_t)>& task,
                 const std::function<void(size_t, const WorkerResult&)>& done) {
  size_t next = 0;
  Work work;
  work.next = [&] { return next < count ? std::optional(next++) : std::nullopt; };
  work.task = task;
  work.done = done;
  run_workers(work, jobs);
}

int usable_processors() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

}  // namespace systole::process
