// SPDX-License-Identifier: Apache-2.0
// The cheapest division of the layers into groups, by dynamic programming over the layers.
#include "compiler/lower/grouping.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <string>

#include "compiler/lower/band_loads.h"
#include "compiler/lower/cost.h"
#include "compiler/lower/field_limits.h"
#include "compiler/lower/group_rehearsal.h"
#include "compiler/lower/row_packing.h"

namespace systole::lower {
namespace {

constexpr int64_t kMostMembers = 6;
constexpr int64_t kFewMembers = 4;     // of more only where the memory is what takes the time
constexpr double kMemoryBound = 0.7;   // of the cycles
constexpr int64_t kSmallBand = 8;      // rows; larger bands are tried in fewer sizes
constexpr size_t kShortList = 4;       // ways to run a group that are rehearsed
constexpr double kBandPenalty = 1.01;  // bands have to gain more than the estimate's error
constexpr double kPromising = 1.05;    // rehearsed up to this times the best by the cost model
constexpr double kUnusable = std::numeric_limits<double>::infinity();

/// A group that could be, with what it would change.
struct Candidate {
  LayerGroup group;
  std::vector<std::pair<graph::TensorId, BandBuffers>> bands;
  std::vector<Plan> plans;
  double cost = 0;
};

class Grouping {
 public:
  Grouping(const graph::QGraph& graph, const std::vector<Layer>& layers,
           const arch::ArchConfig& arch, const std::vector<Range>& lifetimes, bool bands,
           KnownPlans& plans, Placement& placement)
      : graph_(graph),
        layers_(layers),
        arch_(arch),
        geometry_(arch.hw),
        lifetimes_(lifetimes),
        most_members_(bands ? kMostMembers : 1),
        plans_(plans),
        placement_(placement),
        loads_(layers, arch),
        shares_(graph.tensors.size()) {
    for (size_t t = 0; t < graph.tensors.size(); ++t)
      if (graph.tensors[t].place) shares_[t] = shares_[graph.tensors[t].place->base] = true;
  }

  void run(const std::function<void()>& step) {
    const auto count = static_cast<int64_t>(layers_.size());
    // First by the cost model alone, to find out which groups are worth a rehearsal.
    std::vector<std::vector<std::vector<Candidate>>> all(layers_.size() + 1);  // [end][members - 1]
    std::vector<double> cost(layers_.size() + 1), memory(layers_.size() + 1);  // of the best
    for (int64_t end = 1; end <= count; ++end) {
      const auto single = static_cast<size_t>(end - 1);
      Candidate alone;
      alone.group.layers = {end - 1, 1};
      alone.plans = {placement_.plans[single]};
      alone.cost = plan_cost(placement_.plans[single].work);
      cost[end] = cost[single] + alone.cost;
      memory[end] = memory[single] + memory_of(alone);
      all[end].push_back({alone});
      for (int64_t members = 2; members <= std::min(end, most_members_); ++members) {
        const int64_t first = end - members;
        const double now = cost[end] - cost[first];
        if (members > kFewMembers && memory[end] - memory[first] < kMemoryBound * now) break;
        all[end].push_back(best_bands({first, members}, kPromising * now));
        for (const Candidate& candidate : all[end].back()) {
          if (cost[first] + candidate.cost >= cost[end]) continue;
          cost[end] = cost[first] + candidate.cost;
          memory[end] = memory[first] + memory_of(candidate);
        }
      }
      step();
    }
    std::vector<double> rehearsed(layers_.size() + 1);
    std::vector<Candidate*> last(layers_.size() + 1);  // the group that ends before layer i
    for (int64_t end = 1; end <= count; ++end) {
      rehearsed[end] = kUnusable;
      for (auto& range : all[end])
        for (Candidate& candidate : range) {
          const int64_t first = candidate.group.layers.first;
          const bool alone = candidate.group.layers.count == 1;
          if (!alone && candidate.cost > kPromising * (cost[end] - cost[first])) continue;
          const double penalty = alone ? 1 : kBandPenalty;
          if (rehearsed[first] + least_rehearsed(candidate) * penalty >= rehearsed[end]) continue;
          const double total = rehearsed[first] + rehearse(candidate) * penalty;
          if (total >= rehearsed[end]) continue;
          rehearsed[end] = total;
          last[end] = &candidate;
        }
      step();
    }
    for (int64_t end = count; end > 0; end = last[end]->group.layers.first) adopt(*last[end]);
    std::reverse(placement_.groups.begin(), placement_.groups.end());
  }

