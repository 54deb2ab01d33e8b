// SPDX-License-Identifier: Apache-2.0
// Takes channels out of a graph.
#pragma once

#include <set>

#include "compiler/graph/graph.h"
#include "compiler/prune/channel_classes.h"

namespace systole::prune {

/// Removes the channels of the classes `gone` from every value: weights, biases and scales that
/// belong to them go, and what read them goes on without them, as if they were 0. No value may lose
/// all its channels.
void shrink(graph::Graph& graph, const ChannelClasses& classes, const std::set<size_t>& gone);

}  // namespace systole::prune
