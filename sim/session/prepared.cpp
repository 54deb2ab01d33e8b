// SPDX-License-Identifier: Apache-2.0
// Reads the calibration data, which pruning and scaling may need.
#include "sim/session/prepared.h"

#include <optional>

#include "compiler/pipeline/scale_channels.h"

namespace systole::session {

pipeline::FloatPlan load_prepared(const NetworkRequest& request, const arch::ArchConfig& arch) {
  std::optional<data::Dataset> calibration;
  if (request.calibration_values)
    calibration = *request.calibration_values;
  else if (!request.calibration.empty())
    calibration =
        data::load_dataset(request.calibration, request.taken(), 0, data::Labels::kSeveral);
  return pipeline::load_prepared(
      request.network, request.front_options(arch, calibration ? &*calibration : nullptr));
}

}  // namespace systole::session
