// SPDX-License-Identifier: Apache-2.0
// What a worker asks of the program that it is part of: its command line.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/session/watch.h"

namespace systole::serve {

/// How a task ended that threw.
struct Ending {
  int code = 0;
  std::string text;
};

struct Host {
  /// Runs a command line to its end, in a process of its own; returns its exit code.
  std::function<int(const std::vector<std::string>&)> run_command;
  /// How far the work under way is, in this process or one that it forked; nothing: there is none.
  std::function<std::optional<session::Advance>()> reached;
  /// The exit code and the message of what was thrown.
  std::function<Ending(const std::exception_ptr&)> ending;
};

}  // namespace systole::serve
