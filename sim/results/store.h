// SPDX-License-Identifier: Apache-2.0
// Points of one version of the program in a database: looked up, claimed, put there.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/claims.h"
#include "sim/results/configuration.h"
#include "sim/results/insertion.h"
#include "sim/results/sqlite.h"

namespace systole::results {

/// What became of a point.
struct Outcome {
  bool finished = false;
  std::string reason;  ///< why it did not
  /// "figures" by name (figures.h), "causes" of the run's cycles, "UNIT_CAUSE": cycles, "events",
  /// the columns of that table by name, and "warnings", a list, if there are any.
  nlohmann::json totals;
  /// List of columns of the table `layers` by name, "causes", and for Detail::kAll "events".
  nlohmann::json layers;
  double seconds = 0;
  int64_t peak_kib = 0;  ///< the most that a process of it had in memory
};

// clang-tidy takes moves of JSON, which its library declares noexcept, to throw.
struct StoredPoint {  // NOLINT(bugprone-exception-escape)
  bool finished = false;
  Detail detail = Detail::kTotals;  ///< of a finished one
  std::string reason;
  nlohmann::ordered_json figures;  ///< in the order of figures.h; then "warnings", if any

  /// Whether there is nothing to run for `detail`; failures are kept.
  bool is_enough(Detail wanted) const { return !finished || detail >= wanted; }
};

/// A limit that a point fails, and by which share of it, if that can be said.
struct FailedLimit {
  std::string limit;
  std::optional<double> over;
};

class Store {
 public:
  /// Opens or makes `file`; in memory if empty. Throws Error, also if it has points of another
  /// version and is not to be `mixed`. `exclusive`: for this process alone, wherever the file is;
  /// nobody else's claims hold then.
  Store(const std::filesystem::path& file, const std::string& version, bool mixed = false,
        bool exclusive = false);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  std::optional<StoredPoint> find(const std::string& configuration);
  /// top1, metric, their errors and images of a point of that evaluation, null if there is none.
  nlohmann::json find_accuracy(const std::string& evaluation);
  /// One transaction. What another process has put there since, as complete, stays.
  void put(const Configuration& configuration, Detail detail, const Outcome& outcome);
  /// Marks a point that is there with the limits that it fails, in place of earlier marks.
  void mark(const std::string& configuration, const std::vector<FailedLimit>& failed);
  int64_t version() const { return version_; }
  Claims& claims() { return claims_; }
  Connection& connection() { return database_; }

 private:
  int64_t network_id(const Network& network);
  int64_t energy_table_id(const Part& table);
  int64_t name_id(const std::string& text);
  int64_t machine_id(const Machine& machine);
  void insert(const Configuration& configuration, Detail detail, const Outcome& outcome);
  void insert_layers(int64_t point, Detail detail, const nlohmann::json& layers);

  Connection database_;
  int64_t version_ = 0;
  Claims claims_;
  Insertion points_, layers_, events_, layer_events_;
  Statement point_, removal_, network_, energy_table_, machine_, memory_in_, machine_in_;
  Statement name_in_, name_, marked_, unmark_, mark_;
};

}  // namespace systole::results
