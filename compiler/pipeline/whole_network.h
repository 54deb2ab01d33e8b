// SPDX-License-Identifier: Apache-2.0
// A network that has nothing for the host, as a plan of one stage.
#pragma once

#include <optional>

#include "compiler/pipeline/float_plan.h"

namespace systole {

/// The network as it is, if the accelerator takes all of it.
std::optional<FloatPlan> whole_network(const std::filesystem::path& path, const InputShapes& shapes,
                                       std::vector<std::string>* warnings, std::string* dump);

}  // namespace systole
