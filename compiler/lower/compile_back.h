// SPDX-License-Identifier: Apache-2.0
// The back half of the compiler: a quantised graph to a program.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "compiler/graph/qgraph.h"
#include "model/arch/arch.h"
#include "model/program/program.h"

namespace systole {

struct BackOptions {
  std::string* ir_dump = nullptr;
  /// Called now and then with the steps of the search for a plan that are done, of `total`; may be
  /// empty.
  std::function<void(size_t done, size_t total)> progress = {};
};

/// Tile, allocate, schedule, emit. Throws Error (kCannotCompile) naming layer and reason.
Program compile_back(const QGraph& graph, const ArchConfig& arch, const BackOptions& options);

}  // namespace systole
