// SPDX-License-Identifier: Apache-2.0
// Loads inputs, reads outputs.
#include "sim/session/data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "compiler/data/dataset.h"
#include "compiler/data/npy.h"
#include "compiler/exec/qgraph_executor.h"
#include "compiler/graph/qgraph.h"
#include "model/base/error.h"

namespace systole::session {
namespace {

/// Which input `text` is for, and its file.
std::pair<size_t, std::filesystem::path> parse_given(const std::vector<data::NetworkInput>& inputs,
                                                     const std::string& text) {
  for (size_t k = 0; k < inputs.size(); ++k) {
    const std::string prefix = inputs[k].name + "=";
    if (text.rfind(prefix, 0) == 0) return {k, text.substr(prefix.size())};
  }
  std::error_code ignored;
  const bool is_file = std::filesystem::exists(text, ignored);
  if (inputs.size() == 1 && (is_file || text.find('=') == std::string::npos)) return {0, text};
  throw Error(fmt::format("--input {}: expected NAME=FILE.npy for {}{}", text,
                          inputs.size() > 1 ? "each of " : "", data::names_of(inputs)));
}

/// An array of the whole batch, cut into items.
std::vector<std::vector<float>> read_items(const data::NetworkInput& input, int64_t batch,
                                           const std::filesystem::path& file) {
  const data::NpyArray array = data::read_npy(file);
  if (array.is_integer() && !input.integers && !input.whole_steps)
    throw Error(fmt::format("{}: holds integers, expected float32 values as the network takes them",
                            file.string()));
  const std::vector<int64_t> shape = batch_shape(input.shape, batch);
  const bool scalar = input.shape.empty() && array.shape == std::vector<int64_t>{1};
  if (array.shape != shape && !scalar)
    throw Error(fmt::format("{}: shape [{}], expected [{}]", file.string(),
                            fmt::join(array.shape, ", "), fmt::join(shape, ", ")));
  const int64_t elements = array.elements() / batch;
  std::vector<float> whole;
  for (int64_t i = 0; i < array.elements(); ++i) {
    whole.push_back(static_cast<float>(array.at(i)));
    if (!std::isfinite(whole.back()))
      throw Error(fmt::format("{}: element {} is not finite", file.string(), i));
  }
  data::check_elements(file.string(), input, whole);
  std::vector<std::vector<float>> items;
  for (auto at = whole.begin(); at != whole.end(); at += elements)
    items.emplace_back(at, at + elements);
  return items;
}

}  // namespace

std::vector<data::NetworkInput> run_inputs(const program::Program& program) {
  std::vector<data::NetworkInput> inputs;
  for (const program::TensorInfo& info : program.inputs) {
    inputs.push_back({info.name, info.onnx_shape, std::nullopt, info.scale == 1.0f});
    inputs.back().shape.at(0) = 1;
  }
  return inputs;
}

data::Dataset load_batch(const std::vector<data::NetworkInput>& inputs, int64_t batch,
                         const std::filesystem::path& dataset) {
  data::Dataset data =
      data::load_dataset(dataset, inputs, static_cast<size_t>(batch), data::Labels::kSeveral);
  if (static_cast<int64_t>(data.items.size()) < batch)
    throw Error(fmt::format("{}: holds {} items, a batch of {} needs as many", dataset.string(),
                            data.items.size(), batch));
  return data;
}

std::vector<int64_t> batch_shape(std::vector<int64_t> dims, int64_t batch) {
  if (dims.empty() && batch == 1) return dims;
  if (dims.empty()) dims = {1};
  dims[0] *= batch;
  return dims;
}

data::Dataset load_npy_batch(const std::vector<data::NetworkInput>& inputs, int64_t batch,
                             const std::vector<std::string>& given) {
  std::vector<std::filesystem::path> files(inputs.size());
  for (const std::string& text : given) {
    const auto [k, file] = parse_given(inputs, text);
    if (!files[k].empty())
      throw Error(fmt::format("--input {}: input '{}' is given twice", text, inputs[k].name));
    files[k] = file;
  }
  data::Dataset result;
  result.items.resize(static_cast<size_t>(batch));
  for (size_t k = 0; k < inputs.size(); ++k) {
    if (files[k].empty())
      throw Error(fmt::format("--input: nothing given for input '{}'", inputs[k].name));
    auto items = read_items(inputs[k], batch, files[k]);
    for (size_t i = 0; i < items.size(); ++i) result.items[i].push_back(std::move(items[i]));
  }
  return result;
}

void place_inputs(const program::Program& program, const std::vector<std::vector<int8_t>>& stored,
                  platform::DramImage& image) {
  for (size_t k = 0; k < stored.size(); ++k) {
    const program::TensorInfo& input = program.inputs.at(k);
    if (input.addr + stored[k].size() > image.size())
      throw Error(fmt::format("{}: input '{}' lies outside its DRAM", program.name, input.name));
    std::copy(stored[k].begin(), stored[k].end(), image.begin() + input.addr);
  }
}

std::vector<OutputData> read_outputs(const program::Program& program,
                                     const platform::DramImage& image) {
  std::vector<OutputData> outputs;
  for (const program::TensorInfo& info : program.outputs) {
    if (info.addr + static_cast<uint64_t>(info.bytes()) > image.size())
      throw Error(fmt::format("{}: output '{}' lies outside its DRAM", program.name, info.name));
    OutputData output{info, std::vector<int8_t>(static_cast<size_t>(info.bytes()))};
    std::copy_n(image.begin() + info.addr, info.bytes(), output.stored.begin());
    outputs.push_back(std::move(output));
  }
  return outputs;
}

std::string check_outputs(const graph::QGraph& graph,
                          const std::vector<std::vector<int8_t>>& inputs,
                          const std::vector<OutputData>& outputs) {
  const auto expected = exec::run_qgraph(graph, inputs);
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

}  // namespace systole::session
