// SPDX-License-Identifier: Apache-2.0
// How a command ends that threw: the exit code and the text for what was thrown.
#pragma once

#include <exception>
#include <string>

#include "model/base/error.h"

namespace systole::cli {

struct Ending {
  ExitCode code;
  std::string text;  ///< "" where the end of the process tells
};

/// The ending of an exception that left a command. What no Error and nothing of the machine (no
/// memory, no file) explains is a fault of Systole: `kInternal`, with the request to report it.
Ending ending_of(const std::exception_ptr& thrown);

}  // namespace systole::cli
