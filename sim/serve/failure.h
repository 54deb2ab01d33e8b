// SPDX-License-Identifier: Apache-2.0
// An error as a message: what, where, and what was expected.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "model/base/error.h"

namespace systole::serve {

/// "bad_input", "cannot_compile", ...: the exit code in words.
std::string kind_of(int code);

/// "kind", "code", "message", and of the message what its parts tell (docs/serve.md): "file" and
/// "line", "key", "expected".
nlohmann::ordered_json failure_json(int code, const std::string& message);

}  // namespace systole::serve
