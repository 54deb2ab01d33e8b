// SPDX-License-Identifier: Apache-2.0
// A network that has nothing for the host, as a plan of one stage.
#pragma once

#include <optional>

#include "compiler/pipeline/float_plan.h"

namespace systole::pipeline {

/// `graph`, which has been through the passes, as the one stage of the network in `path`.
FloatPlan whole_network(graph::Graph graph, const std::filesystem::path& path);

/// The network as it is, if the accelerator takes all of it.
std::optional<FloatPlan> find_whole_network(const std::filesystem::path& path,
                                            const importer::InputShapes& shapes,
                                            std::vector<std::string>* warnings, std::string* dump);

}  // namespace systole::pipeline
