// SPDX-License-Identifier: Apache-2.0
// Arrays of a message, float32 in the order in which the network states its elements, as items and
// back.
#pragma once

#include "compiler/pipeline/plan.h"
#include "sim/serve/state.h"

namespace systole::serve {

/// Of the field `key`: an object that has for each of `inputs` {"offset": byte, "shape": [n, ...]}.
/// Throws Error.
data::Dataset take_items(Task& task, const std::string& key,
                         const std::vector<data::NetworkInput>& inputs);

/// The inputs of a plan.
std::vector<data::NetworkInput> inputs_of(const pipeline::NetworkPlan& plan);

/// Name, shape of an item, and the whole numbers that it takes, if it does.
Json input_json(const data::NetworkInput& input);

/// Puts the outputs of `items`, which a plan ran, where the other side finds them.
Json put_outputs(Task& task, const pipeline::NetworkPlan& plan,
                 const std::vector<pipeline::HostValues>& items);

}  // namespace systole::serve
