// SPDX-License-Identifier: Apache-2.0
// Checks types and ranges, and remembers which fields there may be.
#include "sim/serve/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"

namespace systole::serve {
namespace {

constexpr auto kReplace = Json::error_handler_t::replace;

/// Not more of a value than a line of an error has room for.
std::string shown(const Json& value) {
  constexpr size_t kMost = 60;
  const std::string text = value.dump(-1, ' ', true, kReplace);
  return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
}

}  // namespace

Fields::Fields(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
  if (!json.is_object())
    throw Error(fmt::format("{}: {} is no object, expected fields by name", where_, shown(json)));
}

const Json* Fields::find(const std::string& key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  const auto found = json_.find(key);
  return found != json_.end() && !found->is_null() ? &*found : nullptr;
}

bool Fields::has(const std::string& key) { return find(key) != nullptr; }

void Fields::fail(const std::string& key, const Json& value, const std::string& expected) const {
  throw Error(fmt::format("{}: {}: {}, expected {}", where_, key, shown(value), expected));
}

const Json& Fields::value(const std::string& key) {
  if (const Json* found = find(key)) return *found;
  throw Error(fmt::format("{}: {}: missing", where_, key));
}

std::string Fields::text(const std::string& key) {
  const Json& found = value(key);
  if (!found.is_string()) fail(key, found, "text");
  return found.get<std::string>();
}

std::string Fields::text(const std::string& key, const std::string& otherwise) {
  return find(key) == nullptr ? otherwise : text(key);
}

int64_t Fields::integer(const std::string& key, int64_t min, int64_t max) {
  const Json& found = value(key);
  const std::string expected = fmt::format("a whole number in {}..{}", min, max);
  if (!found.is_number_integer()) fail(key, found, expected);
  if (found.is_number_unsigned() && found.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
    fail(key, found, expected);
  const auto number = found.get<int64_t>();
  if (number < min || number > max) fail(key, found, expected);
  return number;
}

int64_t Fields::integer(const std::string& key, int64_t min, int64_t max, int64_t otherwise) {
  return find(key) == nullptr ? otherwise : integer(key, min, max);
}

bool Fields::flag(const std::string& key, bool otherwise) {
  const Json* const found = find(key);
  if (found == nullptr) return otherwise;
  if (!found->is_boolean()) fail(key, *found, "true or false");
  return found->get<bool>();
}

std::vector<std::string> Fields::texts(const std::string& key) {
  const Json* const found = find(key);
  std::vector<std::string> result;
  if (found == nullptr) return result;
  if (!found->is_array()) fail(key, *found, "a list of texts");
  for (const Json& one : *found) {
    if (!one.is_string()) fail(key, *found, "a list of texts");
    result.push_back(one.get<std::string>());
  }
  return result;
}

Fields Fields::object(const std::string& key) { return {value(key), where_ + ": " + key}; }

void Fields::refuse_others() const {
  for (const auto& entry : json_.items())
    if (std::find(known_.begin(), known_.end(), entry.key()) == known_.end())
      throw Error(fmt::format("{}: {}: unknown, expected one of {}{}", where_,
                              shown(Json(entry.key())), fmt::join(known_, ", "),
                              did_you_mean(entry.key(), known_)));
}

}  // namespace systole::serve
