// SPDX-License-Identifier: Apache-2.0
// The data of a run: what goes into DRAM before it and what comes out after.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/graph/qgraph.h"
#include "model/program/program.h"
#include "sim/engine/engine.h"

namespace systole::session {

/// What data can be given for. Of a program it is not known which inputs the network states as
/// integers.
std::vector<data::NetworkInput> run_inputs(const program::Program& program);

/// The first `batch` items of a data set.
data::Dataset load_batch(const std::vector<data::NetworkInput>& inputs, int64_t batch,
                         const std::filesystem::path& dataset);
/// One batch. `given`: "FILE.npy" for a network of one input, else "NAME=FILE.npy" for each. Arrays
/// have the inputs' shapes, the batch along the leading dimension. Throws Error: unknown, missing
/// or repeated names, other shapes or types.
data::Dataset load_npy_batch(const std::vector<data::NetworkInput>& inputs, int64_t batch,
                             const std::vector<std::string>& given);

/// Dimensions of a whole batch of items of `dims`.
std::vector<int64_t> batch_shape(std::vector<int64_t> dims, int64_t batch);

/// Puts them where the program expects them.
void place_inputs(const program::Program& program, const std::vector<std::vector<int8_t>>& stored,
                  platform::DramImage& image);

/// An output of a run.
struct OutputData {
  program::TensorInfo info;
  std::vector<int8_t> stored;  ///< NHWC, whole batch
};
std::vector<OutputData> read_outputs(const program::Program& program,
                                     const platform::DramImage& image);

/// Empty, or where an output differs from what the quantised graph says.
std::string check_outputs(const graph::QGraph& graph,
                          const std::vector<std::vector<int8_t>>& inputs,
                          const std::vector<OutputData>& outputs);

}  // namespace systole::session
