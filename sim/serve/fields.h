// SPDX-License-Identifier: Apache-2.0
// The fields of a message, each of a type, each known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace systole::serve {

using Json = nlohmann::ordered_json;

/// Reads the fields of a JSON object. All throw Error "WHERE: KEY: ..." for values that are of
/// another type or outside their range.
class Fields {
 public:
  /// `where` names the object in errors. Throws Error if `json` is none. It outlives this.
  Fields(const Json& json, std::string where);

  /// Whether it is there and not null; it may be there from now on.
  bool has(const std::string& key);
  std::string text(const std::string& key, const std::string& otherwise);
  std::string text(const std::string& key);
  int64_t integer(const std::string& key, int64_t min, int64_t max, int64_t otherwise);
  int64_t integer(const std::string& key, int64_t min, int64_t max);
  bool flag(const std::string& key, bool otherwise);
  std::vector<std::string> texts(const std::string& key);
  /// An object below it.
  Fields object(const std::string& key);
  const Json& value(const std::string& key);
  const std::string& where() const { return where_; }
  const Json& json() const { return json_; }

  /// Throws Error for a field that nothing has asked for.
  void refuse_others() const;

 private:
  const Json* find(const std::string& key);
  [[noreturn]] void fail(const std::string& key, const Json& value,
                         const std::string& expected) const;

  const Json& json_;
  const std::string where_;
  std::vector<std::string> known_;
};

}  // namespace systole::serve
