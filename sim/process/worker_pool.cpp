// SPDX-License-Identifier: Apache-2.0
// Gives tasks to processes through pipes, and gathers what they write to theirs.
#include "sim/process/worker_pool.h"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <vector>

#include "model/base/error.h"
#include "sim/process/child.h"
#include "sim/process/memory_use.h"

namespace systole::process {
namespace {

constexpr char kOk = '+', kFailed = '-', kKilled = '!';  // the first byte of what a worker writes
constexpr int kMeanwhileMs = 1000;

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

/// What stands in front of an answer.
struct AnswerHead {
  uint64_t size;
  int64_t peak_kib;
};

/// A process that is given tasks through a pipe, one after the other.
class TaskProcess {
 public:
  TaskProcess(const std::function<std::string(size_t)>& task, size_t generation)
      : generation_(generation),
        orders_(make_pipe("a worker")),
        worker_(start_worker("a worker", [&](int out) {
          orders_.write_end.close();
          serve(orders_.read_end.get(), out, task);
        })) {
    orders_.read_end.close();
  }

  /// That in which it was forked.
  size_t generation() const { return generation_; }
  int answers() const { return worker_.answer.get(); }
  size_t task() const { return task_; }

  void begin(size_t task) {
    task_ = task;
    text_.clear();
    // If it has ended meanwhile its answers' end says so.
    write_unsignalled(orders_.write_end.get(), &task, sizeof task);
  }

  /// Reads what there is: the result, if that is all of it.
  std::optional<WorkerResult> read_more() {
    char buffer[1 << 16];
    const size_t size = read_some(answers(), buffer, sizeof buffer);
    if (size == 0) return end();
    text_.append(buffer, size);
    AnswerHead head;
    if (text_.size() < sizeof head) return std::nullopt;
    std::memcpy(&head, text_.data(), sizeof head);
    if (text_.size() < sizeof head + head.size) return std::nullopt;
    const char kind = text_[sizeof head];
    return WorkerResult{kind == kOk, text_.substr(sizeof head + 1), kind == kKilled, head.peak_kib};
  }

 private:
  static void serve(int orders, int out, const std::function<std::string(size_t)>& task) {
    size_t index = 0;
    while (read_all(orders, &index, sizeof index)) {
      begin_peak();
      const std::string answer = answer_of(task, index);
      const AnswerHead head{answer.size(), peak_kib()};
      if (!write_all(out, &head, sizeof head) || !write_all(out, answer.data(), answer.size()))
        return;
    }
  }

  /// It has ended without an answer.
  WorkerResult end() {
    worker_.answer.close();
    const End end = worker_.child.wait();
    return {false, describe(end), is_from_outside(end), end.peak_kib};
  }

  const size_t generation_;
  Pipe orders_;
  Worker worker_;
  size_t task_ = 0;
  std::string text_;
};

/// Processes that work, and processes that wait for a task.
class Pool {
 public:
  Pool(const Work& work, int jobs) : work_(work), jobs_(static_cast<size_t>(std::max(jobs, 1))) {}

  void run() {
    for (;;) {
      while (busy_.size() < jobs_) {
        const std::optional<size_t> task = work_.next();
        if (!task) break;
        busy_.push_back(process_for(*task));
        busy_.back()->begin(*task);
      }
      if (busy_.empty()) return;
      wait_for_any();
      if (work_.meanwhile) work_.meanwhile();
    }
  }

 private:
  using Process = std::unique_ptr<TaskProcess>;

  /// One that waits and knows enough, or a new one.
  Process process_for(size_t task) {
    const size_t needed = work_.needs ? work_.needs(task) : 0;
    const auto fit = std::find_if(idle_.begin(), idle_.end(), [&](const Process& process) {
      return process->generation() >= needed;
    });
    if (fit != idle_.end()) {
      Process process = std::move(*fit);
      idle_.erase(fit);
      return process;
    }
    if (busy_.size() + idle_.size() >= jobs_ && !idle_.empty()) idle_.erase(idle_.begin());
    return std::make_unique<TaskProcess>(work_.task, work_.generation ? work_.generation() : 0);
  }

  /// Waits until some of them have something to read, or have ended, or a second has passed, and
  /// takes the results.
  void wait_for_any() {
    std::vector<pollfd> polled;
    for (const Process& process : busy_) polled.push_back({process->answers(), POLLIN, 0});
    while (poll(polled.data(), polled.size(), kMeanwhileMs) < 0)
      if (errno != EINTR)
        throw Error(fmt::format("cannot wait for workers: {}", std::strerror(errno)),
                    ExitCode::kStopped);
    for (size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents == 0) continue;
      const std::optional<WorkerResult> result = busy_[i]->read_more();
      if (!result) continue;
      Process process = std::move(busy_[i]);
      busy_.erase(busy_.begin() + static_cast<std::ptrdiff_t>(i));
      const size_t task = process->task();
      if (result->ok && work_.generation) idle_.push_back(std::move(process));
      process.reset();
      work_.done(task, *result);
    }
  }

  const Work& work_;
  const size_t jobs_;
  std::vector<Process> busy_, idle_;
};

}  // namespace

void run_workers(const Work& work, int jobs) { Pool(work, jobs).run(); }

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
