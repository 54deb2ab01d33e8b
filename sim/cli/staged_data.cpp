// SPDX-License-Identifier: Apache-2.0
// Converts between batches and the host's values.
#include "sim/cli/staged_data.h"

#include "compiler/onnx/quantised.h"

namespace systole {

std::vector<RunInput> run_inputs(const Plan& plan) {
  std::vector<RunInput> inputs;
  for (const PlanTensor& input : plan.inputs)
    inputs.push_back({input.name, batch_shape(input.type.dims, plan.batch),
                      input.type.is_float() || integer_type(input.type.type).has_value()});
  return inputs;
}

std::vector<HostValues> host_items(const Plan& plan, const BatchData& batch) {
  std::vector<HostValues> items;
  for (const auto& item : batch.items) {
    HostValues values;
    for (size_t k = 0; k < plan.inputs.size(); ++k) {
      values[plan.inputs[k].name] = literal_of(plan.inputs[k].type, item[k]);
    }
    items.push_back(std::move(values));
  }
  return items;
}

std::vector<int64_t> batch_shape(std::vector<int64_t> dims, int64_t batch) {
  if (dims.empty()) dims = {1};
  dims[0] *= batch;
  return dims;
}

}  // namespace systole
