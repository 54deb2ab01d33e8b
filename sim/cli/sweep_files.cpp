// SPDX-License-Identifier: Apache-2.0
// Appends rows, and puts them in order at the end.
#include "sim/cli/sweep_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "model/arch/error.h"
#include "sim/cli/output.h"
#include "sim/sweep/row.h"

namespace systole {
namespace {

/// One write at the end of the file: a row is there whole or not at all.
void append(const std::filesystem::path& file, const std::string& line) {
  const int fd = open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  const ssize_t written = fd < 0 ? -1 : write(fd, line.data(), line.size());
  const int reason = errno;
  if (fd >= 0) close(fd);
  if (written != static_cast<ssize_t>(line.size()))
    throw Error(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(reason)));
}

}  // namespace

SweepFiles::SweepFiles(const std::filesystem::path& directory, std::vector<std::string> keys)
    : csv_(directory / "sweep.csv"), jsonl_(directory / "sweep.jsonl"), keys_(std::move(keys)) {
  std::error_code error;
  std::filesystem::create_directory(directory, error);
  if (!std::filesystem::is_directory(directory))
    throw Error(fmt::format("{}: cannot be made: {}", directory.string(),
                            error ? error.message() : "is a file"));
  write_output(csv_, sweep_csv_header(keys_));
  write_output(jsonl_, "");
}

void SweepFiles::add(const nlohmann::ordered_json& row) {
  append(csv_, sweep_csv_line(keys_, row));
  append(jsonl_, row.dump() + "\n");
}

void SweepFiles::finish(const std::vector<nlohmann::ordered_json>& rows) {
  std::string csv = sweep_csv_header(keys_), jsonl;
  for (const auto& row : rows) {
    csv += sweep_csv_line(keys_, row);
    jsonl += row.dump() + "\n";
  }
  write_output(csv_, csv);
  write_output(jsonl_, jsonl);
}

}  // namespace systole
