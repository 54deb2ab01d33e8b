// SPDX-License-Identifier: Apache-2.0
// Writes output through temporary names and renames.
#include "sim/cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "model/base/error.h"
#include "sim/cli/directory_lock.h"
#include "sim/cli/streams.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

// Holds back Ctrl-C while files are being put in place.
class SignalHold {
 public:
  SignalHold() {
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &held, &before_);
  }
  ~SignalHold() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalHold(const SignalHold&) = delete;
  SignalHold& operator=(const SignalHold&) = delete;

 private:
  sigset_t before_;
};

// A name in `parent` that nobody has; a file's own name would make one of 255 letters too long.
fs::path temporary_in(const fs::path& parent, int attempt) {
  return parent / (attempt == 0 ? fmt::format(".systole.{}.part", getpid())
                                : fmt::format(".systole.{}-{}.part", getpid(), attempt));
}

fs::path make_temporary_directory(const fs::path& parent, const fs::path& target) {
  constexpr int kAttempts = 1000;  // others of this process, or left by one that was killed
  std::error_code error;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    fs::path path = temporary_in(parent, attempt);
    if (fs::create_directory(path, error)) return path;
    if (error) break;
  }
  throw Error(fmt::format("{}: cannot be written: {}", target.string(),
                          error ? error.message() : "temporary directories are in the way"));
}

// Where the unfinished form of the file `target` stands: beside a file, so that a rename does.
fs::path place_of_unfinished(const fs::path& target) {
  check_creatable(target);
  const Destination to = find_destination(target);
  if (to.kind == Destination::Kind::kFile) return parent_of(to.path);
  return place_of_scratch();
}

bool directory_exists(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// Removes what a command has put there; a link, a pipe or a device is somebody's own.
void remove_regular(const fs::path& file) {
  std::error_code error;
  if (fs::symlink_status(file, error).type() == fs::file_type::regular) fs::remove(file, error);
}

// In a process of its own: removes `directory` once every copy of the pipe's other end is closed.
void guard(const fs::path& directory, int read_end) {
  setsid();
  // Nothing but the end that it reads: the pipe of another guardian would keep that one waiting.
  dup2(read_end, 0);
  close_range(1, ~0u, 0);
  char byte;
  process::read_some(0, &byte, 1);
  std::error_code error;
  fs::remove_all(directory, error);
}

// Starts the guardian of `directory`; `pipe_end` and its copies, which are those of this process
// and of the simulations it forks, hold it back. Ctrl-C, which stops all of them, does not reach
// it.
process::Child start_guardian(const fs::path& directory, process::Descriptor& pipe_end) {
  try {
    process::Pipe pipe = process::make_pipe("unfinished files");
    process::Child guardian("unfinished files", [&] { guard(directory, pipe.read_end.get()); });
    pipe_end = std::move(pipe.write_end);
    return guardian;
  } catch (...) {
    std::error_code error;
    fs::remove(directory, error);
    throw;
  }
}

}  // namespace

fs::path place_of_scratch() {
  std::error_code error;
  const fs::path temporary = fs::temp_directory_path(error);
  return error ? fs::path("/tmp") : temporary;
}

void write_output(const fs::path& target, std::string_view bytes) {
  if (target == "-") {
    print_out(bytes);
    flush_out();
    return;
  }
  check_creatable(target);
  const Destination to = find_destination(target);
  if (to.kind != Destination::Kind::kFile) return write_through(to, bytes, target);
  const SignalHold hold;
  const fs::path temporary = parent_of(to.path) / fmt::format(".systole.{}.file.part", getpid());
  try {
    write_file(temporary, bytes, target);
    put_in_place(temporary, target);
  } catch (...) {
    std::error_code error;
    fs::remove(temporary, error);
    throw;
  }
}

UnfinishedFiles::UnfinishedFiles(const fs::path& parent, const fs::path& target)
    : path_(make_temporary_directory(parent, target)),
      guardian_(start_guardian(path_, guardian_pipe_)) {}

UnfinishedFiles::~UnfinishedFiles() {
  std::error_code error;
  fs::remove_all(path_, error);
  guardian_pipe_.close();
  guardian_.wait();
}

OutputFile::OutputFile(fs::path target)
    : target_(std::move(target)), temporary_(place_of_unfinished(target_), target_) {}

void OutputFile::write(std::string_view bytes) const { write_file(path(), bytes, target_); }

void OutputFile::commit() { put_in_place(path(), target_); }

OutputDirectory::OutputDirectory(fs::path target)
    : named_(std::move(target)),
      target_((check_directory(named_), find_directory(named_))),
      temporary_(directory_exists(target_) ? target_ : parent_of(target_), named_) {}

fs::path OutputDirectory::path(const std::string& name) const {
  if (directory_exists(target_)) check_creatable(named_ / name);
  return temporary_.path() / name;
}

void OutputDirectory::write(const std::string& name, std::string_view bytes) const {
  write_file(path(name), bytes, named_ / name);
}

std::vector<std::string> OutputDirectory::names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(temporary_.path(), error))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void OutputDirectory::commit(const std::vector<std::string>& earlier, const std::string& last) {
  std::vector<std::string> mine = names();
  const auto at_end = std::stable_partition(mine.begin(), mine.end(),
                                            [&](const std::string& name) { return name != last; });
  std::error_code error;
  fs::create_directory(target_, error);
  if (!fs::is_directory(target_, error))
    throw Error(fmt::format("{}: cannot be made: {}", named_.string(), error.message()));
  constexpr double kPatience =
      10;  // two commands that end at once put their files one after another
  const DirectoryLock lock(target_, kPatience);
  const auto put = [&](const std::string& name) {
    put_in_place(temporary_.path() / name, named_ / name);
    fs::remove(temporary_.path() / name, error);  // a pipe or a device has taken its bytes
  };
  for (const std::string& name : mine)
    if (find_destination(named_ / name).kind != Destination::Kind::kFile) put(name);
  const SignalHold hold;
  // A folder whose `last` is there is always of one command.
  if (at_end != mine.end()) remove_regular(target_ / last);
  for (const std::string& name : earlier)
    if (!std::binary_search(mine.begin(), at_end, name)) remove_regular(target_ / name);
  for (const std::string& name : mine)
    if (fs::exists(temporary_.path() / name, error)) put(name);
}

}  // namespace systole::cli
