// SPDX-License-Identifier: Apache-2.0
// Checks JSON against the part of JSON Schema that docs/result.schema.json uses.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace systole {

/// The first violation of `schema` in `json`, empty if there is none. `root` resolves
/// "#/definitions/...".
inline std::string schema_violation(const nlohmann::json& json, const nlohmann::json& schema,
                                    const nlohmann::json& root, const std::string& path) {
  if (schema.contains("$ref")) {
    const auto pointer = schema["$ref"].get<std::string>().substr(1);
    return schema_violation(json, root.at(nlohmann::json::json_pointer(pointer)), root, path);
  }
  if (schema.contains("enum")) {
    for (const auto& value : schema["enum"])
      if (value == json) return "";
    return path + ": is not one of " + schema["enum"].dump();
  }
  const std::string type = schema.value("type", "");
  const bool right_type = type == "object"    ? json.is_object()
                          : type == "array"   ? json.is_array()
                          : type == "string"  ? json.is_string()
                          : type == "integer" ? json.is_number_integer()
                          : type == "number"  ? json.is_number()
                          : type == "boolean" ? json.is_boolean()
                                              : true;
  if (!right_type) return path + ": is not " + type;
  if (json.is_array() && schema.contains("items")) {
    for (size_t i = 0; i < json.size(); ++i) {
      const std::string problem =
          schema_violation(json[i], schema["items"], root, path + "[" + std::to_string(i) + "]");
      if (!problem.empty()) return problem;
    }
  }
  if (!json.is_object()) return "";
  for (const auto& key : schema.value("required", nlohmann::json::array()))
    if (!json.contains(key)) return path + ": " + key.get<std::string>() + " is missing";
  const auto properties = schema.value("properties", nlohmann::json::object());
  const auto others = schema.value("additionalProperties", nlohmann::json(true));
  for (const auto& [key, value] : json.items()) {
    const std::string where = path + "." + key;
    if (properties.contains(key) || others.is_object()) {
      const std::string problem =
          schema_violation(value, properties.contains(key) ? properties[key] : others, root, where);
      if (!problem.empty()) return problem;
    } else if (others == false) {
      return where + ": is not in the schema";
    }
  }
  return "";
}

inline std::string schema_violation(const nlohmann::json& json, const nlohmann::json& schema) {
  return schema_violation(json, schema, schema, "$");
}

}  // namespace systole
