// SPDX-License-Identifier: Apache-2.0
// Loads inputs, reads outputs.
#include "sim/cli/run_data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "compiler/data/npy.h"
#include "compiler/exec/host_steps.h"
#include "model/arch/error.h"

namespace systole {
namespace {

const TensorInfo& only_input(const Program& program) {
  if (program.inputs.size() != 1)
    throw Error(fmt::format("{}: has {} inputs, data can be given for one", program.name,
                            program.inputs.size()));
  return program.inputs[0];
}

}  // namespace

BatchData load_batch(const Program& program, const std::filesystem::path& dataset) {
  std::vector<int64_t> shape = only_input(program).onnx_shape;
  if (!shape.empty()) shape[0] = 1;
  const auto batch = static_cast<size_t>(program.batch);
  Dataset data = load_dataset(dataset, shape, batch);
  if (data.items.size() < batch)
    throw Error(fmt::format("{}: holds {} items, a batch of {} needs as many", dataset.string(),
                            data.items.size(), batch));
  return {std::move(data.items), std::move(data.labels)};
}

BatchData load_npy_batch(const Program& program, const std::filesystem::path& npy) {
  const std::vector<int64_t>& shape = only_input(program).onnx_shape;
  const NpyArray array = read_npy(npy);
  if (array.type != NpyArray::Type::kF32)
    throw Error(npy.string() +
                ": holds integers, expected float32 values as the network takes them");
  if (array.shape != shape)
    throw Error(fmt::format("{}: shape [{}], expected [{}]", npy.string(),
                            fmt::join(array.shape, ", "), fmt::join(shape, ", ")));
  const int64_t elements = array.elements() / program.batch;
  BatchData batch;
  for (int64_t item = 0; item < program.batch; ++item) {
    std::vector<float> values(static_cast<size_t>(elements));
    for (int64_t i = 0; i < elements; ++i) {
      values[static_cast<size_t>(i)] = static_cast<float>(array.at(item * elements + i));
      if (!std::isfinite(values[static_cast<size_t>(i)]))
        throw Error(fmt::format("{}: element {} is not finite", npy.string(), item * elements + i));
    }
    batch.items.push_back(std::move(values));
  }
  return batch;
}

std::vector<int8_t> stored_input(const Program& program, const BatchData& batch) {
  const TensorInfo& input = only_input(program);
  std::vector<int8_t> stored;
  for (const std::vector<float>& item : batch.items) {
    const std::vector<int8_t> bytes = quantise_input(input, item);
    stored.insert(stored.end(), bytes.begin(), bytes.end());
  }
  return stored;
}

void place_input(const Program& program, const std::vector<int8_t>& stored, DramImage& image) {
  const TensorInfo& input = only_input(program);
  if (input.addr + stored.size() > image.size())
    throw Error(fmt::format("{}: input '{}' lies outside its DRAM", program.name, input.name));
  std::copy(stored.begin(), stored.end(), image.begin() + input.addr);
}

std::vector<OutputData> read_outputs(const Program& program, const DramImage& image) {
  std::vector<OutputData> outputs;
  for (const TensorInfo& info : program.outputs) {
    if (info.addr + static_cast<uint64_t>(info.bytes()) > image.size())
      throw Error(fmt::format("{}: output '{}' lies outside its DRAM", program.name, info.name));
    OutputData output{info, std::vector<int8_t>(static_cast<size_t>(info.bytes())), {}};
    std::copy_n(image.begin() + info.addr, info.bytes(), output.stored.begin());
    for (int64_t item = 0; item < program.batch; ++item) {
      output.items.push_back(dequantise_output(info, output.stored.data(), item));
      for (const HostStep& step : program.host_steps)
        if (step.tensor == info.name) apply_host_step(step, info.onnx_shape, output.items.back());
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

std::string check_outputs(const QGraph& graph, const std::vector<int8_t>& input,
                          const std::vector<OutputData>& outputs) {
  const auto expected = run_qgraph(graph, input);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const auto& stored = outputs[i].stored;
    const auto [got, want] =
        std::mismatch(stored.begin(), stored.end(), expected.at(i).begin(), expected[i].end());
    if (got == stored.end() && want == expected[i].end()) continue;
    if (got == stored.end() || want == expected[i].end())
      return fmt::format("output '{}' has {} bytes, the quantised graph gives {}",
                         outputs[i].info.name, stored.size(), expected[i].size());
    return fmt::format("output '{}' is {} at byte {}, the quantised graph gives {}",
                       outputs[i].info.name, *got, got - stored.begin(), *want);
  }
  return "";
}

}  // namespace systole
