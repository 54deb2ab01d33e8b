// SPDX-License-Identifier: Apache-2.0
// The back half of the compiler: quantised graph to program, pass after pass.
#include "compiler/lower/compile_back.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "compiler/lower/draft.h"
#include "compiler/lower/fold.h"
#include "compiler/lower/judge.h"
#include "compiler/lower/layer.h"
#include "compiler/lower/layer_cycles.h"
#include "compiler/lower/least_traffic.h"
#include "compiler/lower/least_work.h"
#include "compiler/lower/repeat.h"
#include "compiler/lower/residency.h"
#include "compiler/lower/tensor_map.h"
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
  if (layer.uses_mxu()) {
    const int weights = layer.op->conv().weight_type.bits();
    if (weights < graph.tensors[layer.in].type.bits() && weights < arch.hw.weight_bits)
      refuse(weights, "weights", arch.hw.weight_bits, "precision.weight_bits");
  }
  for (const graph::TensorId t : {layer.in, layer.residual, layer.out}) {
    const int bits = t < 0 ? 8 : graph.tensors[t].type.bits();
    if (bits >= 8) continue;
    if (bits < geometry.act_bits && bits >= arch.hw.act_bits)
      throw Error(
          fmt::format("layer '{}': {}-bit activations, architecture '{}' has {} columns, "
                      "expected a multiple of {}, whose results fill bytes "
                      "(precision.activation_bits is {})",
                      layer.op->name, bits, arch.name, geometry.cols, 8 / bits, arch.hw.act_bits),
          ExitCode::kCannotCompile);
    if (bits < geometry.act_bits)
      refuse(bits, "activations", geometry.act_bits, "precision.activation_bits");
    if (!geometry.whole_slices())
      throw Error(
          fmt::format("layer '{}': {}-bit activations, architecture '{}' has {} rows and {} "
                      "columns, expected rows to be a multiple of the columns, or no more",
                      layer.op->name, bits, arch.name, geometry.rows, geometry.cols),
          ExitCode::kCannotCompile);
  }
}

constexpr size_t kNextPlans = 3;  // that a mapping tells of a layer

/// A graph on its way to a program; `layers` refer to it.
struct Attempt {
  const graph::QGraph* graph;
  std::vector<Layer> layers;
  Draft draft;
};

/// `layers`: those of `graph`.
Attempt attempt(const graph::QGraph& graph, std::vector<Layer> layers, const arch::ArchConfig& arch,
                const BackOptions& options, const std::function<void()>& step) {
  const arch::Geometry geometry(arch.hw);
  for (const Layer& layer : layers) check_widths(layer, graph, arch, geometry);
  choose_formats(graph, arch, layers);
  Draft draft =
      best_draft(graph, layers, arch, options.choices, options.repeat, step, options.mapping);
  return {&graph, std::move(layers), std::move(draft)};
}

/// The folded graph, if it takes fewer cycles than `plain`. Its weights are more, and may not fit.
std::optional<Attempt> faster_attempt(const Attempt& plain, const graph::QGraph& folded,
                                      const arch::ArchConfig& arch, const BackOptions& options,
                                      const std::function<void()>& step) {
  try {
    Attempt made = attempt(folded, make_layers(folded), arch, options, step);
    const Cycle cycles = judge(plain.draft.program, arch).cycles;
    if (judge(made.draft.program, arch, cycles - 1).cycles != kNever) return made;
  } catch (const Error& error) {
    if (error.code() != ExitCode::kCannotCompile) throw;
  }
  return std::nullopt;
}

/// Whether `mapping` is of `folded` (null: there is none). Throws Error if it is not of `graph`
/// either.
bool check_mapping(const Mapping& mapping, const graph::QGraph& graph,
                   const std::vector<Layer>& layers, const graph::QGraph* folded) {
  if (mapping.network != graph.name)
    throw Error(fmt::format("--mapping: is of the network '{}', expected one of '{}'",
                            mapping.network, graph.name));
  if (is_mapping_of(mapping, layers)) return false;
  if (folded && is_mapping_of(mapping, make_layers(*folded))) return true;
  for (size_t i = 0; i < std::max(layers.size(), mapping.layers.size()); ++i) {
    const std::string own = i < layers.size() ? layers[i].op->name : "the end";
    const std::string wanted = i < mapping.layers.size() ? mapping.layers[i].name : "the end";
    if (own != wanted)
      throw Error(fmt::format("--mapping: layer {} is '{}', expected '{}'", i + 1, wanted, own));
  }
  throw Error(
      fmt::format("--mapping: its outputs are not those that the layers of '{}' have here, "
                  "expected a mapping of the same batch and shape",
                  graph.name));
}

