// SPDX-License-Identifier: Apache-2.0
// Point by point, so that of large databases no more than two points are in memory.
#include "sim/results/compared_set.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "model/base/error.h"
#include "sim/results/compared_database.h"
#include "sim/results/compared_result.h"

namespace systole::results {
namespace {

namespace fs = std::filesystem;

/// The file in a directory that holds results.
fs::path file_in(const fs::path& named) {
  std::error_code error;
  if (!fs::is_directory(named, error)) return named;
  for (const char* name : {"results.db", "result.json"})
    if (fs::is_regular_file(named / name, error)) return named / name;
  throw Error(named.string() + ": has no results.db and no result.json, expected one of them");
}

}  // namespace

bool SetDifference::cycles_differ() const {
  return !only_a.empty() || !only_b.empty() ||
         std::any_of(differences.begin(), differences.end(),
                     [](const Difference& one) { return one.cycles_differ; });
}

std::unique_ptr<ComparedSet> open_compared(const std::string& name) {
  const size_t colon = name.rfind(".db:");
  if (colon != std::string::npos && colon + 4 == name.size())
    throw Error(name + ": expected the number of a point");
  if (colon != std::string::npos)
    return open_compared_database(name.substr(0, colon + 3), name.substr(colon + 4));
  const fs::path file = file_in(name);
  if (file.extension() == ".json") return open_compared_result(file);
  return open_compared_database(file, "");
}

SetDifference difference(ComparedSet& a, ComparedSet& b) {
  if (a.kind() != std::string_view(b.kind()))
    throw Error(std::string("A is ") + a.kind() + ", B is " + b.kind() +
                ", expected two of a kind");
  SetDifference found;
  const auto add = [&](const std::string& x, const std::string& y) {
    Difference one = difference(a.load(x), b.load(y));
    if (one.empty())
      ++found.equal;
    else
      found.differences.push_back(std::move(one));
  };
  const std::vector<std::string> left = a.keys(), right = b.keys();
  if (left.size() == 1 && right.size() == 1) {
    add(left[0], right[0]);
    return found;
  }
  for (const std::string& key : left) {
    if (std::binary_search(right.begin(), right.end(), key))
      add(key, key);
    else
      found.only_a.push_back(a.load(key).name);
  }
  for (const std::string& key : right)
    if (!std::binary_search(left.begin(), left.end(), key))
      found.only_b.push_back(b.load(key).name);
  std::stable_sort(
      found.differences.begin(), found.differences.end(),
      [](const Difference& x, const Difference& y) { return x.weight() > y.weight(); });
  return found;
}

nlohmann::ordered_json to_json(const SetDifference& difference) {
  nlohmann::ordered_json json = {{"equal", difference.equal},
                                 {"only_in_a", difference.only_a},
                                 {"only_in_b", difference.only_b},
                                 {"cycles_differ", difference.cycles_differ()},
                                 {"differences", nlohmann::ordered_json::array()}};
  for (const Difference& one : difference.differences) json["differences"].push_back(to_json(one));
  return json;
}

}  // namespace systole::results
