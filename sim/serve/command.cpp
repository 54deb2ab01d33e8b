// SPDX-License-Identifier: Apache-2.0
// Task "command": a command line of the program, in a process of its own that ends with this one.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "sim/process/child.h"
#include "sim/serve/failure.h"
#include "sim/serve/tasks.h"

namespace systole::serve {
namespace {

using namespace std::chrono_literals;

/// A file without a name, which takes what a stream is given.
class Caught {
 public:
  explicit Caught(const char* name) : file_(memfd_create(name, MFD_CLOEXEC)) {
    if (file_.get() < 0)
      throw Error(fmt::format("command: no memory for its output: {}", std::strerror(errno)),
                  ExitCode::kStopped);
  }
  /// In the forked process: from now on `stream` writes to it.
  void take(int stream) const { dup2(file_.get(), stream); }
  /// All of it. Throws Error: it is larger than a message.
  std::string text() const {
    constexpr off_t kMost = 48 << 20;
    struct stat state = {};
    fstat(file_.get(), &state);
    if (state.st_size > kMost)
      throw Error(fmt::format("command: {} bytes of output, expected at most {}: write to a file",
                              state.st_size, kMost));
    std::string text(static_cast<size_t>(state.st_size), '\0');
    lseek(file_.get(), 0, SEEK_SET);
    if (!process::read_all(file_.get(), text.data(), text.size())) text.clear();
    return text;
  }

 private:
  process::Descriptor file_;
};

/// What a command that failed says of it, without the program's name and what stands before.
std::string reason_in(const std::string& err) {
  const std::string mark = "systole: ";
  const size_t at = ("\n" + err).rfind("\n" + mark);
  if (at == std::string::npos) return err.empty() ? "command: failed without a word" : err;
  std::string reason = err.substr(at + mark.size());
  return reason.substr(0, reason.find_last_not_of('\n') + 1);
}

/// In the forked process.
int run_here(const Host& host, const std::vector<std::string>& arguments,
             const std::string& directory, const Caught& out, const Caught& err) {
  if (!directory.empty() && chdir(directory.c_str()) != 0) {
    err.take(STDERR_FILENO);
    std::fprintf(stderr, "systole: %s: no such directory\n", directory.c_str());
    return static_cast<int>(ExitCode::kBadInput);
  }
  out.take(STDOUT_FILENO);
  err.take(STDERR_FILENO);
  return host.run_command(arguments);
}

}  // namespace

Json run_command(Task& task) {
  const std::vector<std::string> arguments = task.fields.texts("arguments");
  const std::string directory = task.fields.text("directory", "");
  task.fields.refuse_others();
  const Caught out("systole stdout"), err("systole stderr");
  const Host& host = task.state.host;
  process::Worker worker = process::start_worker("a command", [&](int) {
    const int code = run_here(host, arguments, directory, out, err);
    std::fflush(nullptr);
    _exit(code);
  });
  std::optional<process::End> end;
  while (!(end = worker.child.wait_for(100ms)))
    if (const auto reached = host.reached(); reached && task.watch) task.watch(*reached);
  if (end->signal != 0) {
    const std::string what = "command: the process " + process::describe(*end);
    throw process::is_from_outside(*end) ? Error(what, ExitCode::kStopped) : internal_error(what);
  }
  Json result = {{"code", end->status}, {"stdout", out.text()}, {"stderr", err.text()}};
  if (end->status != 0) result["error"] = failure_json(end->status, reason_in(err.text()));
  return result;
}

}  // namespace systole::serve
