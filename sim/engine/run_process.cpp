// SPDX-License-Identifier: Apache-2.0
// Fork, run, and send the result home through a pipe.
#include "sim/engine/run_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <type_traits>

#include "model/arch/error.h"

namespace systole {
namespace {

/// Writes values and vectors of plain types to a file descriptor.
class PipeWriter {
 public:
  explicit PipeWriter(int fd) : fd_(fd) {}
  void bytes(const void* data, size_t size) {
    const char* next = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t done = ::write(fd_, next, size);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) _exit(1);  // nobody listens any more
      next += done;
      size -= static_cast<size_t>(done);
    }
  }
  template <class T>
  void value(const T& v) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes(&v, sizeof v);
  }
  template <class Container>
  void list(const Container& items) {
    static_assert(std::is_trivially_copyable_v<typename Container::value_type>);
    value(uint64_t{items.size()});
    bytes(items.data(), items.size() * sizeof(typename Container::value_type));
  }

 private:
  const int fd_;
};

/// The other end. `ok` turns false at the end of the stream.
class PipeReader {
 public:
  explicit PipeReader(int fd) : fd_(fd) {}
  bool ok() const { return ok_; }
  void bytes(void* data, size_t size) {
    char* next = static_cast<char*>(data);
    while (ok_ && size > 0) {
      const ssize_t done = ::read(fd_, next, size);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) {
        ok_ = false;
        return;
      }
      next += done;
      size -= static_cast<size_t>(done);
    }
  }
  template <class T>
  void value(T& v) {
    bytes(&v, sizeof v);
  }
  template <class Container>
  void list(Container& items) {
    uint64_t count = 0;
    value(count);
    if (!ok_) return;
    items.resize(count);
    bytes(items.data(), count * sizeof(typename Container::value_type));
  }

 private:
  const int fd_;
  bool ok_ = true;
};

constexpr int kPipeBytes = 1 << 20;

enum class Outcome : uint8_t { kResult, kError };

/// What of a RunResult has a fixed size.
struct FixedPart {
  RunStatus status;
  isa::Fault fault;
  uint32_t fault_pc;
  Cycle cycles;
  std::array<uint64_t, isa::kCounters> counters;
  MemoryStats memory;
  ByteRange written;
  uint64_t image_bytes;
  double host_seconds;
  double cpu_seconds;
};

struct TagCount {
  uint16_t tag;
  int64_t macs;
};

void send(PipeWriter& out, const RunResult& r, const DramImage& dram) {
  out.value(Outcome::kResult);
  out.value(FixedPart{r.status, r.fault, r.fault_pc, r.cycles, r.counters, r.memory, r.written,
                      dram.size(), r.host_seconds, r.cpu_seconds});
  out.list(r.retired);
  out.list(r.dram);
  for (const auto& unit : r.causes) out.list(unit);
  out.list(r.dump);
  out.value(r.switching_macs.has_value());
  if (r.switching_macs) {
    std::vector<TagCount> counts;
    for (const auto& [tag, macs] : *r.switching_macs) counts.push_back({tag, macs});
    out.list(counts);
  }
  out.bytes(dram.data() + r.written.from, r.written.to - r.written.from);
}

/// A result and what of the image is new.
struct Received {
  RunResult result;
  std::vector<uint8_t> written;
  uint64_t image_bytes = 0;
};

void receive(PipeReader& in, Received& received) {
  RunResult& r = received.result;
  FixedPart fixed{};
  in.value(fixed);
  r.status = fixed.status;
  r.fault = fixed.fault;
  r.fault_pc = fixed.fault_pc;
  r.cycles = fixed.cycles;
  r.counters = fixed.counters;
  r.memory = fixed.memory;
  r.written = fixed.written;
  r.host_seconds = fixed.host_seconds;
  r.cpu_seconds = fixed.cpu_seconds;
  in.list(r.retired);
  in.list(r.dram);
  for (auto& unit : r.causes) in.list(unit);
  in.list(r.dump);
  bool counted = false;
  in.value(counted);
  if (counted) {
    std::vector<TagCount> counts;
    in.list(counts);
    r.switching_macs.emplace();
    for (const TagCount& count : counts) (*r.switching_macs)[count.tag] = count.macs;
  }
  if (!in.ok()) return;
  received.image_bytes = fixed.image_bytes;
  received.written.resize(r.written.to - r.written.from);
  in.bytes(received.written.data(), received.written.size());
}

[[noreturn]] void work(int fd, Engine& engine, const Program& program, DramImage& dram,
                       const RunOptions& options) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGINT, SIG_IGN);   // the parent decides, and its end is ours
  signal(SIGTERM, SIG_DFL);  // not the parent's handler
  signal(SIGPIPE, SIG_IGN);
  PipeWriter out(fd);
  std::string message;
  ExitCode code = ExitCode::kStopped;
  try {
    const RunResult result = engine.run(program, dram, options);
    send(out, result, dram);
    std::fflush(nullptr);
    _exit(0);
  } catch (const Error& error) {
    message = error.what();
    code = error.code();
  } catch (const std::exception& error) {
    message = fmt::format("{} simulation: {}", engine.name(), error.what());
  }
  out.value(Outcome::kError);
  out.value(code);
  out.list(message);
  std::fflush(nullptr);
  _exit(0);
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("was killed by signal {} ({})", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
  return fmt::format("ended with status {} before it had a result", WEXITSTATUS(status));
}

}  // namespace

RunResult run_in_process(Engine& engine, const Program& program, DramImage& dram,
                         const RunOptions& options) {
  int ends[2];
  if (pipe(ends) != 0) throw Error("cannot make a pipe for a simulation", ExitCode::kStopped);
  fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);  // fewer turns; if it is refused, more
  std::fflush(nullptr);                      // or the child would print it again
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    throw Error("cannot start a process for a simulation", ExitCode::kStopped);
  }
  if (child == 0) {
    close(ends[0]);
    work(ends[1], engine, program, dram, options);
  }
  close(ends[1]);

  PipeReader in(ends[0]);
  Outcome outcome = Outcome::kResult;
  Received received;
  ExitCode code = ExitCode::kStopped;
  std::string message;
  in.value(outcome);
  if (in.ok() && outcome == Outcome::kResult) receive(in, received);
  if (in.ok() && outcome == Outcome::kError) {
    in.value(code);
    in.list(message);
  }
  const bool complete = in.ok();
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;

  // The writer of waveforms maps its file: a page that the disk has no room for is this signal.
  const bool no_room =
      !options.wave_file.empty() && WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS;
  if (!complete)
    throw Error(
        fmt::format("the {} simulation {}{}", engine.name(), describe_end(status),
                    no_room ? ": the waveform cannot be written, expected room on the disk" : ""),
        ExitCode::kStopped);
  if (outcome == Outcome::kError) throw Error(message, code);
  dram.resize(received.image_bytes);
  std::copy(received.written.begin(), received.written.end(),
            dram.begin() + static_cast<std::ptrdiff_t>(received.result.written.from));
  return std::move(received.result);
}

}  // namespace systole
