// SPDX-License-Identifier: Apache-2.0
// Writes output through temporary names and renames.
#include "sim/cli/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "model/arch/error.h"

namespace systole {
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

fs::path parent_of(const fs::path& target) {
  const fs::path parent = target.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

fs::path without_trailing_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

fs::path temporary_beside(const fs::path& target) {
  return parent_of(target) / fmt::format(".{}.{}.part", target.filename().string(), getpid());
}

void write_file(const fs::path& file, std::string_view bytes, const fs::path& named) {
  std::ofstream stream(file, std::ios::binary);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream)
    throw Error(fmt::format("{}: cannot be written: {}", named.string(), std::strerror(errno)));
}

// Starts a process that removes `directory` once every copy of `pipe_end` is closed: those of this
// process and of the simulations it forked. Ctrl-C, which stops both, does not reach it.
pid_t start_guardian(const fs::path& directory, int& pipe_end) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Error("cannot make a pipe");
  std::fflush(nullptr);
  const pid_t guardian = fork();
  if (guardian < 0) throw Error("cannot start a process");
  if (guardian > 0) {
    close(ends[0]);
    pipe_end = ends[1];
    return guardian;
  }
  setsid();
  for (int standard = 0; standard <= 2; ++standard) close(standard);
  close(ends[1]);
  char byte;
  while (read(ends[0], &byte, 1) < 0 && errno == EINTR) continue;
  std::error_code error;
  fs::remove_all(directory, error);
  _exit(0);
}

// Where the directory `target` stands or can be made; throws Error.
fs::path directory_for_output(const fs::path& target) {
  fs::path place = without_trailing_slash(target);
  check_creatable(place);
  std::error_code error;
  if (fs::exists(place, error) && !fs::is_directory(place, error))
    throw Error(
        fmt::format("{}: cannot be written: is a file, expected a directory", place.string()));
  return place;
}

}  // namespace

void check_creatable(const fs::path& target) {
  const fs::path place = without_trailing_slash(target);
  std::error_code error;
  const fs::path directory = fs::is_directory(place, error) ? place : parent_of(place);
  if (!fs::is_directory(directory, error))
    throw Error(fmt::format("{}: cannot be written: there is no directory {}", target.string(),
                            directory.string()));
  if (access(directory.c_str(), W_OK | X_OK) != 0)
    throw Error(fmt::format("{}: cannot be written: {}", target.string(), std::strerror(errno)));
}

void write_output(const fs::path& target, std::string_view bytes) {
  if (target == "-") {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    return;
  }
  if (fs::is_directory(target))
    throw Error(target.string() + ": cannot be written: is a directory");
  const SignalHold hold;
  const fs::path temporary = temporary_beside(target);
  std::error_code error;
  try {
    write_file(temporary, bytes, target);
  } catch (...) {
    fs::remove(temporary, error);
    throw;
  }
  fs::rename(temporary, target, error);
  if (!error) return;
  const std::string reason = error.message();
  fs::remove(temporary, error);
  throw Error(fmt::format("{}: cannot be written: {}", target.string(), reason));
}

UnfinishedFiles::UnfinishedFiles(const fs::path& target) : path_(temporary_beside(target)) {
  std::error_code error;
  if (!fs::create_directory(path_, error))
    throw Error(fmt::format("{}: cannot be written: {}", target.string(),
                            error ? error.message() : "a temporary directory is in the way"));
  guardian_ = start_guardian(path_, guardian_pipe_);
}

UnfinishedFiles::~UnfinishedFiles() {
  std::error_code error;
  fs::remove_all(path_, error);
  close(guardian_pipe_);
  while (waitpid(guardian_, nullptr, 0) < 0 && errno == EINTR) continue;
}

OutputFile::OutputFile(fs::path target)
    : target_((check_creatable(target), std::move(target))), temporary_(target_) {}

void OutputFile::commit() {
  const SignalHold hold;
  std::error_code error;
  fs::rename(path(), target_, error);
  if (error)
    throw Error(fmt::format("{}: cannot be written: {}", target_.string(), error.message()));
}

OutputDirectory::OutputDirectory(fs::path target)
    : target_(directory_for_output(std::move(target))), temporary_(target_) {}

void OutputDirectory::write(const std::string& name, std::string_view bytes) const {
  write_file(path(name), bytes, target_ / name);
}

void OutputDirectory::commit() {
  const SignalHold hold;
  std::error_code error;
  fs::create_directory(target_, error);
  for (const auto& entry : fs::directory_iterator(temporary_.path())) {
    const fs::path to = target_ / entry.path().filename();
    fs::rename(entry.path(), to, error);
    if (error) throw Error(fmt::format("{}: cannot be written: {}", to.string(), error.message()));
  }
}

}  // namespace systole