/// Figures of `layer`, planned as `planned`, which may be folded: then its work is still its own.
program::LayerInfo info_of(const Layer& layer, const Layer& planned, const Attempt& attempt,
                           const graph::QGraph& graph, const arch::Geometry& geometry) {
  program::LayerInfo info = layer_info(planned, *attempt.graph, geometry);
  if (layer.shape == planned.shape) return info;
  program::LayerInfo own = layer_info(layer, graph, geometry);
  own.mxu_bound = std::min(own.mxu_bound, info.mxu_bound);
  own.vpu_bound = std::min(own.vpu_bound, info.vpu_bound);
  own.weight_bytes = std::min(own.weight_bytes, info.weight_bytes);
  if (planned.structured())
    own.useful_macs = std::min(own.useful_macs, planned.shape.pixels() * nonzero_weights(planned));
  return own;
}

/// Takes from `info` what is neither stored nor multiplied of the layer planned as `layer`.
void leave_out(const StoredWeights& stored, const Layer& layer, const arch::Geometry& geometry,
               program::LayerInfo& info) {
  // Zeros between groups, and of rows that a kernel has not, never counted.
  if (stored.hole_weights == 0) return;
  info.weight_bytes =
      layer.op->conv().group > 1
          ? std::max(nonzero_bytes(layer),
                     info.weight_bytes - layer.weight_row_bytes(stored.hole_weights))
          : std::min(info.weight_bytes, stored.bytes);
  const int64_t left_out = bound_without_holes(layer, stored.hole_weights, geometry);
  info.mxu_bound = std::min(info.mxu_bound, left_out);
  info.mxu_reference = std::min(info.mxu_reference, left_out);
  if (info.useful_macs == 0) return;  // what only selects or interpolates
  const int64_t left = std::ssize(layer.op->conv().weights) - stored.hole_weights;
  info.useful_macs =
      std::min(info.useful_macs, layer.shape.pixels() * left / (layer.structured() ? 2 : 1));
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

  const std::vector<Layer> own = make_layers(graph);
  const std::optional<Folds> folds =
      options.choices.fold ? choose_folds(graph, own, geometry) : std::nullopt;
  const size_t total = kPlacementSteps * graph.ops.size() * (folds ? 2 : 1);
  size_t steps = 0;
  const auto step = [&] {
    if (options.progress) options.progress(++steps, total);
  };
  std::optional<graph::QGraph> other;
  if (folds) other = folded(graph, *folds);
  const bool mapped_folded =
      options.mapping && check_mapping(*options.mapping, graph, own, other ? &*other : nullptr);
  Attempt made = mapped_folded ? attempt(*other, make_layers(*other), arch, options, step)
                               : attempt(graph, own, arch, options, step);
  if (mapped_folded) dump("folded graph", *other);
  if (folds && !options.mapping) {
    if (auto faster = faster_attempt(made, *other, arch, options, step)) {
      made = *std::move(faster);
      dump("folded graph", *other);
    }
  }
  const std::vector<Layer>& layers = made.layers;
  const LoweredNetwork& lowered = made.draft.lowered;
  const Placement& placement = made.draft.placement;
  dump("placement and plans", placement, *made.graph, layers);
  dump("tile operations", lowered.program);
  if (options.mapped) {
    *options.mapped = mapping_of(*made.graph, layers, placement);
    add_next_plans(*made.graph, layers, arch, options.choices, made.draft, kNextPlans,
                   *options.mapped);
  }
  if (options.tensors)
    *options.tensors = tensor_map_of(graph, *made.graph, layers, made.draft, options.repeat);
  if (options.ir_dump)
    dump("cycles", layers, layer_cycles(layers, judge(made.draft.program, arch, 0, true)));

  program::Program program = std::move(made.draft.program);
  program.batch = graph.batch * options.repeat;
  program.repeat = options.repeat;
  const auto info_at = [&](graph::TensorId t, graph::TensorId base) {
    return repeated(graph::tensor_info(graph.tensors[t], lowered.tensor_addr[base]),
                    options.repeat);
  };
  for (const graph::TensorId t : graph.inputs) program.inputs.push_back(info_at(t, t));
  for (const graph::TensorId t : graph.outputs)
    program.outputs.push_back(info_at(t, graph.storage(t)));
  const std::vector<int64_t> least = least_traffic(graph, arch.hw);
  for (size_t i = 0; i < layers.size(); ++i) {
    program::LayerInfo& info =
        program.layers.emplace_back(info_of(own[i], layers[i], made, graph, geometry));
    info.least_bytes = least[i];
    const LayerShape& s = layers[i].shape;
    if (placement.plans[i].parts && layers[i].sum)  // the array takes most of the window
      info.vpu_bound = info.vpu_reference = s.pixels() * geometry.col_tiles(s.oc);
  }
  for (const StoredWeights& stored : lowered.stored)
    leave_out(stored, layers[stored.tag - 1u], geometry, program.layers[stored.tag - 1u]);
  for (program::LayerInfo& layer : program.layers) layer = repeated(layer, options.repeat);
  program.host_steps = graph.host_steps;
  return program;
}

}  // namespace systole::lower
