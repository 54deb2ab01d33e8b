// SPDX-License-Identifier: Apache-2.0
// The passes over the float graph, in the order in which they run; each keeps what the graph
// computes.
#pragma once

#include <string>

#include "compiler/graph/graph.h"

namespace systole::passes {

/// Removes nodes whose result nothing reads.
void remove_dead_nodes(graph::Graph& graph);
/// The codes that the network rounds an input to become the input's own; roundings that change
/// nothing go.
void take_codes(graph::Graph& graph);
/// Of several roundings of a value to the same steps, the narrower are taken of the widest; each
/// one that is left beside other readers gets what makes the value for itself.
void share_roundings(graph::Graph& graph);
/// Roundings behind max pools and cuts of what is joined of different codes go before them.
void raise_roundings(graph::Graph& graph);
/// Explicit zero padding becomes the padding of the window operators that read it; what is left
/// becomes a 1x1 average pool with padding.
void absorb_pads(graph::Graph& graph);
/// Clamps, functions and scale-shifts of a concat or interleave go to each of its parts.
void distribute_joins(graph::Graph& graph);
/// Scale-shifts (batch norm, constant operands) go into the convolution before or after them.
void fold_scale_shifts(graph::Graph& graph);
/// Elementwise operators on one source become one function of it. Throws Error (cannot compile)
/// naming combinations of two sources that the machine does not have.
void fuse_functions(graph::Graph& graph);
/// Functions go into the operator before them, as its last step, also of what the network rounds.
void attach_functions(graph::Graph& graph);
/// Reshapes go: into the layouts of the network's input and outputs, or into a fully connected
/// layer, whose kernel then covers the map; those that move nothing in NHWC stay. Throws Error
/// (cannot compile) naming the others.
void absorb_reshapes(graph::Graph& graph);
/// The sum of a convolution nothing else reads and another value becomes the convolution's second
/// input.
void fuse_adds(graph::Graph& graph);
/// Clamps (Relu, Clip) go into the operator before them.
void fuse_clamps(graph::Graph& graph);
/// Scale-shifts that are left become 1x1 convolutions with a diagonal of weights, but for those
/// that only scale, by positive factors: the vector unit does that.
void lower_scale_shifts(graph::Graph& graph);
/// Joins of values that the network has rounded to different steps get codes that hold all of
/// them, where there are such.
void join_codes(graph::Graph& graph);
/// Convolutions whose integers leave -128..127 (asymmetric weights) read copies of their input,
/// with weights that add up to theirs.
void split_weights(graph::Graph& graph);
/// Interpolations (Resize) between values that the network has rounded get weights that are
/// integers times one fraction, and a second convolution for what that leaves of them.
void split_interpolations(graph::Graph& graph);
/// Copies what a concat, slice or reshape cannot have in its place, so that all of them cost
/// nothing.
void place_joins(graph::Graph& graph);

/// Not of run_passes: the second inputs of convolutions become adds again, which round on their
/// own, but for those whose sum the network itself rounds once.
void split_sums(graph::Graph& graph);

/// Runs all of them, verifying after each; `dump`, if not null, receives the graph's text after
/// each.
void run_passes(graph::Graph& graph, std::string* dump);

}  // namespace systole::passes
