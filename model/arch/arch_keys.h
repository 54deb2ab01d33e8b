// SPDX-License-Identifier: Apache-2.0
// The keys of architectures, and what stands behind each.
#pragma once

#include <string>
#include <vector>

namespace systole::arch {

/// Every key that an architecture may have, `name` and `description` first.
const std::vector<std::string>& arch_keys();
/// Those that load_arch may override.
std::vector<std::string> override_keys();

enum class KeyKind { kWhole, kNumber, kText };
/// Of a key of override_keys().
KeyKind kind_of_key(const std::string& key);

}  // namespace systole::arch
