// SPDX-License-Identifier: Apache-2.0
// Appends rows, and puts them in order at the end.
#include "sim/cli/sweep_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "model/base/error.h"
#include "sim/cli/output.h"
#include "sim/sweep/row.h"

namespace systole::cli {
namespace {

/// A file that lines are appended to.
class Appended {
 public:
  explicit Appended(const std::filesystem::path& file)
      : file_(file), descriptor_(open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)) {
    struct stat info = {};
    if (descriptor_ < 0 || fstat(descriptor_, &info) != 0) fail(errno);
    before_ = info.st_size;
  }
  ~Appended() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Appended(const Appended&) = delete;
  Appended& operator=(const Appended&) = delete;

  /// Throws Error; then the file may hold a part of the line, until `take_back`.
  void append(std::string_view line) {
    while (!line.empty()) {
      const ssize_t done = write(descriptor_, line.data(), line.size());
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) fail(errno);
      line.remove_prefix(static_cast<size_t>(done));
    }
  }
  void take_back() {
    // Where it fails there is no file to cut, but a pipe.
    if (ftruncate(descriptor_, before_) != 0) return;
  }

 private:
  [[noreturn]] void fail(int reason) const {
    throw Error(fmt::format("{}: cannot be written: {}", file_.string(), std::strerror(reason)));
  }
  const std::filesystem::path file_;
  const int descriptor_;
  off_t before_ = 0;
};

/// Ctrl-C waits while this lives.
class Uninterrupted {
 public:
  Uninterrupted() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, &before_);
  }
  ~Uninterrupted() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  Uninterrupted(const Uninterrupted&) = delete;
  Uninterrupted& operator=(const Uninterrupted&) = delete;

 private:
  sigset_t before_ = {};
};

std::string csv_of(const sweep::SweepSpec& spec, const std::vector<nlohmann::ordered_json>& rows) {
  std::string csv = sweep::sweep_csv_header(spec);
  for (const auto& row : rows) csv += sweep::sweep_csv_line(spec, row);
  return csv;
}

std::string jsonl_of(const std::vector<nlohmann::ordered_json>& rows) {
  std::string jsonl;
  for (const auto& row : rows) jsonl += row.dump() + "\n";
  return jsonl;
}

}  // namespace

std::filesystem::path make_results_directory(const std::filesystem::path& named) {
  check_directory(named);
  std::filesystem::path directory = find_directory(named);
  std::error_code error;
  std::filesystem::create_directory(directory, error);
  if (error) throw Error(fmt::format("{}: cannot be made: {}", named.string(), error.message()));
  return directory;
}

void SweepExports::check() const {
  for (const std::filesystem::path& file : {csv, jsonl})
    if (!file.empty() && file != "-") check_creatable(file);
  if (csv == "-" && jsonl == "-")
    throw Error("--csv, --jsonl: both are standard output, expected a file for one");
}

void SweepExports::write(const sweep::SweepSpec& spec,
                         const std::vector<nlohmann::ordered_json>& rows) const {
  if (!csv.empty()) write_output(csv, csv_of(spec, rows));
  if (!jsonl.empty()) write_output(jsonl, jsonl_of(rows));
}

SweepFiles::SweepFiles(const std::filesystem::path& directory, const sweep::SweepSpec& spec)
    : directory_(make_results_directory(directory)),
      csv_(directory / "sweep.csv"),
      jsonl_(directory / "sweep.jsonl"),
      spec_(spec),
      lock_(directory_, 0) {
  if (lock_.taken_by_another())
    throw Error(fmt::format(
        "{}: another sweep writes its rows there, expected a directory of its own for each",
        directory.string()));
}

void SweepFiles::start() const {
  write_output(csv_, sweep::sweep_csv_header(spec_));
  write_output(jsonl_, "");
}

void SweepFiles::add(const nlohmann::ordered_json& row) {
  const Uninterrupted both;
  Appended csv(csv_), jsonl(jsonl_);
  try {
    csv.append(sweep::sweep_csv_line(spec_, row));
    jsonl.append(row.dump() + "\n");
  } catch (const Error&) {
    csv.take_back();
    jsonl.take_back();
    throw;
  }
}

void SweepFiles::finish(const std::vector<nlohmann::ordered_json>& rows) {
  write_output(csv_, csv_of(spec_, rows));
  write_output(jsonl_, jsonl_of(rows));
}

}  // namespace systole::cli
