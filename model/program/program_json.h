// SPDX-License-Identifier: Apache-2.0
// The parts of a program as JSON: for the program file and for the directives of the assembler.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "model/program/program.h"

namespace systole::program {

nlohmann::json to_json(const isa::HwParams& hw);
nlohmann::json to_json(const TensorInfo& tensor);
nlohmann::json to_json(const LayerInfo& layer);
nlohmann::json to_json(const HostStep& step);

// Each throws Error naming the key that is missing, unknown, of a wrong type or out of range.
isa::HwParams hw_from_json(const nlohmann::json& json);
TensorInfo tensor_from_json(const nlohmann::json& json);
LayerInfo layer_from_json(const nlohmann::json& json);
HostStep host_step_from_json(const nlohmann::json& json);

/// Reads `key` of an object as an integer in [min, max], or as a string.
int64_t json_integer(const nlohmann::json& json, const std::string& key, int64_t min, int64_t max);
std::string json_string(const nlohmann::json& json, const std::string& key);

/// Throws Error unless every address is below dram_bytes, no two of code, segments overlap, the
/// parameters are legal, and tensors are whole.
void check_structure(const Program& program);

}  // namespace systole::program
