// SPDX-License-Identifier: Apache-2.0
// Lowers the sample, rehearses it, and extends it to the whole group.
#include "compiler/lower/group_rehearsal.h"

#include <algorithm>
#include <limits>

#include "compiler/lower/group_lowering.h"
#include "compiler/lower/rehearsal.h"
#include "compiler/lower/schedule.h"

namespace systole::lower {
namespace {

constexpr size_t kMostOps = 4000;             // instructions of groups that are rehearsed in whole
constexpr int64_t kLastBands = 3;             // of a group before those that are rehearsed
constexpr int64_t kSample = 7, kSettled = 4;  // bands: rehearsed; of them before the steady state

/// The parts of a group that are lowered one after the other: bands, or rows of tiles of an item.
int64_t parts_of(const LayerGroup& group, const Layer& layer, const Plan& plan) {
  if (!group.bands.empty()) return static_cast<int64_t>(group.bands.size()) * layer.shape.n;
  // Column tiles outside go over all pixels.
  return plan.columns_outer
             ? 1
             : ceil_div(layer.shape.n, plan.tile_n) * ceil_div(layer.shape.h.out, plan.tile_h);
}

/// Layers lowered without packing weights, to be rehearsed.
struct DryRun {
  DryRun(const graph::QGraph& g, const std::vector<Layer>& l, const arch::ArchConfig& a,
         const Placement& p)
      : graph(g),
        arch(a),
        geometry(a.hw),
        dram(geometry.burst_bytes),
        addresses(g.tensors.size()),
        context{g, l, p, addresses, a.hw} {}

  /// Addresses of the operands of `range` that have none.
  void give_addresses(Range range) {
    for (int64_t i = range.first; i < range.end(); ++i) {
      const Layer& layer = context.layers[static_cast<size_t>(i)];
      for (const graph::TensorId t : {layer.in, layer.residual, layer.out}) {
        if (t < 0) continue;
        const graph::TensorId held = graph.storage(t);
        if (addresses[held] == 0) addresses[held] = dram.reserve(graph.tensors[held].bytes(), "");
      }
    }
  }

  /// Nothing if it takes longer than `limit`.
  std::optional<RehearsalResult> rehearse_all(double limit) const {
    const ProgramAccesses accesses(program, geometry);
    const std::vector<OpCost> costs = op_costs(program, accesses, arch.hw, geometry);
    if (least_cycles(program, costs, arch) > limit) return std::nullopt;
    const std::vector<Dependencies> dependencies = find_hazards(program, accesses);
    const std::vector<OpIndex> order = schedule(program, dependencies, arch.hw.queue_depth);
    return rehearse(program, costs, dependencies, order, arch, limit);
  }

  const graph::QGraph& graph;
  const arch::ArchConfig& arch;
  const arch::Geometry geometry;
  TileProgram program;
  std::vector<program::Segment> segments;
  DramLayout dram;
  std::vector<uint32_t> addresses;
  const GroupContext context;
  LoweringState state{.program = program,
                      .dram = dram,
                      .segments = segments,
                      .acc = AccRows(arch.hw.acc_rows),
                      .params = ParamRing(arch.hw, dram, segments, program, true),
                      .tables = TableRing(dram, segments, program),
                      .dry = true};
};

/// The parts of a group of `parts` that are still at work when the next group begins.
void run_last_parts(GroupLowering& lowering, int64_t parts) {
  for (int64_t part = std::max<int64_t>(0, parts - kLastBands); part < parts; ++part)
    lowering.run_part(part, parts);
}

}  // namespace

double rehearse_group(const graph::QGraph& graph, const std::vector<Layer>& layers,
                      const arch::ArchConfig& arch, const Placement& placement,
                      const LayerGroup& group) {
  const auto index = static_cast<size_t>(group.layers.first);
  const Layer& first = layers[index];
  const Plan& plan = placement.plans[index];
  DryRun run(graph, layers, arch, placement);
  run.give_addresses(group.layers);
  TileProgram& program = run.program;
  GroupLowering lowering(run.context, group, run.state);

  const int64_t parts = parts_of(group, first, plan);
  const int64_t sample = parts > kSample + 1 ? kSample : parts;
  std::vector<size_t> part_ends;
  for (int64_t part = 0; part < sample; ++part) {
    lowering.run_part(part, parts);
    part_ends.push_back(program.ops.size());
  }

  const RehearsalResult result = run.rehearse_all(kNoTime).value();
  // The end of what was computed in all parts up to one. What follows can begin when the array is
  // free: the vector unit's last pass is then behind it.
  const bool array = layers[static_cast<size_t>(group.layers.end() - 1)].uses_mxu();
  const isa::Unit last = array ? isa::Unit::kMxu : isa::Unit::kVpu;
  const auto computed = [&](int64_t part) {
    double end = 0;
    for (size_t k = 0; k < part_ends[static_cast<size_t>(part)]; ++k)
      if (unit_of(program.ops[k].instruction) == last) end = std::max(end, result.ends[k]);
    return end;
  };
  // The first loads hide behind the group before, but not those of packs of rows: they take long,
  // and before the first layer there is nothing.
  const double begin = plan.packed_rows == 1 ? result.first_compute : 0;
  double cycles = computed(sample - 1) - begin;
  double memory = result.memory;
  if (parts > sample) {
    const double steady =
        (computed(sample - 1) - computed(kSettled - 1)) / static_cast<double>(sample - kSettled);
    cycles += steady * static_cast<double>(parts - sample);
    memory *= static_cast<double>(parts) / static_cast<double>(sample);
  }
  return std::max(cycles, memory);
}

std::optional<double> rehearse_groups(const graph::QGraph& graph, const std::vector<Layer>& layers,
                                      const arch::ArchConfig& arch, const Placement& placement,
                                      Range groups, double limit) {
  DryRun run(graph, layers, arch, placement);
  for (int64_t g = groups.first; g < groups.end(); ++g) {
    const LayerGroup& group = placement.groups[static_cast<size_t>(g)];
    run.give_addresses(group.layers);
    GroupLowering lowering(run.context, group, run.state);
    const auto index = static_cast<size_t>(group.layers.first);
    if (g == groups.first && groups.count > 1 && !group.bands.empty())
      run_last_parts(lowering, parts_of(group, layers[index], placement.plans[index]));
    else
      lowering.run();
    if (run.program.ops.size() > kMostOps) return std::nullopt;
  }
  const std::optional<RehearsalResult> result = run.rehearse_all(limit);
  return result ? *std::max_element(result->ends.begin(), result->ends.end()) : kNoTime;
}

}  // namespace systole::lower
