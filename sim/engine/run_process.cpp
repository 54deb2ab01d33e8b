// SPDX-License-Identifier: Apache-2.0
// Run in a worker, and send the result home through its pipe.
#include "sim/engine/run_process.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include "model/base/error.h"
#include "model/isa/counter_ids.h"
#include "sim/process/child.h"
#include "sim/process/value_pipe.h"

namespace systole::engine {
namespace {

constexpr int kPipeBytes = 1 << 20;

enum class Outcome : uint8_t { kResult, kError };

/// What of a RunResult has a fixed size.
struct FixedPart {
  platform::RunStatus status;
  isa::Fault fault;
  uint32_t fault_pc;
  Cycle cycles;
  std::array<uint64_t, isa::kCounters> counters;
  memory::MemoryStats memory;
  platform::ByteRange written;
  uint64_t image_bytes;
  Cycle began_at;
  double host_seconds;
  double cpu_seconds;
};

struct TagCount {
  uint16_t tag;
  int64_t macs;
};

void send(process::ValueWriter& out, const platform::RunResult& r,
          const platform::DramImage& dram) {
  out.value(Outcome::kResult);
  out.value(FixedPart{r.status, r.fault, r.fault_pc, r.cycles, r.counters, r.memory, r.written,
                      dram.size(), r.began_at, r.host_seconds, r.cpu_seconds});
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
  platform::RunResult result;
  std::vector<uint8_t> written;
  uint64_t image_bytes = 0;
};

void receive(process::ValueReader& in, Received& received) {
  platform::RunResult& r = received.result;
  FixedPart fixed{};
  in.value(fixed);
  r.status = fixed.status;
  r.fault = fixed.fault;
  r.fault_pc = fixed.fault_pc;
  r.cycles = fixed.cycles;
  r.counters = fixed.counters;
  r.memory = fixed.memory;
  r.written = fixed.written;
  r.began_at = fixed.began_at;
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

/// In the child: runs the program and sends what comes of it.
void work(int fd, Engine& engine, const program::Program& program, platform::DramImage& dram,
          const platform::RunOptions& options) {
  process::ValueWriter out(fd);
  std::string message;
  ExitCode code = ExitCode::kStopped;
  try {
    const platform::RunResult result = run_here(engine, program, dram, options);
    send(out, result, dram);
    return;
  } catch (const Error& error) {
    message = error.what();
    code = error.code();
  }
  out.value(Outcome::kError);
  out.value(code);
  out.list(message);
}

/// Why a simulation has sent no whole answer.
std::string describe_end(const process::End& end, const platform::RunOptions& options) {
  // The writer of waveforms maps its file: a page that the disk has no room for is this signal.
  if (end.signal == SIGBUS && !options.wave_file.empty())
    return process::describe(end) + ": the waveform cannot be written, expected room on the disk";
  return process::describe(end) + (end.signal == 0 ? " before it had a result" : "");
}

/// A process that broke is a fault of ours; one that was killed or had no room is not.
bool broke(const process::End& end) {
  return end.signal == SIGSEGV || end.signal == SIGABRT || end.signal == SIGILL ||
         end.signal == SIGFPE;
}

}  // namespace

platform::RunResult run_here(Engine& engine, const program::Program& program,
                             platform::DramImage& dram, const platform::RunOptions& options) {
  try {
    return engine.run(program, dram, options);
  } catch (const Error&) {
    throw;
  } catch (const std::logic_error& error) {
    throw Error(fmt::format("internal error: {} simulation: {}", engine.name(), error.what()),
                ExitCode::kInternal);
  } catch (const std::exception& error) {
    throw Error(fmt::format("{} simulation: {}", engine.name(), error.what()), ExitCode::kStopped);
  }
}

platform::RunResult run_in_process(Engine& engine, const program::Program& program,
                                   platform::DramImage& dram, const platform::RunOptions& options) {
  process::Worker worker = process::start_worker(
      "a simulation", [&](int out) { work(out, engine, program, dram, options); });
  fcntl(worker.answer.get(), F_SETPIPE_SZ, kPipeBytes);  // fewer turns; if it is refused, more

  process::ValueReader in(worker.answer.get());
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
  worker.answer.close();
  const process::End end = worker.child.wait();

  if (!in.ok()) {
    const std::string what =
        fmt::format("the {} simulation {}", engine.name(), describe_end(end, options));
    if (process::is_from_outside(end)) throw process::KilledError(what);
    throw broke(end) ? internal_error(what) : Error(what, ExitCode::kStopped);
  }
  if (outcome == Outcome::kError) throw Error(message, code);
  dram.resize(received.image_bytes);
  std::copy(received.written.begin(), received.written.end(),
            dram.begin() + static_cast<std::ptrdiff_t>(received.result.written.from));
  return std::move(received.result);
}

}  // namespace systole::engine
