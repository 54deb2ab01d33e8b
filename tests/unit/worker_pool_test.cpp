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

TEST_CASE("a task that throws, dies or just ends is a result that says why; the others go on") {
  const auto results = results_of(6, 2, [](size_t i) -> std::string {
    if (i == 1) throw std::runtime_error("the key is wrong");
    if (i == 2) throw std::bad_alloc();
    if (i == 3) raise(SIGKILL);
    if (i == 4) _exit(9);
    return "fine";
  });
  CHECK(results[0].ok);
  CHECK(results[1].text == "the key is wrong");
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

}  // namespace
}  // namespace systole::process
