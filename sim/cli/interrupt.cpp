// SPDX-License-Identifier: Apache-2.0
// A signal handler that uses nothing but what signal handlers may.
#include "sim/cli/interrupt.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstring>
#include <new>
#include <string_view>

#include "model/base/error.h"

namespace systole::cli {
namespace {

/// In memory that forked processes share: what a simulation has reached, its parent tells.
struct Shared {
  std::atomic<bool> working;
  std::atomic<uint64_t> done, total;
  char what[80], unit[40], advice[80];
};

// A handler has no context but this.
Shared* shared = nullptr;  // NOLINT

/// A line in a fixed place.
class Line {
 public:
  Line& operator<<(std::string_view text) {
    const size_t size = std::min(text.size(), sizeof text_ - size_);
    std::memcpy(text_ + size_, text.data(), size);
    size_ += size;
    return *this;
  }
  Line& operator<<(uint64_t number) {
    const auto end = std::to_chars(text_ + size_, text_ + sizeof text_, number).ptr;
    size_ = static_cast<size_t>(end - text_);
    return *this;
  }
  void print() const {
    if (write(STDERR_FILENO, text_, size_) < 0) return;  // nobody is left to be told
  }

 private:
  char text_[256];
  size_t size_ = 0;
};

void end_process(int signal) {
  Line line;
  if (isatty(STDERR_FILENO)) line << "\r\x1b[K";
  line << "systole: interrupted";
  if (shared != nullptr && shared->working) {
    line << "; reached " << shared->what << ": " << shared->done.load();
    if (const uint64_t total = shared->total; total > 0) line << " of " << total;
    line << " " << shared->unit << shared->advice;
  }
  line << "\n";
  line.print();
  _exit(128 + signal);
}

void copy(char* to, size_t size, const std::string& text) {
  const size_t length = std::min(text.size(), size - 1);
  std::memcpy(to, text.data(), length);
  to[length] = '\0';
}

}  // namespace

void handle_interrupts() {
  if (shared == nullptr) {
    void* memory =
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw Error("no memory to share with simulations");
    shared = new (memory) Shared{};
  }
  struct sigaction action = {};
  action.sa_handler = end_process;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

std::optional<session::Advance> reached_work() {
  if (shared == nullptr || !shared->working) return std::nullopt;
  return session::Advance{shared->what, shared->unit, shared->done, shared->total};
}

ReachedWork::ReachedWork(const std::string& what, const std::string& unit, uint64_t total) {
  if (shared == nullptr) return;
  shared->working = false;
  copy(shared->what, sizeof shared->what, what);
  copy(shared->unit, sizeof shared->unit, unit);
  shared->advice[0] = '\0';
  shared->total = total;
  shared->done = 0;
  shared->working = true;
}

ReachedWork::~ReachedWork() {
  if (shared != nullptr) shared->working = false;
}

void ReachedWork::advise(const std::string& advice) {
  if (shared != nullptr) copy(shared->advice, sizeof shared->advice, "; " + advice);
}

void ReachedWork::update(uint64_t done) {
  if (shared != nullptr) shared->done = done;
}

void ReachedWork::set_total(uint64_t total) {
  if (shared != nullptr) shared->total = total;
}

}  // namespace systole::cli
