// SPDX-License-Identifier: Apache-2.0
// The back half of the compiler: a quantised graph to a program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "compiler/choices/choices.h"
#include "compiler/graph/qgraph.h"
#include "compiler/lower/mapping.h"
#include "model/arch/arch.h"
#include "model/program/program.h"
#include "model/program/tensor_map.h"

namespace systole::lower {

struct BackOptions {
  choices::Choices choices = {};  ///< Choices::fuse is the front half's
  int64_t repeat = 1;             ///< batches that run one behind the other
  std::string* ir_dump = nullptr;
  const Mapping* mapping = nullptr;       ///< how layers are to be cut; null: as the search finds
  Mapping* mapped = nullptr;              ///< receives how they are, with the next best plans
  program::TensorMap* tensors = nullptr;  ///< receives where all tensors are
  /// Called now and then with the steps of the search for a plan that are done, of `total`; may be
  /// empty.
  std::function<void(size_t done, size_t total)> progress = {};
};

/// Tile, allocate, schedule, emit. Throws Error (kCannotCompile) naming layer and reason.
program::Program compile_back(const graph::QGraph& graph, const arch::ArchConfig& arch,
                              const BackOptions& options);

}  // namespace systole::lower
