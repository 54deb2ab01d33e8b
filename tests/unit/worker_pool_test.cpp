// SPDX-License-Identifier: Apache-2.0
// Tasks in processes of their own: every result comes once, and failures are results that say why.
#include "sim/process/worker_pool.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <new>
#include <set>
#include <stdexcept>
#include <vector>

namespace systole::process {
namespace {

std::vector<WorkerResult> results_of(size_t count, int jobs,
                                     const std::function<std::string(size_t)>& task) {
  std::vector<WorkerResult> results(count);
  std::vector<int> seen(count);
  run_workers(count, jobs, task, [&](size_t i, const WorkerResult& result) {
    results[i] = result;
    ++seen[i];
  });
  CHECK(seen == std::vector<int>(count, 1));
  return results;
}

bool has_children() { return waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD; }

TEST_CASE("every task gives its result once, however many run at a time") {
  for (const int jobs : {-1, 0, 1, 3, 50}) {
    const auto results = results_of(17, jobs, [](size_t i) { return std::to_string(i * i); });
    for (size_t i = 0; i < results.size(); ++i) {
      CHECK(results[i].ok);
      CHECK(results[i].text == std::to_string(i * i));
    }
    CHECK_FALSE(has_children());
  }
  CHECK(results_of(0, 2, [](size_t) { return ""; }).empty());
}

TEST_CASE("answers of no byte and of more than a pipe holds come whole") {
  const auto results = results_of(2, 2, [](size_t i) { return std::string(i << 20, 'x'); });
  CHECK(results[0].ok);
  CHECK(results[0].text.empty());
  CHECK(results[1].ok);
  CHECK(results[1].text == std::string(1 << 20, 'x'));
}

TEST_CASE("a task that throws, dies or just ends is a result that says why, and the others go on") {
  const auto results = results_of(6, 2, [](size_t i) -> std::string {
    if (i == 1) throw std::runtime_error("the key is wrong");
    if (i == 2) throw std::bad_alloc();
    if (i == 3) raise(SIGKILL);
    if (i == 4) _exit(9);
    return "fine";
  });
  CHECK(results[0].ok);
  CHECK(results[1].text == "internal error: the key is wrong");
  CHECK(results[2].text == "out of memory");
  CHECK(results[3].text == "was killed by signal 9 (Killed)");
  CHECK(results[4].text == "ended with status 9");
  for (size_t i = 1; i < 5; ++i) CHECK_FALSE(results[i].ok);
  CHECK(results[5].ok);
}

TEST_CASE("where what takes the results throws, the workers are stopped and reaped") {
  const auto task = [](size_t i) -> std::string {
    while (i > 0) pause();
    return "first";
  };
  CHECK_THROWS_WITH(
      run_workers(3, 3, task,
                  [](size_t, const WorkerResult&) { throw std::runtime_error("no room"); }),
      "no room");
  CHECK_FALSE(has_children());
}

/// The tasks 0 to `count` - 1 in processes that take several, of which task i needs `needs(i)`.
/// The generation grows by one with every result. What the tasks gave, in their order.
std::vector<WorkerResult> shared_results(size_t count, int jobs,
                                         const std::function<std::string(size_t)>& task,
                                         const std::function<size_t(size_t)>& needs) {
  std::vector<WorkerResult> results(count);
  size_t next = 0, generation = 0;
  Work work;
  work.next = [&] { return next < count ? std::optional(next++) : std::nullopt; };
  work.task = task;
  work.done = [&](size_t i, const WorkerResult& result) {
    results[i] = result;
    ++generation;
  };
  work.generation = [&] { return generation; };
  work.needs = needs;
  run_workers(work, jobs);
  CHECK_FALSE(has_children());
  return results;
}

std::string own_id(size_t) { return std::to_string(getpid()); }

TEST_CASE("a process takes task after task as long as it has what they need") {
  const auto nothing = [](size_t) { return size_t{0}; };
  const auto alone = shared_results(4, 1, own_id, nothing);
  for (const WorkerResult& result : alone) CHECK(result.text == alone[0].text);
  std::set<std::string> ids;
  for (const WorkerResult& result : shared_results(20, 3, own_id, nothing)) ids.insert(result.text);
  CHECK(ids.size() <= 3);

  // The third needs what came with the second result, which the first process was forked before.
  const auto renewed =
      shared_results(4, 1, own_id, [](size_t i) { return i < 2 ? size_t{0} : size_t{2}; });
  CHECK(renewed[1].text == renewed[0].text);
  CHECK(renewed[2].text != renewed[1].text);
  CHECK(renewed[3].text == renewed[2].text);
}

TEST_CASE("after a task that failed the next one has a new process") {
  const auto results = shared_results(
      5, 1,
      [](size_t i) -> std::string {
        if (i == 1) throw std::runtime_error("the key is wrong");
        if (i == 3) raise(SIGKILL);
        return std::to_string(getpid());
      },
      [](size_t) { return size_t{0}; });
  CHECK(results[1].text == "internal error: the key is wrong");
  CHECK(results[2].ok);
  CHECK(results[2].text != results[0].text);
  CHECK(results[3].killed);
  CHECK(results[4].ok);
  CHECK(results[4].text != results[2].text);
}

TEST_CASE("a worker that is killed between two tasks fails the next, and nothing else") {
  pid_t worker = 0;
  std::vector<WorkerResult> results(3);
  size_t next = 0;
  Work work;
  work.next = [&] { return next < 3 ? std::optional(next++) : std::nullopt; };
  work.task = own_id;
  work.done = [&](size_t i, const WorkerResult& result) {
    results[i] = result;
    if (i > 0) return;
    worker = std::stoi(result.text);
    kill(worker, SIGKILL);
    siginfo_t info;
    waitid(P_PID, static_cast<id_t>(worker), &info, WEXITED | WNOWAIT);
  };
  work.generation = [] { return size_t{0}; };
  run_workers(work, 1);
  CHECK(results[0].ok);
  CHECK(results[1].killed);
  CHECK(results[1].text == "was killed by signal 9 (Killed)");
  CHECK(results[2].ok);
}

TEST_CASE("the memory of a task is its own, not that of the tasks before in its process") {
  const auto results = shared_results(
      2, 1,
      [](size_t i) {
        std::vector<char> much((i == 0 ? size_t{200} : size_t{1}) << 20, 'x');
        return std::string(1, much[much.size() / 2]);
      },
      [](size_t) { return size_t{0}; });
  CHECK(results[0].peak_kib > 200 << 10);
  CHECK(results[1].peak_kib < 150 << 10);
}

}  // namespace
}  // namespace systole::process
