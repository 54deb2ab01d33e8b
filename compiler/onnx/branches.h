// SPDX-License-Identifier: Apache-2.0
// Control flow that is known when a network is read: each If whose condition is constant is
// replaced by the branch that it takes.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>

#include "compiler/onnx/input_shapes.h"

namespace systole::importer {

/// read_model, then take_branches. Throws Error as they do.
onnx::ModelProto read_network(const std::filesystem::path& path, const InputShapes& shapes);

/// `model` with the nodes of the branch in the place of each If whose condition follows from
/// constants and shapes, those within branches too. What a branch names gets the If's name before
/// it. Others stay as they are. `folder`: of external data; `shapes`: dimensions of inputs by name.
onnx::ModelProto take_branches(onnx::ModelProto model, const std::filesystem::path& folder,
                               const InputShapes& shapes);

}  // namespace systole::importer