 private:
  bool is_output(graph::TensorId tensor) const {
    return std::find(graph_.outputs.begin(), graph_.outputs.end(), tensor) != graph_.outputs.end();
  }

  /// Whether layers of `group` after its member that makes `tensor` read it, and whether others do.
  std::pair<bool, bool> readers(graph::TensorId tensor, Range group) const {
    std::pair<bool, bool> found{false, is_output(tensor)};
    for (size_t i = 0; i < layers_.size(); ++i) {
      if (layers_[i].in != tensor && layers_[i].residual != tensor) continue;
      const auto at = static_cast<int64_t>(i);
      (group.first <= at && at < group.end() ? found.first : found.second) = true;
    }
    return found;
  }

  /// Rows of a band that are tried: few by ones, more in equal parts of the map.
  static std::vector<int64_t> band_sizes(int64_t rows) {
    std::vector<int64_t> sizes;
    for (int64_t bands = 1; bands <= rows; ++bands) {
      const int64_t size = ceil_div(rows, bands);
      if (size > kSmallBand && (bands & (bands - 1)) != 0 && bands % 3 != 0) continue;
      if (sizes.empty() || sizes.back() != size) sizes.push_back(size);
    }
    return sizes;
  }

  /// The cheapest ways to run `group` in bands, of those that cost no more than `limit`.
  std::vector<Candidate> best_bands(Range group, double limit) {
    std::vector<Candidate> best;
    if (!can_band(layers_, group)) return best;
    // Bands hold the rows of whole tensors; what lies in another tensor goes through DRAM.
    for (int64_t m = group.first; m + 1 < group.end(); ++m)
      if (shares_[layers_[static_cast<size_t>(m)].out]) return best;
    // One pixel for all rows is there only when all rows before it are.
    for (int64_t m = group.first; m < group.end(); ++m)
      if (layers_[static_cast<size_t>(m)].residual_pixel) return best;
    best = best_bands(group, limit, true);
    // The cost model does not see what packs of rows that bands share cost.
    if (packs_rows(best)) {
      std::vector<Candidate> plain = best_bands(group, limit, false);
      std::move(plain.begin(), plain.end(), std::back_inserter(best));
    }
    return best;
  }

  static bool packs_rows(const std::vector<Candidate>& candidates) {
    for (const Candidate& candidate : candidates)
      for (const Plan& plan : candidate.plans)
        if (plan.packed_rows > 1) return true;
    return false;
  }

