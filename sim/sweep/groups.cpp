// SPDX-License-Identifier: Apache-2.0
// Sums over the rows of members, in the order of the workload.
#include "sim/sweep/groups.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "sim/report/format.h"
#include "sim/sweep/identity.h"
#include "sim/sweep/row.h"

namespace systole::sweep {
namespace {

using Row = nlohmann::ordered_json;

constexpr const char* kHead[] = {"group",       "point", "weights",
                                 "activations", "prune", "architecture"};
constexpr const char* kFigures[] = {
    "status",         "latency_ms",   "energy_per_inference_uj", "area_mm2",
    "core_clock_mhz", "clock",        "derived_clock_mhz",       "speedup",
    "worst",          "worst_speedup"};

double latency(const Row& row) { return row.at("latency_ms").get<double>(); }

class Grouping {
 public:
  Grouping(const SweepSpec& spec, const std::vector<Row>& rows) : spec_(spec), rows_(rows) {}

  /// Without sums if a member failed or was excluded.
  Row make(size_t group) const {
    const size_t first = group * spec_.workload.size();
    Row row = point_row(spec_, spec_.groups[group]);
    row["status"] = "finished";
    for (size_t i = 0; i < spec_.workload.size(); ++i) {
      const Row& member = rows_[first + i];
      if (member.at("status") == "finished") continue;
      row["status"] = member.at("status");
      row["reason"] = fmt::format("{}: {}", member.at("network").get<std::string>(),
                                  member.at("reason").get<std::string>());
      return numbered(group, first, row);
    }
    add_sums(first, row);
    add_worst(first, row);
    Row failed = Row::array();
    for (size_t i = 0; i < spec_.workload.size(); ++i)
      if (rows_[first + i].contains("failed_limits"))
        for (Row limit : rows_[first + i].at("failed_limits")) {
          limit["network"] = rows_[first + i].at("network");
          failed.push_back(limit);
        }
    row["failed_limits"] = failed;
    return numbered(group, first, row);
  }

 private:
  static Row numbered(size_t group, size_t first, const Row& row) {
    Row made = {{"group", group}, {"point", first}};
    made.update(row);
    return made;
  }

  bool has_speedup() const {
    if (!spec_.has_baseline) return false;
    for (size_t i = 0; i < spec_.workload.size(); ++i)
      if (rows_[i].at("status") != "finished") return false;
    return true;
  }
  double speedup(size_t first, size_t i) const {
    return latency(rows_[i]) / latency(rows_[first + i]);
  }

  void add_sums(size_t first, Row& row) const {
    double time = 0, energy = 0, logarithm = 0, weights = 0;
    for (size_t i = 0; i < spec_.workload.size(); ++i) {
      const Row& member = rows_[first + i];
      const double weight = spec_.workload[i].weight;
      time += weight * latency(member);
      energy += weight * member.at("energy_per_inference_uj").get<double>();
      weights += weight;
      if (has_speedup()) logarithm += weight * std::log(speedup(first, i));
    }
    row["latency_ms"] = time;
    row["energy_per_inference_uj"] = energy;
    for (const char* name : {"area_mm2", "core_clock_mhz", "clock", "derived_clock_mhz"})
      if (rows_[first].contains(name)) row[name] = rows_[first].at(name);
    if (has_speedup()) row["speedup"] = std::exp(logarithm / weights);
  }

  /// The least faster than the baseline; without one, that with the largest share of the sum.
  void add_worst(size_t first, Row& row) const {
    const bool compared = has_speedup();
    size_t worst = 0;
    const auto badness = [&](size_t i) {
      return compared ? 1 / speedup(first, i)
                      : spec_.workload[i].weight * latency(rows_[first + i]);
    };
    for (size_t i = 1; i < spec_.workload.size(); ++i)
      if (badness(i) > badness(worst)) worst = i;
    row["worst"] = rows_[first + worst].at("network");
    if (compared) row["worst_speedup"] = speedup(first, worst);
  }

  const SweepSpec& spec_;
  const std::vector<Row>& rows_;
};

std::string text_of(const Row& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end()) return "";
  return report::csv_field(found->is_string() ? found->get<std::string>() : found->dump());
}

std::string limits_field(const Row& row) {
  std::string text;
  if (const auto failed = row.find("failed_limits"); failed != row.end())
    for (const Row& limit : *failed)
      text +=
          fmt::format("{}{}: {}", text.empty() ? "" : "; ", limit.at("network").get<std::string>(),
                      limit.at("limit").get<std::string>());
  return report::csv_field(text);
}

}  // namespace

std::vector<Row> group_rows(const SweepSpec& spec, const std::vector<Row>& rows) {
  const Grouping grouping(spec, rows);
  std::vector<Row> groups;
  for (size_t i = 0; i < spec.groups.size(); ++i) groups.push_back(grouping.make(i));
  return groups;
}

std::string group_identity(const std::vector<results::GroupMember>& members,
                           const std::vector<std::string>* baseline) {
  std::string content;
  for (size_t i = 0; i < members.size(); ++i) {
    content += fmt::format("{} {}\n", members[i].configuration, members[i].weight);
    if (baseline != nullptr) content += baseline->at(i) + "\n";
  }
  return identity_of(content);
}

results::Group stored_group(const SweepSpec& spec, size_t group, const Row& row,
                            const std::vector<std::string>& points) {
  const size_t members = spec.workload.size();
  results::Group made;
  for (size_t i = 0; i < members; ++i)
    made.members.push_back({points[group * members + i], spec.workload[i].weight});
  made.identity = group_identity(made.members, spec.has_baseline ? &points : nullptr);
  // A machine that is the baseline's may be in the space as well.
  made.is_baseline = spec.has_baseline &&
                     std::equal(points.begin(), points.begin() + std::ssize(made.members),
                                points.begin() + static_cast<std::ptrdiff_t>(group * members));
  made.finished = row.at("status") == "finished";
  made.figures = row;
  return made;
}

std::string group_csv_header(const SweepSpec& spec) {
  std::vector<std::string> names(std::begin(kHead), std::end(kHead));
  for (const std::string& key : spec.keys) names.push_back(report::csv_field(key));
  names.insert(names.end(), std::begin(kFigures), std::end(kFigures));
  names.insert(names.end(), {"failed_limits", "reason"});
  return fmt::format("{}\n", fmt::join(names, ","));
}

std::string group_csv_line(const SweepSpec& spec, const Row& row) {
  std::vector<std::string> fields;
  for (const char* name : kHead) fields.push_back(text_of(row, name));
  for (const std::string& key : spec.keys) fields.push_back(text_of(row.at("set"), key));
  for (const char* name : kFigures) fields.push_back(text_of(row, name));
  fields.push_back(limits_field(row));
  fields.push_back(text_of(row, "reason"));
  return fmt::format("{}\n", fmt::join(fields, ","));
}

}  // namespace systole::sweep
