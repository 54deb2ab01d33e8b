// SPDX-License-Identifier: Apache-2.0
// Plans, lowers, schedules and emits a network; has the results judged.
#include "compiler/lower/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/lower/barriers.h"
#include "compiler/lower/hazards.h"
#include "compiler/lower/judge.h"
#include "compiler/lower/repeat.h"
#include "compiler/lower/residency.h"
#include "compiler/lower/schedule.h"
#include "compiler/lower/tokens.h"
#include "model/base/error.h"

namespace systole::lower {
namespace {

constexpr int64_t kCodeAlignment = 64;
constexpr size_t kManyInstructions = 400;  ///< programs of more are taken as they are made
constexpr Cycle kLeastGain = 1000;  ///< another way has to save so great a part of the cycles

constexpr int kWholeQueue = 1 << 16;

/// How far loads run ahead of what they are for.
struct RunAhead {
  int loads = 0;      ///< instructions of each unit that are ahead of their consumers
  bool held = false;  ///< load_weights begin behind the activations that were asked for before
};

/// What is tried besides the whole queue, not held.
constexpr RunAhead kTried[] = {{kWholeQueue, true}, {2, false}, {2, true}, {1, false}, {1, true}};

/// The instructions of `program` in `order`, with their tokens.
std::vector<isa::Words> emit(const TileProgram& program, const std::vector<OpIndex>& order,
                             const std::vector<TokenSets>& tokens) {
  std::vector<isa::Words> code;
  code.reserve(order.size());
  for (const OpIndex index : order) {
    const TileOp& op = program.ops[index];
    const TokenSets& sets = tokens[index];
    code.push_back(
        encode(op.instruction, {.tag = op.tag, .wait = sets.wait, .signal = sets.signal}));
  }
  return code;
}

/// Of each operation the last of the unit `wanted` that has ended when it begins, as far as tokens
/// and the order of the units say so; kNoOp if there is none.
std::vector<OpIndex> last_before(const TileProgram& program,
                                 const std::vector<Dependencies>& dependencies, isa::Unit wanted) {
  std::vector<OpIndex> before(program.ops.size(), kNoOp);
  std::array<OpIndex, isa::kUnits> last;
  last.fill(kNoOp);
  for (size_t k = 0; k < program.ops.size(); ++k) {
    OpIndex& unit_last = last[static_cast<size_t>(unit_of(program.ops[k].instruction))];
    if (unit_last != kNoOp) before[k] = before[unit_last];
    for (size_t unit = 0; unit < dependencies[k].size(); ++unit) {
      const OpIndex needed = dependencies[k][unit];
      if (needed == kNoOp) continue;
      const bool is_wanted = unit == static_cast<size_t>(wanted);
      before[k] = std::max(before[k], is_wanted ? needed : before[needed]);
    }
    unit_last = static_cast<OpIndex>(k);
  }
  return before;
}

/// `dependencies`, and of each load_weights that on the last load of activations before it in
/// `order`. Not where that load waits for a vector or a store for which the matmul does not: the
/// matmul may have begun, wait for its weights, and hold the port that they want.
std::vector<Dependencies> hold_weights(const TileProgram& program,
                                       const std::vector<Dependencies>& dependencies,
                                       const std::vector<OpIndex>& order) {
  const std::vector<OpIndex> vectors = last_before(program, dependencies, isa::Unit::kVpu);
  const std::vector<OpIndex> stores = last_before(program, dependencies, isa::Unit::kSto);
  std::vector<OpIndex> matmul(program.ops.size(), kNoOp);  // of a load_weights: the first
  for (size_t k = program.ops.size(); k-- > 0;)
    if (program.ops[k].weights != kNoOp) matmul[program.ops[k].weights] = static_cast<OpIndex>(k);
  std::vector<Dependencies> held = dependencies;
  OpIndex load = kNoOp;
  for (const OpIndex index : order) {
    const isa::Unit unit = unit_of(program.ops[index].instruction);
    if (unit == isa::Unit::kLda) load = index;
    if (unit != isa::Unit::kLdw || load == kNoOp || matmul[index] == kNoOp) continue;
    if (vectors[load] > vectors[matmul[index]] || stores[load] > stores[matmul[index]]) continue;
    OpIndex& needed = held[index][static_cast<size_t>(isa::Unit::kLda)];
    needed = std::max(needed, load);
  }
  return held;
}

/// Makes programs of one network.
class Drafter {
 public:
  Drafter(const graph::QGraph& graph, const std::vector<Layer>& layers,
          const arch::ArchConfig& arch, const choices::Choices& choices, int64_t repeat)
      : graph_(graph),
        layers_(layers),
        arch_(arch),
        choices_(choices),
        repeat_(repeat),
        geometry_(arch.hw) {}

  Draft best(const std::function<void()>& step, const Mapping* mapping) {
    Placement placement = place_tensors(graph_, layers_, arch_, choices_, step);
    if (mapping) apply_mapping(*mapping, graph_, layers_, arch_, placement);
    return best_of(std::move(placement));
  }

  /// The fastest program of `placement`.
  Draft best_of(Placement placement) {
    Draft draft = make(std::move(placement));
    const bool many = draft.program.code.size() > kManyInstructions;
    if (many && repeat_ == 1) return draft;
    Cycle least = judge(draft.program, arch_).cycles;
    if (repeat_ > 1) try_apart(draft, least);
    if (many) return draft;
    for (const RunAhead& ahead : kTried) try_ahead(ahead, draft, least);
    return draft;
  }

