// SPDX-License-Identifier: Apache-2.0
// Converts between batches and the host's values.
#include "sim/cli/staged_data.h"

#include "compiler/onnx/quantised.h"

namespace systole {

std::vector<HostValues> host_items(const NetworkPlan& plan, const Dataset& batch) {
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

}  // namespace systole
