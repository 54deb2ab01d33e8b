// SPDX-License-Identifier: Apache-2.0
// The back half of the compiler: quantised graph to program, pass after pass.
#include "compiler/lower/compile_back.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/lower/draft.h"
#include "compiler/lower/judge.h"
#include "compiler/lower/layer.h"
#include "compiler/lower/layer_cycles.h"
#include "compiler/lower/least_traffic.h"
#include "compiler/lower/least_work.h"
#include "compiler/lower/repeat.h"
#include "compiler/lower/residency.h"
#include "compiler/lower/weight_format.h"
#include "model/base/error.h"

namespace systole::lower {
namespace {

/// Throws Error (cannot compile) if the array was not built for the widths of `layer`.
void check_widths(const Layer& layer, const graph::QGraph& graph, const arch::ArchConfig& arch,
                  const arch::Geometry& geometry) {
  const auto refuse = [&](int bits, const char* what, int least, const char* key) {
    throw Error(fmt::format("layer '{}': {}-bit {}, architecture '{}' takes 8 to {} bits ({})",
                            layer.op->name, bits, what, arch.name, least, key),
                ExitCode::kCannotCompile);
  };
  const int weights = layer.op->conv.weight_bits;
  if (layer.uses_mxu() && weights < graph.tensors[layer.in].bits && weights < arch.hw.weight_bits)
    refuse(weights, "weights", arch.hw.weight_bits, "precision.weight_bits");
  for (const graph::TensorId t : {layer.in, layer.residual, layer.out}) {
    if (t < 0 || graph.tensors[t].bits == 8) continue;
    if (graph.tensors[t].bits < geometry.act_bits && graph.tensors[t].bits >= arch.hw.act_bits)
      throw Error(fmt::format("layer '{}': {}-bit activations, architecture '{}' has {} columns, "
                              "expected a multiple of {}, whose results fill bytes "
                              "(precision.activation_bits is {})",
                              layer.op->name, graph.tensors[t].bits, arch.name, geometry.cols,
                              8 / graph.tensors[t].bits, arch.hw.act_bits),
                  ExitCode::kCannotCompile);
    if (graph.tensors[t].bits < geometry.act_bits)
      refuse(graph.tensors[t].bits, "activations", geometry.act_bits, "precision.activation_bits");
    if (!geometry.whole_slices())
      throw Error(
          fmt::format("layer '{}': {}-bit activations, architecture '{}' has {} rows and {} "
                      "columns, expected rows to be a multiple of the columns, or no more",
                      layer.op->name, graph.tensors[t].bits, arch.name, geometry.rows,
                      geometry.cols),
          ExitCode::kCannotCompile);
  }
}

}  // namespace

program::Program compile_back(const graph::QGraph& graph, const arch::ArchConfig& arch,
                              const BackOptions& options) {
  if (const std::string why = arch::check_params(arch.hw); !why.empty())
    throw Error(fmt::format("architecture '{}': {}", arch.name, why));
  const arch::Geometry geometry(arch.hw);
  const auto dump = [&](const char* title, const auto&... ir) {
    if (options.ir_dump) *options.ir_dump += fmt::format("== {} ==\n{}\n", title, to_text(ir...));
  };

  std::vector<Layer> layers = make_layers(graph);
  for (const Layer& layer : layers) check_widths(layer, graph, arch, geometry);
  choose_formats(graph, arch, layers);
  size_t steps = 0;
  Draft made = best_draft(graph, layers, arch, options.choices, options.repeat, [&] {
    if (options.progress) options.progress(++steps, kPlacementSteps * layers.size());
  });
  const LoweredNetwork& lowered = made.lowered;
  const Placement& placement = made.placement;
  dump("placement and plans", placement, graph, layers);
  dump("tile operations", lowered.program);
  if (options.ir_dump)
    dump("cycles", layers, layer_cycles(layers, judge(made.program, arch, 0, true)));

  program::Program program = std::move(made.program);
  program.batch = graph.batch * options.repeat;
  program.repeat = options.repeat;
  const auto info_of = [&](graph::TensorId t, graph::TensorId base) {
    return repeated(graph::tensor_info(graph.tensors[t], lowered.tensor_addr[base]),
                    options.repeat);
  };
  for (const graph::TensorId t : graph.inputs) program.inputs.push_back(info_of(t, t));
  for (const graph::TensorId t : graph.outputs)
    program.outputs.push_back(info_of(t, graph.storage(t)));
  for (const Layer& layer : layers) program.layers.push_back(layer_info(layer, graph, geometry));
  for (size_t i = 0; i < layers.size(); ++i) {
    const LayerShape& s = layers[i].shape;
    if (placement.plans[i].parts && layers[i].sum)  // the array takes most of the window
      program.layers[i].vpu_bound = s.pixels() * geometry.col_tiles(s.oc);
  }
  const std::vector<int64_t> least = least_traffic(graph, arch.hw);
  for (const Layer& layer : layers)
    program.layers[layer.tag - 1u].least_bytes =
        least[static_cast<size_t>(layer.op - graph.ops.data())];
  for (const StoredWeights& stored : lowered.stored) {
    const Layer& layer = layers[stored.tag - 1u];
    // Zeros between groups, and of rows that a kernel has not, never counted.
    if (stored.hole_weights == 0) continue;
    program::LayerInfo& info = program.layers[stored.tag - 1u];  // neither stored nor multiplied
    info.weight_bytes =
        layer.op->conv.group > 1
            ? std::max(nonzero_bytes(layer),
                       info.weight_bytes - layer.weight_row_bytes(stored.hole_weights))
            : stored.bytes;
    info.mxu_bound =
        std::min(info.mxu_bound, bound_without_holes(layer, stored.hole_weights, geometry));
    if (info.useful_macs == 0) continue;  // what only selects or interpolates
    info.useful_macs -= layer.shape.pixels() * stored.hole_weights / (layer.structured() ? 2 : 1);
  }
  for (program::LayerInfo& layer : program.layers) layer = repeated(layer, options.repeat);
  program.host_steps = graph.host_steps;
  return program;
}

}  // namespace systole::lower
