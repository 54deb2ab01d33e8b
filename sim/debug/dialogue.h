// SPDX-License-Identifier: Apache-2.0
// Commands from a script or from a person.
#pragma once

#include <functional>
#include <istream>
#include <string>

#include "sim/debug/commands.h"

namespace systole::debug {

inline constexpr const char* kPrompt = "(systole) ";

using SayText = std::function<void(const std::string&)>;

/// Says each command behind the prompt, then what it gives. Ends with the script or `quit`; throws
/// Error that begins with `name` and the line at the first that cannot be carried out.
void run_script(std::istream& script, const std::string& name, Commands& commands,
                const SayText& say);

/// Until `quit` or the end of the input; `begin` is called before each command. A command that
/// cannot be carried out is told to `complain`, and a blank line repeats the last command.
void converse(Commands& commands, const std::function<void()>& begin, const SayText& say,
              const SayText& complain);

}  // namespace systole::debug
