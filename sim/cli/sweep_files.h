// SPDX-License-Identifier: Apache-2.0
// The files of a sweep, which lose nothing but running points when it is killed.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/cli/directory_lock.h"
#include "sim/sweep/spec.h"

namespace systole::cli {

/// The directory `named` for a database and files beside it, there now. Throws Error.
std::filesystem::path make_results_directory(const std::filesystem::path& named);

/// Rows in files of their own, those of sweep.csv and sweep.jsonl: written when all are there. A
/// name that is empty is no file, "-" is standard output.
struct SweepExports {
  std::filesystem::path csv, jsonl;

  bool to_standard_output() const { return csv == "-" || jsonl == "-"; }
  /// Throws Error if one could not be written.
  void check() const;
  /// `rows`: all, in the order of the points. Throws Error.
  void write(const sweep::SweepSpec& spec, const std::vector<nlohmann::ordered_json>& rows) const;
};

/// Rows in files of a directory, sweep.csv and sweep.jsonl, beside the database that they come
/// from: each is there, whole and in both, as soon as it is added, in the order in which points
/// end; `finish` brings them into the order of the points.
class SweepFiles {
 public:
  /// Makes the directory if need be; `spec` outlives it. Throws Error, also if another sweep writes
  /// there.
  SweepFiles(const std::filesystem::path& directory, const sweep::SweepSpec& spec);
  /// Of the database.
  std::filesystem::path database() const { return directory_ / "results.db"; }
  /// Replaces the files of an earlier sweep by empty ones.
  void start() const;
  void add(const nlohmann::ordered_json& row);
  /// `rows`: all, in the order of the points.
  void finish(const std::vector<nlohmann::ordered_json>& rows);

 private:
  const std::filesystem::path directory_, csv_, jsonl_;
  const sweep::SweepSpec& spec_;
  const DirectoryLock lock_;
};

}  // namespace systole::cli