 private:
  /// Takes the program with loads that run so far ahead if it takes clearly fewer cycles than
  /// `least`, which then says so.
  void try_ahead(const RunAhead& ahead, Draft& draft, Cycle& least) const {
    std::vector<isa::Words> code = code_of(draft.lowered.program, ahead);
    if (code == draft.program.code) return;
    std::swap(draft.program.code, code);
    const Cycle cycles = judge(draft.program, arch_, least - least / kLeastGain).cycles;
    if (cycles == kNever)
      std::swap(draft.program.code, code);
    else
      least = cycles;
  }

  /// Repetitions that keep out of each other's words, if they take less than `least` cycles: they
  /// may meet in banks.
  void try_apart(Draft& draft, Cycle& least) {
    std::vector<Dependencies> dependencies = dependencies_;
    Placement placement = draft.placement;
    part_repetitions(graph_, layers_, geometry_, placement);
    Draft apart = make(std::move(placement));
    const Cycle cycles = judge(apart.program, arch_, least - 1).cycles;
    if (cycles == kNever) {
      dependencies_ = std::move(dependencies);
      return;
    }
    least = cycles;
    draft = std::move(apart);
  }

  Draft make(Placement placement) {
    Draft made;
    made.placement = std::move(placement);
    verify(made.placement, graph_, layers_, geometry_);
    DramLayout dram(std::max<int64_t>(kCodeAlignment, geometry_.burst_bytes));
    RepeatedNetwork repeated =
        lower_repeated(graph_, layers_, made.placement, arch_.hw, repeat_, dram);
    made.lowered = std::move(repeated.lowered);
    TileProgram& tiles = made.lowered.program;
    if (tiles.ops.empty())
      tiles.ops.push_back({isa::SyncVpu{}});  // a program has at least one instruction
    verify(tiles, arch_.hw);
    dependencies_ = find_hazards(tiles, geometry_);
    if (!choices_.prefetch)
      separate_groups(tiles, made.placement.groups, repeated.starts, dependencies_);

    program::Program& program = made.program;
    program.name = graph_.name;
    program.hw = arch_.hw;
    program.code = code_of(tiles, {kWholeQueue, false});
    program.code_addr =
        dram.reserve(static_cast<int64_t>(program.code.size()) * isa::kInstructionBytes, "code");
    program.segments = made.lowered.segments;
    program.dram_bytes =
        static_cast<uint64_t>(ceil_div(dram.size(), geometry_.burst_bytes) * geometry_.burst_bytes);
    if (program.dram_bytes > arch_.memory.size_mib << 20)
      throw Error(fmt::format("network '{}' needs {} bytes of DRAM, memory.size_mib gives {} MiB",
                              graph_.name, program.dram_bytes, arch_.memory.size_mib),
                  ExitCode::kCannotCompile);
    return made;
  }

  std::vector<isa::Words> code_of(const TileProgram& tiles, const RunAhead& ahead) const {
    const std::vector<OpIndex> order =
        schedule(tiles, dependencies_, std::min(ahead.loads, arch_.hw.queue_depth));
    if (!ahead.held) return emit(tiles, order, assign_tokens(tiles, dependencies_, order));
    const std::vector<Dependencies> held = hold_weights(tiles, dependencies_, order);
    return emit(tiles, order, assign_tokens(tiles, held, order));
  }

  const graph::QGraph& graph_;
  const std::vector<Layer>& layers_;
  const arch::ArchConfig& arch_;
  const choices::Choices& choices_;
  const int64_t repeat_;
  const arch::Geometry geometry_;
  std::vector<Dependencies> dependencies_;
};

}  // namespace

Draft best_draft(const graph::QGraph& graph, const std::vector<Layer>& layers,
                 const arch::ArchConfig& arch, const choices::Choices& choices, int64_t repeat,
                 const std::function<void()>& step, const Mapping* mapping) {
  return Drafter(graph, layers, arch, choices, repeat).best(step, mapping);
}

void add_next_plans(const graph::QGraph& graph, const std::vector<Layer>& layers,
                    const arch::ArchConfig& arch, const choices::Choices& choices,
                    const Draft& draft, size_t count, Mapping& mapping) {
  Drafter drafter(graph, layers, arch, choices, 1);
  mapping.cycles = judge(draft.program, arch).cycles;
  for (size_t i = 0; i < layers.size(); ++i) {
    LayerMapping& layer = mapping.layers[i];
    if (!layer.tile) continue;
    for (const Plan& plan : other_plans(i, graph, layers, arch, draft.placement)) {
      if (layer.next.size() == count) break;
      try {
        Placement trial = draft.placement;
        set_plan(i, plan, graph, layers, arch, trial);
        const Draft other = drafter.best_of(std::move(trial));
        layer.next.push_back({tile_of(plan), judge(other.program, arch).cycles});
      } catch (const Error& error) {  // its buffers find no place
        if (error.code() != ExitCode::kCannotCompile) throw;
      }
    }
    std::stable_sort(layer.next.begin(), layer.next.end(),
                     [](const NextPlan& a, const NextPlan& b) { return a.cycles < b.cycles; });
  }
}

}  // namespace systole::lower
