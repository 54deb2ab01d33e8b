// SPDX-License-Identifier: Apache-2.0
// Reads all identities at once.
#include "sim/results/known.h"

#include "sim/results/open.h"
#include "sim/results/sqlite.h"

namespace systole::results {

std::unordered_set<std::string> known_configurations(const std::filesystem::path& file,
                                                     const std::string& version, Detail detail,
                                                     bool retry_failed) {
  std::unordered_set<std::string> known;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return known;
  Connection database = open_results(file, Access::kRead);
  Statement all(database,
                "SELECT configuration FROM points JOIN versions v ON v.id = version WHERE v.name = "
                "? AND CASE status WHEN 'failed' THEN NOT ? ELSE CASE detail WHEN 'totals' THEN 0 "
                "WHEN 'layers' THEN 1 ELSE 2 END >= ? END");
  all.with(version, int64_t{retry_failed}, static_cast<int64_t>(detail));
  while (all.step()) known.insert(all.text(0));
  return known;
}

std::map<std::string, double> seconds_by_network(const std::filesystem::path& file) {
  std::map<std::string, double> seconds;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return seconds;
  Connection database = open_results(file, Access::kRead);
  Statement all(
      database,
      "SELECT n.identity, avg(x.seconds) FROM execution x JOIN points p ON "
      "p.configuration = x.configuration AND p.version = x.version JOIN networks n ON "
      "n.id = p.network WHERE p.status = 'finished' AND x.seconds IS NOT NULL GROUP BY 1");
  while (all.step()) seconds[all.text(0)] = all.real(1);
  return seconds;
}

}  // namespace systole::results