  std::vector<Candidate> best_bands(Range group, double limit, bool pack_rows) {
    std::vector<Candidate> best;
    const WindowDim& rows = layers_[static_cast<size_t>(group.end() - 1)].shape.h;
    for (const int64_t size : band_sizes(rows.out)) {
      if (size == rows.out) continue;  // in one band nothing overlaps that does not alone
      const BandSchedule schedule = make_bands(layers_, group, size);
      if (group_cost(loads_.least(group, schedule)) > limit) continue;
      for (const int buffers : {1, 2, 3})
        if (auto candidate = plan_group(group, schedule, buffers, limit, pack_rows))
          best.push_back(*std::move(candidate));
    }
    std::stable_sort(best.begin(), best.end(),
                     [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
    const auto same = [](const Candidate& a, const Candidate& b) {
      return a.cost == b.cost && a.group.bands.size() == b.group.bands.size();
    };
    best.erase(std::unique(best.begin(), best.end(), same), best.end());
    if (best.size() > kShortList) best.resize(kShortList);
    return best;
  }

  /// The cost of a candidate by rehearsal. Blocks of a network repeat: what was rehearsed before is
  /// known.
  double rehearse(const Candidate& candidate) {
    Placement trial = placement_;
    trial.groups.clear();
    install(candidate, trial);
    place_group(graph_, layers_, lifetimes_, geometry_, candidate.group, {}, trial);
    const auto [known, is_new] = known_.try_emplace(key(candidate.group, trial), 0);
    if (is_new) known->second = rehearse_group(graph_, layers_, arch_, trial, candidate.group);
    return known->second + kTrafficWeight * memory_of(candidate);
  }

  /// What rehearse() gives at least: the time of the busiest of the array, the vector unit and the
  /// memory.
  static double least_rehearsed(const Candidate& candidate) {
    Work work;
    for (const Plan& plan : candidate.plans) work += plan.work;
    return std::max({work.mxu, work.vpu, work.memory}) + kTrafficWeight * work.memory;
  }

  /// Cycles that the memory is busy.
  static double memory_of(const Candidate& candidate) {
    double memory = 0;
    for (const Plan& plan : candidate.plans) memory += plan.work.memory;
    return memory;
  }

  /// Everything that a rehearsal depends on.
  std::string key(const LayerGroup& group, const Placement& trial) const {
    std::string text = fmt::format("{}", group.bands.size());
    const auto dim = [](const WindowDim& d) {
      return fmt::format("{},{},{},{},{},{}", d.in, d.out, d.kernel, d.stride, d.dilation, d.pad);
    };
    const auto ranges = [](const std::vector<Range>& list) {
      std::string out;
      for (const Range& r : list) out += fmt::format("+{},{}", r.first, r.count);
      return out;
    };
    for (int64_t i = group.layers.first; i < group.layers.end(); ++i) {
      const auto index = static_cast<size_t>(i);
      const Layer& layer = layers_[index];
      const StagingPlaces& staging = trial.staging[index];
      text += fmt::format("|{} {} {} {} {} {} {} {}", layer.op->body.index(), layer.shape.n,
                          layer.shape.c, layer.shape.oc, dim(layer.shape.h), dim(layer.shape.w),
                          layer.exclude_pad, layer.post->table.has_value());
      if (layer.depthwise()) text += "depthwise";
      if (layer.uses_mxu()) text += fmt::format("g{}", layer.op->conv().group);
      if (layer.uses_mxu())
        text += fmt::format("w{}{} {:.3f}", layer.stored_bits(), weight_format_name(layer.format),
                            layer.masked_share);
      text += fmt::format("n{}{}{}", layer.in_narrow, layer.residual_narrow, layer.out_narrow);
      text += to_text(trial.plans[index]) + ranges(staging.in) + '/' + ranges(staging.residual) +
              '/' + ranges(staging.out) + '/' + ranges(staging.maxima);
      for (const graph::TensorId t : {layer.in, layer.residual, layer.out}) {
        if (t < 0) continue;
        int64_t maker = 0;  // within the group, counted from its end
        for (int64_t m = group.layers.first; m < i; ++m)
          if (layers_[static_cast<size_t>(m)].out == t) maker = i - m;
        text += fmt::format(" {}", maker);
        if (const auto& p = graph_.tensors[t].place) {
          const graph::QTensor& base = graph_.tensors[p->base];
          text += fmt::format("p{},{},{},{},{},{},{},{},{}", base.h, base.w, base.c, p->h, p->w,
                              p->c, p->step_h, p->step_w, p->reshaped);
        }
        if (trial.resident[t]) text += ranges({*trial.resident[t]});
        if (const auto& b = trial.bands[t]; b && b->layers == group.layers)
          text += fmt::format("b{}{}{}", b->rows, b->store, ranges(b->buffers));
      }
      text += residence_of(layers_, index, graph_, trial).store ? "s" : "";
    }
    return text;
  }

  /// Plans the members of `group` for the bands of `schedule`. `buffering`: 1: one buffer
  /// for each tensor, 2: two for those that go to DRAM too, 3: two for all. Nothing if that cannot
  /// be, or costs more than `limit`.
  std::optional<Candidate> plan_group(Range group, const BandSchedule& schedule, int buffering,
                                      double limit, bool pack_rows) {
    Candidate candidate;
    candidate.group = {group, schedule};
    Placement trial;
    trial.resident = placement_.resident;
    trial.bands.resize(graph_.tensors.size());
    for (int64_t m = 0; m + 1 < group.count; ++m)
      if (!add_bands(candidate, trial, m, buffering)) return std::nullopt;
    if (residents_meet(trial, group)) return std::nullopt;
    const FreeSpace all = free_during(trial, lifetimes_, group, geometry_);
    FreeSpace space = all;
    std::vector<int64_t> sizes;
    for (const auto& [tensor, bands] : candidate.bands) {
      const graph::QTensor& t = graph_.tensors[tensor];
      const int64_t words = bands.rows * t.w * geometry_.words(t.pixel_bytes());
      for (size_t b = 0; b < bands.buffers.size(); ++b)
        if (!reserve(space, words, sizes)) return std::nullopt;
    }

    Work work;
    for (int64_t m = 0; m < group.count; ++m) {
      const auto index = static_cast<size_t>(group.first + m);
      const Layer& layer = layers_[index];
      Residence residence = residence_of(layers_, index, graph_, trial);
      residence.banded = true;
      const int64_t made = most_rows(schedule, static_cast<size_t>(m)).made.count;
      const FreeSpace limited = space.limited(share(space, group.count - m));
      std::optional<Plan> best = plans_.best_band(index, made, residence, limited, pack_rows);
      if (!best) best = plans_.best_band(index, made, residence, space, pack_rows);
      if (!best) return std::nullopt;
      candidate.plans.push_back(*best);
      Plan* plan = &candidate.plans.back();
      for (const Staging* staging : plan->stagings())
        for (int b = 0; b < staging->buffers; ++b)
          if (!reserve(space, staging->words, sizes)) return std::nullopt;
      const double bands = static_cast<double>(layer.shape.h.out) / static_cast<double>(made) *
                           static_cast<double>(layer.shape.n);
      plan->shape.n = layer.shape.n;
      plan->shape.h = packed_rows(layer.shape.h, plan->packed_rows);
      plan->work = plan->work * bands;
      work += plan->work;
      Work least = loads_.least(group, schedule, m + 1);  // of the members that have no plan yet
      least += work;
      if (group_cost(least) > limit) return std::nullopt;
    }
    if (!all.fits(std::move(sizes))) return std::nullopt;
    add_exposed(candidate, buffering, work);
    candidate.cost = group_cost(work);
    return candidate;
  }

  static double group_cost(const Work& work) {
    return work.cycles() + kTrafficWeight * work.memory;
  }

  /// Whether resident tensors that took turns in the same words would be there together in `group`.
  bool residents_meet(const Placement& trial, Range group) const {
    std::vector<Range> words;
    for (size_t t = 0; t < trial.resident.size(); ++t)
      if (trial.resident[t] && lifetimes_[t].first < group.end() &&
          group.first < lifetimes_[t].end())
        words.push_back(*trial.resident[t]);
    std::sort(words.begin(), words.end(), [](Range a, Range b) { return a.first < b.first; });
    for (size_t k = 1; k < words.size(); ++k)
      if (words[k].first < words[k - 1].end()) return true;
    return false;
  }

  /// Words that the next of `left` members may use: twice its share.
  static int64_t share(const FreeSpace& space, int64_t left) {
    return left == 1 ? space.total() : 2 * space.total() / (left + 1);
  }

  static bool reserve(FreeSpace& space, int64_t words, std::vector<int64_t>& sizes) {
    sizes.push_back(words);
    if (words == 0) return true;
    const auto at = space.first_fit(words);
    if (at) space.take({*at, words});
    return at.has_value();
  }

  /// Gives the tensor that member `m` makes its bands, unless it is resident for others too.
  bool add_bands(Candidate& candidate, Placement& trial, int64_t m, int buffering) const {
    const Range group = candidate.group.layers;
    const Layer& layer = layers_[static_cast<size_t>(group.first + m)];
    const auto [inside, outside] = readers(layer.out, group);
    if (outside && trial.resident[layer.out]) return true;
    trial.resident[layer.out].reset();
    BandBuffers bands;
    bands.layers = group;
    bands.rows = most_rows(candidate.group.bands, static_cast<size_t>(m)).held.count;
    bands.store = outside;
    const bool traffic = outside || (layer.has_residual() && !trial.resident[layer.residual] &&
                                     !trial.bands[layer.residual]);
    bands.buffers.resize(buffering == 3 || (buffering == 2 && traffic) ? 2 : 1);
    if (buffering == 2 && !traffic && m + 2 == group.count && candidate.bands.empty())
      return false;  // the same as buffering 1
    const graph::QTensor& t = graph_.tensors[layer.out];
    if (t.w * geometry_.words(t.pixel_bytes()) > kField16) return false;
    // Rows that stay must not be copied over one another.
    if (bands.buffers.size() == 1)
      for (size_t b = 1; b < candidate.group.bands.size(); ++b) {
        const BandRows& now = candidate.group.bands[b][static_cast<size_t>(m)];
        const BandRows& before = candidate.group.bands[b - 1][static_cast<size_t>(m)];
        const int64_t shift = now.held.first - before.held.first;
        if (shift > 0 && now.kept() > shift) return false;
      }
    trial.bands[layer.out] = bands;
    candidate.bands.emplace_back(layer.out, bands);
    return true;
  }

  /// What a group costs beyond its members: transfers that a single buffer keeps from overlapping,
  /// and passes of the vector unit alone that are longer than the accumulators let the matrix unit
  /// run ahead.
  void add_exposed(const Candidate& candidate, int buffering, Work& work) const {
    const double beat = beat_cycles(arch_, geometry_);
    for (const auto& [tensor, bands] : candidate.bands) {
      const graph::QTensor& t = graph_.tensors[tensor];
      if (bands.store && buffering == 1)
        work.exposed += static_cast<double>(t.bytes()) / geometry_.axi_bytes * beat;
    }
    double ahead = 0;  // cycles that the matrix unit needs to fill an accumulator bank
    const auto bands = static_cast<double>(candidate.group.bands.size());
    for (size_t m = 0; m < candidate.plans.size(); ++m) {
      const Layer& layer = layers_[static_cast<size_t>(candidate.group.layers.first) + m];
      const Plan& plan = candidate.plans[m];
      if (layer.uses_mxu())
        ahead = plan.work.mxu /
                static_cast<double>(plan.output_tiles() * geometry_.col_tiles(layer.shape.oc));
      else
        work.exposed += std::max(0.0, plan.work.vpu - bands * ahead);
    }
  }

  static void install(const Candidate& candidate, Placement& placement) {
    const Range& layers = candidate.group.layers;
    for (const auto& [tensor, bands] : candidate.bands) {
      placement.bands[tensor] = bands;
      placement.resident[tensor].reset();
    }
    for (size_t m = 0; m < candidate.plans.size(); ++m)
      placement.plans[static_cast<size_t>(layers.first) + m] = candidate.plans[m];
  }

  void adopt(const Candidate& candidate) {
    install(candidate, placement_);
    placement_.groups.push_back(candidate.group);
  }

  const graph::QGraph& graph_;
  const std::vector<Layer>& layers_;
  const arch::ArchConfig& arch_;
  const arch::Geometry geometry_;
  const std::vector<Range>& lifetimes_;
  const int64_t most_members_;
  KnownPlans& plans_;
  Placement& placement_;
  const BandLoads loads_;
  std::vector<bool> shares_;             ///< by tensor: it lies in another one or others lie in it
  std::map<std::string, double> known_;  ///< rehearsals
};

}  // namespace

void group_layers(const graph::QGraph& graph, const std::vector<Layer>& layers,
                  const arch::ArchConfig& arch, const std::vector<Range>& lifetimes, bool bands,
                  KnownPlans& plans, Placement& placement, const std::function<void()>& step) {
  Grouping(graph, layers, arch, lifetimes, bands, plans, placement).run(step);
}

}  // namespace systole::lower
