// SPDX-License-Identifier: Apache-2.0
// The compiler's choices, switched off.
#pragma once

#include <vector>

#include "compiler/choices/choices.h"

namespace systole {

/// Each choice off, alone, and all of them.
inline std::vector<choices::Choices> each_choice_off() {
  std::vector<choices::Choices> list;
  choices::Choices all;
  for (const choices::ChoiceInfo& choice : choices::kChoices) {
    list.emplace_back().*choice.member = false;
    all.*choice.member = false;
  }
  list.push_back(all);
  return list;
}

}  // namespace systole
