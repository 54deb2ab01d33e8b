// SPDX-License-Identifier: Apache-2.0
// Converts between batches and the host's values.
#include "sim/cli/staged_data.h"

namespace systole {

std::vector<HostValues> host_items(const Plan& plan, const Dataset& batch) {
  std::vector<HostValues> items;
  for (const auto& item : batch.items) {
    HostValues values;
    for (size_t k = 0; k < plan.inputs.size(); ++k) {
      const ValueType& type = plan.inputs[k].type;
      Literal literal;
      literal.dims = type.dims;
      literal.is_float = type.is_float;
      if (type.is_float)
        literal.floats = item[k];
      else
        literal.ints.assign(item[k].begin(), item[k].end());
      values[plan.inputs[k].name] = std::move(literal);
    }
    items.push_back(std::move(values));
  }
  return items;
}

std::vector<float> as_floats(const Literal& value) {
  return value.is_float ? value.floats : std::vector<float>(value.ints.begin(), value.ints.end());
}

}  // namespace systole
