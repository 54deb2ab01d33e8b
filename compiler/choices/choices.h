// SPDX-License-Identifier: Apache-2.0
// What the compiler does of its own accord, and what may be switched off to see what it is worth.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace systole::choices {

/// Each off gives right results in other cycles.
struct Choices {
  bool fuse = true, fold = true, bands = true, keep_on_chip = true, prefetch = true;
  bool operator==(const Choices&) const = default;
};

struct ChoiceInfo {
  const char* key;
  bool Choices::*member;
  const char* off;  ///< what a program is without it
};

inline constexpr std::array<ChoiceInfo, 5> kChoices = {{
    {"compile.fuse", &Choices::fuse,
     "clamps, functions and residual adds are operators of their own"},
    {"compile.fold", &Choices::fold, "every column of a map has words of its own"},
    {"compile.bands", &Choices::bands, "layers run one after the other, each as a whole"},
    {"compile.keep_on_chip", &Choices::keep_on_chip,
     "each layer's output goes to DRAM and is read back"},
    {"compile.prefetch", &Choices::prefetch, "a layer is begun when the one before it has ended"},
}};

/// Whether `key` is, or is meant as, the key of a choice: "compile.fuse", "compile.fus".
bool is_choice(const std::string& key);

/// Sets the choice `key` to `value`, "true" or "false". Throws Error.
void set_choice(const std::string& key, const std::string& value, Choices& choices);

/// Takes the choices out of assignments "KEY=VALUE", which may hold other keys. Throws Error.
Choices take_choices(std::vector<std::string>& assignments);

/// The key and value of each that is off, blanks between them: "compile.fuse=false".
std::string to_text(const Choices& choices);

}  // namespace systole::choices
