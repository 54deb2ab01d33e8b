// SPDX-License-Identifier: Apache-2.0
// Forked processes: how they end, that they are reaped, and that no descriptor stays open.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <stdexcept>

#include "model/base/error.h"
#include "sim/process/child.h"
#include "sim/process/value_pipe.h"

namespace systole::process {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void sleep_for_ever() {
  for (;;) pause();
}

size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

bool exists(pid_t process) { return kill(process, 0) == 0 || errno != ESRCH; }

/// Whether all that hold the other end of the pipe have ended, or do within five seconds.
bool ends_soon(const Descriptor& read_end) {
  pollfd polled{read_end.get(), POLLIN, 0};
  char byte;
  return poll(&polled, 1, 5000) == 1 && read_some(read_end.get(), &byte, 1) == 0;
}

TEST_CASE("a child's end is its exit status, or the signal that killed it") {
  CHECK(Child("a test", [] {}).wait().status == 0);
  Child seven("a test", [] { _exit(7); });
  CHECK(seven.wait().status == 7);
  CHECK(seven.wait().status == 7);
  CHECK(describe(seven.wait()) == "ended with status 7");

  Child killed("a test", [] { raise(SIGKILL); });
  const End end = killed.wait();
  CHECK(end.signal == SIGKILL);
  CHECK(describe(end) == "was killed by signal 9 (Killed)");
}

TEST_CASE("a body that throws ends its child with status 1 and goes no further") {
  Child child("a test", [] { throw std::runtime_error("lost"); });
  CHECK(child.wait().status == 1);
}

TEST_CASE("waiting for a time ends with it, or with the child") {
  Pipe go = make_pipe("a test");
  Child child("a test", [&] {
    go.write_end.close();
    char byte;
    read_some(go.read_end.get(), &byte, 1);
    _exit(3);
  });
  CHECK_FALSE(child.wait_for(0ms));
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(child.wait_for(30ms));
  CHECK(std::chrono::steady_clock::now() - begin >= 30ms);
  go.write_end.close();
  const std::optional<End> end = child.wait_for(1min);
  REQUIRE(end);
  CHECK(end->status == 3);
  CHECK(child.wait_for(0ms)->status == 3);
}

TEST_CASE("a child that goes on is killed and reaped with its object") {
  pid_t id = 0;
  {
    const Child child("a test", sleep_for_ever);
    id = child.id();
    CHECK(exists(id));
  }
  CHECK_FALSE(exists(id));
  {
    Child first("a test", sleep_for_ever);
    id = first.id();
    Child second("a test", sleep_for_ever);
    first = std::move(second);
  }
  CHECK_FALSE(exists(id));
}

TEST_CASE("stopping the leader of a group stops what it has started") {
  Pipe alive = make_pipe("a test");
  Child leader(
      "a test",
      [&] {
        const Child follower("a test", sleep_for_ever);
        write_all(alive.write_end.get(), "x", 1);
        sleep_for_ever();
      },
      Reach::kGroup);
  alive.write_end.close();
  char byte;
  REQUIRE(read_all(alive.read_end.get(), &byte, 1));
  leader.stop();
  CHECK(leader.wait().signal == SIGKILL);
  CHECK(ends_soon(alive.read_end));
}

TEST_CASE("a worker dies with its parent") {
  Pipe alive = make_pipe("a test");
  Child parent("a test", [&] {
    const Worker worker = start_worker("a test", [](int) { sleep_for_ever(); });
    write_all(alive.write_end.get(), "x", 1);
    sleep_for_ever();
  });
  alive.write_end.close();
  char byte;
  REQUIRE(read_all(alive.read_end.get(), &byte, 1));
  parent.stop();
  CHECK(ends_soon(alive.read_end));
}

TEST_CASE("a worker leaves Ctrl-C to its parent, and SIGTERM ends it") {
  Worker worker = start_worker("a test", [](int out) {
    raise(SIGINT);
    write_all(out, "x", 1);
    raise(SIGTERM);
  });
  char byte = 0;
  CHECK(read_all(worker.answer.get(), &byte, 1));
  CHECK(worker.child.wait().signal == SIGTERM);
}

TEST_CASE("a worker that nobody listens to any more is told so") {
  Worker worker = start_worker("a test", [](int out) {
    const std::string much(1 << 20, 'x');  // more than a pipe holds
    _exit(write_all(out, much.data(), much.size()) ? 0 : 5);
  });
  worker.answer.close();
  CHECK(worker.child.wait().status == 5);
}

TEST_CASE("children end as they do where SIGCHLD is ignored when the program starts") {
  Child ignoring("a test", [] {
    signal(SIGCHLD, SIG_IGN);
    Child child("a test", [] { _exit(3); });
    const std::optional<End> end = child.wait_for(1min);
    _exit(end ? end->status : 1);
  });
  CHECK(ignoring.wait().status == 3);
}

TEST_CASE("values and lists come through a pipe as they were, and a cut stream is not ok") {
  Worker worker = start_worker("a test", [](int out) {
    ValueWriter to(out);
    to.value(2.5);
    to.list(std::vector<int>(100000, 7));  // more than a pipe holds
    to.list(std::string());
    to.value(uint64_t{1000});  // of a list that does not come
  });
  ValueReader from(worker.answer.get());
  double number = 0;
  std::vector<int> list;
  std::string text = "x", cut;
  from.value(number);
  from.list(list);
  from.list(text);
  CHECK(number == 2.5);
  CHECK(list == std::vector<int>(100000, 7));
  CHECK(text.empty());
  CHECK(from.ok());
  from.list(cut);
  CHECK_FALSE(from.ok());
}

TEST_CASE("no descriptor stays open behind pipes, children and workers") {
  const size_t before = open_descriptors();
  {
    Pipe pipe = make_pipe("a test");
    CHECK(open_descriptors() == before + 2);
    pipe.read_end = Descriptor();
    CHECK(open_descriptors() == before + 1);
    const Descriptor kept = std::move(pipe.write_end);
    CHECK(open_descriptors() == before + 1);
  }
  CHECK(open_descriptors() == before);
  {
    const Worker worker = start_worker("a test", [](int) {});
    CHECK(open_descriptors() == before + 1);
  }
  Child("a test", [] {}).wait();
  CHECK(open_descriptors() == before);
}

}  // namespace
}  // namespace systole::process
