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

/// An input that data can be given for.
struct RunInput {
  std::string name;
  std::vector<int64_t> shape;  ///< as the network states it, whole batch
  bool is_float = true;        ///< otherwise whole numbers that only the host reads
};
std::vector<RunInput> run_inputs(const Program& program);

/// One batch of every input as float32 items in the network's layout, with labels if the data has
/// them.
struct BatchData {
  std::vector<std::vector<std::vector<float>>> items;  ///< [item][input]
  std::vector<int> labels;
};

/// The first `batch` items of a data set.
BatchData load_batch(const std::vector<RunInput>& inputs, int64_t batch,
                     const std::filesystem::path& dataset);
/// `given`: "FILE.npy" for a network of one input, else "NAME=FILE.npy" for each. Arrays have the
/// inputs' shapes. Throws Error: unknown, missing or repeated names, other shapes or types.
BatchData load_npy_batch(const std::vector<RunInput>& inputs, int64_t batch,
                         const std::vector<std::string>& given);

/// The batch as stored bytes of each of the program's inputs.
std::vector<std::vector<int8_t>> stored_inputs(const Program& program, const BatchData& batch);

/// Puts them where the program expects them.
void place_inputs(const Program& program, const std::vector<std::vector<int8_t>>& stored,
                  DramImage& image);

/// An output of a run.
struct OutputData {
  TensorInfo info;
  std::vector<int8_t> stored;             ///< NHWC
  std::vector<std::vector<float>> items;  ///< in the network's layout, after the host's steps
};
std::vector<OutputData> read_outputs(const Program& program, const DramImage& image);

/// Empty, or where an output differs from what the quantised graph says.
std::string check_outputs(const QGraph& graph, const std::vector<std::vector<int8_t>>& inputs,
                          const std::vector<OutputData>& outputs);

}  // namespace systole
