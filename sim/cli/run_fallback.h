// SPDX-License-Identifier: Apache-2.0
// `run --host-fallback`: stages of the accelerator and of the host, one after the other.
#pragma once

#include "model/base/error.h"
#include "sim/cli/run_options.h"

namespace systole {

/// As `run`, with the network cut into stages. Throws Error.
ExitCode run_with_host(const RunCommand& options);

}  // namespace systole
