// SPDX-License-Identifier: Apache-2.0
// Cuts arrays into items and joins items to arrays.
#include "sim/serve/arrays.h"

#include <fmt/ranges.h>

#include <cmath>

#include "compiler/onnx/inputs.h"
#include "sim/session/data.h"

namespace systole::serve {
namespace {

constexpr int64_t kMostItems = int64_t{1} << 32;

int64_t elements(const std::vector<int64_t>& shape) {
  int64_t product = 1;
  for (const int64_t dim : shape) product *= dim;
  return product;
}

std::vector<int64_t> shape_of(Fields& array) {
  std::vector<int64_t> shape;
  const Json& json = array.value("shape");
  if (!json.is_array()) throw Error(array.where() + ": shape: expected a list of dimensions");
  for (const Json& dim : json) {
    if (!dim.is_number_integer() || dim < 0 || dim > kMostItems)
      throw Error(
          fmt::format("{}: shape: expected dimensions in 0..{}", array.where(), kMostItems));
    shape.push_back(dim.get<int64_t>());
  }
  return shape;
}

/// How many items of `input` an array of `shape` holds. Throws Error.
int64_t items_in(const std::vector<int64_t>& shape, const data::NetworkInput& input,
                 const std::string& where) {
  std::vector<int64_t> one = input.shape.empty() ? std::vector<int64_t>{1} : input.shape;
  const int64_t leading = one[0];
  bool fits = shape.size() == one.size() && shape[0] > 0 && shape[0] % leading == 0;
  for (size_t i = 1; fits && i < one.size(); ++i) fits = shape[i] == one[i];
  if (fits) return shape[0] / leading;
  std::string rest;
  for (size_t i = 1; i < one.size(); ++i) rest += fmt::format(", {}", one[i]);
  throw Error(fmt::format("{}: shape [{}], expected [{}{}]", where, fmt::join(shape, ", "),
                          leading == 1 ? "N" : fmt::format("{} N", leading), rest));
}

void check_finite(const std::string& where, std::span<const float> values) {
  for (size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw Error(
          fmt::format("{}: element {} is {}, expected finite numbers", where, i, values[i]));
}

void take_input(Task& task, Fields& arrays, const data::NetworkInput& input,
                std::vector<data::Item>& items) {
  Fields array = arrays.object(input.name);
  const std::vector<int64_t> shape = shape_of(array);
  const auto offset = static_cast<uint64_t>(array.integer("offset", 0, INT64_MAX));
  array.refuse_others();
  const int64_t count = items_in(shape, input, array.where());
  const int64_t one = elements(input.shape);
  const std::span<const float> values =
      task.state.arena.floats(offset, static_cast<uint64_t>(count * one));
  check_finite(array.where(), values);
  if (items.empty()) items.resize(static_cast<size_t>(count));
  if (static_cast<int64_t>(items.size()) != count)
    throw Error(fmt::format("{}: {} items, expected {} as of the inputs before", array.where(),
                            count, items.size()));
  for (int64_t i = 0; i < count; ++i) {
    const auto from = values.begin() + i * one;
    items[static_cast<size_t>(i)].emplace_back(from, from + one);
    data::check_elements(fmt::format("{}, item {}", array.where(), i), input,
                         items[static_cast<size_t>(i)].back());
  }
}

}  // namespace

data::Dataset take_items(Task& task, const std::string& key,
                         const std::vector<data::NetworkInput>& inputs) {
  Fields arrays = task.fields.object(key);
  data::Dataset result;
  for (const data::NetworkInput& input : inputs) {
    if (!arrays.has(input.name))
      throw Error(fmt::format("{}: nothing given for input '{}', expected {}", key, input.name,
                              data::names_of(inputs)));
    take_input(task, arrays, input, result.items);
  }
  arrays.refuse_others();
  return result;
}

std::vector<data::NetworkInput> inputs_of(const pipeline::NetworkPlan& plan) {
  std::vector<data::NetworkInput> inputs;
  for (const pipeline::PlanTensor& input : plan.inputs)
    inputs.push_back({input.name, input.type.dims, importer::whole_numbers(input.type.type)});
  return inputs;
}

Json input_json(const data::NetworkInput& input) {
  Json json = {{"name", input.name}, {"shape", input.shape}};
  if (input.integers) {
    json["least"] = input.integers->least;
    json["greatest"] = input.integers->greatest;
  }
  json["whole_steps"] = input.whole_steps;
  return json;
}

Json put_outputs(Task& task, const pipeline::NetworkPlan& plan,
                 const std::vector<pipeline::HostValues>& items) {
  Json outputs = Json::array();
  for (size_t k = 0; k < plan.outputs.size(); ++k) {
    const pipeline::PlanTensor& output = plan.outputs[k];
    const bool constant = plan.constants.contains(output.name);
    const size_t count = constant ? std::min<size_t>(items.size(), 1) : items.size();
    std::vector<float> all;
    all.reserve(count * static_cast<size_t>(elements(output.type.dims)));
    for (size_t i = 0; i < count; ++i) {
      const std::vector<float> one = pipeline::numbers_of(items[i].at(output.name));
      all.insert(all.end(), one.begin(), one.end());
    }
    outputs.push_back(
        {{"name", output.name},
         {"shape", session::batch_shape(output.type.dims, static_cast<int64_t>(count))},
         {"offset", task.state.arena.put(all)}});
  }
  return outputs;
}

}  // namespace systole::serve
