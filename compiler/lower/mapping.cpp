// SPDX-License-Identifier: Apache-2.0
// Words plans, and looks for those that are wanted among the variants of each layer.
#include "compiler/lower/mapping.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compiler/lower/tiling.h"
#include "model/base/error.h"

namespace systole::lower {
namespace {

const LayerGroup& group_of(const Placement& placement, size_t index) {
  const auto at = static_cast<int64_t>(index);
  return *std::find_if(
      placement.groups.begin(), placement.groups.end(),
      [&](const LayerGroup& group) { return group.layers.first <= at && at < group.layers.end(); });
}

bool runs_alone(const Placement& placement, size_t index) {
  return group_of(placement, index).layers.count == 1;
}

std::string where(const graph::QGraph& graph, const Placement& placement, graph::TensorId tensor) {
  if (placement.resident[tensor]) return "on chip";
  if (placement.bands[tensor]) return "on chip in bands";
  return std::find(graph.inputs.begin(), graph.inputs.end(), tensor) != graph.inputs.end()
             ? "in DRAM, the network's"
             : "in DRAM";
}

std::string words_of(const graph::QGraph& graph, const Layer& layer, const Plan& plan,
                     const Placement& placement) {
  const char* inputs[] = {"", ", by patches", ", by windows"};
  std::string text =
      fmt::format("input {}{}; output {}", where(graph, placement, layer.in),
                  inputs[static_cast<size_t>(plan.input)], where(graph, placement, layer.out));
  if (layer.has_residual())
    text += fmt::format("; residual {}", where(graph, placement, layer.residual));
  if (!layer.uses_mxu()) return text;
  text += plan.columns_outer ? "; loops: columns, pixels" : "; loops: pixels, columns";
  if (plan.chunks() > 1) text += fmt::format(", {} chunks", plan.chunks());
  return text + (plan.keep ? "; weights stay in the ring" : "");
}

[[noreturn]] void refuse(const Layer& layer, const std::string& why) {
  throw Error(fmt::format("--mapping: layer '{}': {}", layer.op->name, why),
              ExitCode::kCannotCompile);
}

Plan wanted_tile(size_t index, const TileSize& tile, const graph::QGraph& graph,
                 const std::vector<Layer>& layers, const arch::ArchConfig& arch,
                 const Placement& placement) {
  std::vector<std::string> legal{
      fmt::format("[{}]", fmt::join(tile_of(placement.plans[index]), ", "))};
  for (const Plan& plan : other_plans(index, graph, layers, arch, placement)) {
    if (tile_of(plan) == tile) return plan;
    legal.push_back(fmt::format("[{}]", fmt::join(tile_of(plan), ", ")));
  }
  refuse(layers[index], fmt::format("no plan in tiles of [{}] fits, expected one of {}",
                                    fmt::join(tile, ", "), fmt::join(legal, ", ")));
}

}  // namespace

TileSize tile_of(const Plan& plan) { return {plan.tile_n, plan.tile_h, plan.tile_w}; }

Mapping mapping_of(const graph::QGraph& graph, const std::vector<Layer>& layers,
                   const Placement& placement) {
  Mapping mapping{graph.name, 0, {}};
  for (size_t i = 0; i < layers.size(); ++i) {
    const Plan& plan = placement.plans[i];
    const LayerShape& shape = layers[i].shape;
    LayerMapping made{layers[i].op->name, {shape.n, shape.h.out, shape.w.out}, {}, {}, {}, {}};
    made.how = words_of(graph, layers[i], plan, placement);
    const LayerGroup& group = group_of(placement, i);
    if (group.layers.count == 1) {
      made.tile = tile_of(plan);
      if (layers[i].uses_mxu()) made.together = plan.together;
    } else {
      made.how += fmt::format("; one of {} layers in {} bands, tiles of [{}]", group.layers.count,
                              group.bands.size(), fmt::join(tile_of(plan), ", "));
    }
    mapping.layers.push_back(std::move(made));
  }
  return mapping;
}

bool is_mapping_of(const Mapping& mapping, const std::vector<Layer>& layers) {
  return std::equal(
      mapping.layers.begin(), mapping.layers.end(), layers.begin(), layers.end(),
      [](const LayerMapping& wanted, const Layer& layer) {
        const LayerShape& s = layer.shape;
        return wanted.name == layer.op->name && wanted.output == TileSize{s.n, s.h.out, s.w.out};
      });
}

std::vector<Plan> other_plans(size_t index, const graph::QGraph& graph,
                              const std::vector<Layer>& layers, const arch::ArchConfig& arch,
                              const Placement& placement) {
  const arch::Geometry geometry(arch.hw);
  const FreeSpace space = free_during(placement, tensor_lifetimes(graph, layers),
                                      {static_cast<int64_t>(index), 1}, geometry);
  std::vector<Plan> plans =
      plan_variants(layers[index], residence_of(layers, index, graph, placement), arch, space);
  const TileSize now = tile_of(placement.plans[index]);
  std::erase_if(plans, [&](const Plan& plan) { return tile_of(plan) == now; });
  std::stable_sort(plans.begin(), plans.end(), [](const Plan& a, const Plan& b) {
    return plan_cost(a.work) < plan_cost(b.work);
  });
  return plans;
}

void set_plan(size_t index, const Plan& plan, const graph::QGraph& graph,
              const std::vector<Layer>& layers, const arch::ArchConfig& arch,
              Placement& placement) {
  placement.plans[index] = plan;
  place_group(graph, layers, tensor_lifetimes(graph, layers), arch::Geometry(arch.hw),
              group_of(placement, index), {}, placement);
}

void apply_mapping(const Mapping& mapping, const graph::QGraph& graph,
                   const std::vector<Layer>& layers, const arch::ArchConfig& arch,
                   Placement& placement) {
  for (size_t i = 0; i < layers.size(); ++i) {
    const LayerMapping& wanted = mapping.layers[i];
    Plan plan = placement.plans[i];
    if (!wanted.tile && !wanted.together) continue;
    if (!runs_alone(placement, i))
      refuse(layers[i],
             "runs in bands with others, which decide its tiles; expected neither tile "
             "nor together, or --set compile.bands=false");
    if (wanted.tile && *wanted.tile != tile_of(plan))
      plan = wanted_tile(i, *wanted.tile, graph, layers, arch, placement);
    // Left as it was it follows the tile.
    if (wanted.together && *wanted.together != placement.plans[i].together) {
      const int64_t room = layers[i].uses_mxu() && !plan.parts
                               ? arch.hw.acc_rows / 2 / (plan.tile_n * plan.tile_h * plan.tile_w)
                               : 1;
      if (*wanted.together > room)
        refuse(layers[i], fmt::format("{} column tiles together, expected 1..{}, for which half of "
                                      "the accumulators has room",
                                      *wanted.together, room));
      plan.together = *wanted.together;
    }
    const Plan& now = placement.plans[i];
    if (tile_of(plan) != tile_of(now) || plan.together != now.together)
      set_plan(i, plan, graph, layers, arch, placement);
  }
}

}  // namespace systole::lower
