// SPDX-License-Identifier: Apache-2.0
// The data of a run: what goes into DRAM before it and what comes out after.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "model/isa/program.h"
#include "sim/engine/engine.h"

namespace systole {

/// One batch of inputs as float32 items in the network's layout, with labels if the data has them.
struct BatchData {
  std::vector<std::vector<float>> items;
  std::vector<int> labels;
};

/// The first batch of a data set, or of an .npy of float32 whose shape is the network's. Throws
/// Error.
BatchData load_batch(const Program& program, const std::filesystem::path& dataset);
BatchData load_npy_batch(const Program& program, const std::filesystem::path& npy);

/// The batch as stored bytes of the program's input.
std::vector<int8_t> stored_input(const Program& program, const BatchData& batch);

/// Puts them where the program expects them.
void place_input(const Program& program, const std::vector<int8_t>& stored, DramImage& image);

/// An output of a run.
struct OutputData {
  TensorInfo info;
  std::vector<int8_t> stored;             ///< NHWC
  std::vector<std::vector<float>> items;  ///< in the network's layout, after the host's steps
};
std::vector<OutputData> read_outputs(const Program& program, const DramImage& image);

/// Empty, or where an output differs from what the quantised graph says.
std::string check_outputs(const QGraph& graph, const std::vector<int8_t>& input,
                          const std::vector<OutputData>& outputs);

}  // namespace systole
