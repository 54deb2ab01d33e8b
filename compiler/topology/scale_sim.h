// SPDX-License-Identifier: Apache-2.0
// Reads topologies of SCALE-Sim (CSV, convolution and GEMM forms; docs/topologies.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "compiler/graph/qgraph.h"

namespace systole {

/// The layers of `csv` as operators that each have their own input and output: SCALE-Sim's layers
/// are not connected. Weights are zeros, for timing only. `warnings` (may be null) receives what
/// the file asks for and this hardware does not have. Throws Error naming file, line and column.
QGraph load_topology(const std::filesystem::path& csv, int64_t batch,
                     std::vector<std::string>* warnings);

}  // namespace systole
