// SPDX-License-Identifier: Apache-2.0
// Goes through the groups in order and tries the variants of each layer that runs alone.
#include "compiler/lower/refine.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "compiler/lower/group_rehearsal.h"
#include "compiler/lower/rehearsal.h"
#include "compiler/lower/tiling.h"

namespace systole::lower {
namespace {

constexpr double kGain = 2;        // cycles that another plan has to save
constexpr double kWorth = 1.005;   // of the busiest unit's: plans that are as close are left alone
constexpr double kOccupied = 0.5;  // cycles to save for each that the memory is busy longer
constexpr double kOdd = 1.25;      // variants up to so many times the plan's estimate are rehearsed
constexpr double kSlack = 300;     // and so many cycles
constexpr double kPlaced = 1.005;  // what another place of staging has to gain
constexpr int64_t kTogether[] = {1, 2, 3, 4, 8};
constexpr int64_t kManyTiles = 16;  // output tiles: what happens between layers is little beside
constexpr int64_t kFewTiles = 2;    // output tiles: places count as much as plans

/// Which variants of a layer are rehearsed.
struct Effort {
  size_t tiles;   ///< how many of other numbers of tiles
  bool together;  ///< whether those with more column tiles to a half of the accumulators
  size_t early;   ///< how many with a first part
  bool banks;     ///< whether its buffers may begin in any bank
};

/// In a network of many layers each matters less.
Effort effort_for(size_t layers) {
  constexpr size_t kManyLayers = 20;
  return layers > kManyLayers ? Effort{3, false, 1, false} : Effort{5, true, 3, true};
}

class Refiner {
 public:
  Refiner(const graph::QGraph& graph, const std::vector<Layer>& layers,
          const arch::ArchConfig& arch, const std::vector<Range>& lifetimes, Placement& placement)
      : graph_(graph),
        layers_(layers),
        arch_(arch),
        geometry_(arch.hw),
        lifetimes_(lifetimes),
        placement_(placement) {}

  void run(const std::function<void()>& step) {
    used_.resize(placement_.groups.size() + 1);
    for (group_ = 0; group_ < placement_.groups.size(); ++group_) {
      for (int64_t k = 0; k < placement_.groups[group_].layers.count; ++k) step();
      way_ = {};
      place_best();
      if (placement_.groups[group_].layers.count == 1) refine();
    }
  }

 private:
  size_t index() const { return static_cast<size_t>(placement_.groups[group_].layers.first); }

  /// How the group's buffers are placed.
  struct Way {
    bool apart = true;  ///< out of the words of the group before
    PlacePreference preference;
  };

  /// A way and the words that it gives the group.
  struct Place {
    Way way;
    std::vector<Range> words;
  };

  /// Gives the group's buffers their words.
  void place() {
    const std::vector<Range> none;
    used_[group_ + 1] =
        place_group(graph_, layers_, lifetimes_, geometry_, placement_.groups[group_],
                    way_.apart ? used_[group_] : none, placement_, way_.preference);
  }

  /// The places that the group's buffers may have; `apart`: also those out of the words of the
  /// group before. The last of them is theirs.
  std::vector<Place> places(bool apart) {
    std::vector<Place> different;
    const int64_t banks = effort_.banks ? geometry_.ub_words / geometry_.bank_words : 1;
    for (int64_t bank = 0; bank < banks; ++bank) {
      for (const bool out_of_old : {true, false}) {
        for (const bool by_kind : {false, true}) {
          if (out_of_old && !apart) continue;
          way_ = {out_of_old, {by_kind, bank}};
          place();
          const auto same = [&](const Place& other) { return other.words == used_[group_ + 1]; };
          if (std::none_of(different.begin(), different.end(), same))
            different.push_back({way_, used_[group_ + 1]});
        }
      }
    }
    return different;
  }

  /// Gives the group's buffers the best of their places. Keeping out of the words of the group
  /// before may put buffers into the same banks, and so may keeping all of them apart. A group that
  /// does not keep out of them stays so when its plan changes.
  void place_best() {
    const std::vector<Place> different = places(way_.apart);
    Way best = different[0].way;
    // Over many tiles conflicts of banks count that a rehearsal does not see.
    const bool many = placement_.plans[index()].output_tiles() > kManyTiles;
    double least = kNoTime;
    for (size_t i = 0; i < different.size() && different.size() > 1; ++i) {
      way_ = different[i].way;
      place();
      const bool as_good = i == 0 || (many && way_.preference.by_kind);
      const double worth = as_good ? 1 : kPlaced;
      const double cycles = rehearse_placed(least / worth) * worth;
      if (cycles < least) least = cycles, best = way_;
    }
    way_ = best;
    place();
  }

  /// The cycles of the group behind the one before or, if that is long, alone. If they are more
  /// than `limit` they may be infinite.
  double rehearse_placed(double limit) const {
    const int64_t first = std::max<int64_t>(1, static_cast<int64_t>(group_)) - 1;
    const std::optional<double> cycles =
        rehearse_groups(graph_, layers_, arch_, placement_,
                        {first, static_cast<int64_t>(group_) + 1 - first}, limit);
    if (cycles) return *cycles;
    return rehearse_group(graph_, layers_, arch_, placement_, placement_.groups[group_]);
  }

  /// The cycles of the group between the one before and the one behind; infinite if they are more
  /// than `limit`, or too many instructions to try.
  double rehearse(double limit) const {
    if (limit <= 0) return kNoTime;
    const size_t first = group_ == 0 ? 0 : group_ - 1;
    const size_t end = std::min(group_ + 2, placement_.groups.size());
    const Range groups{static_cast<int64_t>(first), static_cast<int64_t>(end - first)};
    return rehearse_groups(graph_, layers_, arch_, placement_, groups, limit).value_or(kNoTime);
  }

  void refine() {
    const Plan& plan = placement_.plans[index()];
    const Work& work = plan.work;
    if (plan.parts || !layers_[index()].uses_mxu()) return;
    const double busiest =
        std::max({work.mxu, work.vpu, work.lda, work.ldw, work.sto, work.memory});
    if (work.cycles() < kWorth * busiest && plan.output_tiles() > kManyTiles) return;
    if (group_ + 1 < placement_.groups.size()) {  // the next group's staging, for the time being
      const size_t next = group_ + 1;
      place_group(graph_, layers_, lifetimes_, geometry_, placement_.groups[next], {}, placement_);
    }
    best_.reset();
    try_tiles();
    if (effort_.together) try_together();
    try_early();
    place();
  }

  /// Takes `plan` if it is better, where the layer's buffers are or, if its tiles are few, where
  /// they may be. What it keeps the memory busy for longer is energy and others' time: it has to
  /// save cycles for that.
  void attempt(const Plan& plan) {
    if (!best_) best_ = rehearse(kNoTime);
    if (*best_ == kNoTime) return;
    const Plan old = placement_.plans[index()];
    Way best_way = way_;
    placement_.plans[index()] = plan;
    std::vector<Place> tried{{way_, {}}};
    if (effort_.banks && plan.output_tiles() <= kFewTiles) tried = places(way_.apart);
    const double occupied = std::max(0.0, double{plan.work.memory} - double{old.work.memory});
    double least = *best_ - kGain - kOccupied * occupied;
    bool better = false;
    for (const Place& other : tried) {
      way_ = other.way;
      place();
      const double cycles = rehearse(least);
      if (cycles > least) continue;
      better = true;
      best_ = cycles;
      best_way = way_;
      least = cycles - kGain;
    }
    way_ = best_way;
    if (!better) placement_.plans[index()] = old;
  }

  void try_tiles() {
    const Plan now = placement_.plans[index()];
    const Residence residence = residence_of(layers_, index(), graph_, placement_);
    const FreeSpace space =
        free_during(placement_, lifetimes_, placement_.groups[group_].layers, geometry_);
    const double most = kOdd * now.work.cycles() + kSlack;
    std::vector<Plan> plans = plan_variants(layers_[index()], residence, arch_, space, most);
    std::stable_sort(plans.begin(), plans.end(), [](const Plan& a, const Plan& b) {
      return a.work.cycles() < b.work.cycles();
    });
    size_t tried = 0;
    for (const Plan& plan : plans) {
      if (tried == effort_.tiles || plan.work.cycles() > most) break;
      if (plan.output_tiles() == now.output_tiles()) continue;
      attempt(plan);
      ++tried;
    }
  }

  void try_together() {
    const Plan now = placement_.plans[index()];
    const int64_t uses = now.output_tiles() * geometry_.col_tiles(now.shape.oc);
    const int64_t room = arch_.hw.acc_rows / 2 / (now.tile_n * now.tile_h * now.tile_w);
    for (const int64_t together : kTogether) {
      if (together == now.together || together > std::min(room, uses)) continue;
      Plan plan = now;
      plan.together = together;
      attempt(plan);
    }
  }

  void try_early() {
    const Plan now = placement_.plans[index()];
    const Layer& layer = layers_[index()];
    if (!can_split_first(layer, now)) return;
    const int64_t lanes = int64_t{geometry_.lanes} << layer.expand();
    const int64_t words = geometry_.words(now.shape.c, layer.expand());
    const int64_t parts[] = {1, words / 4, words / 2};
    for (const int64_t late : std::span(parts).first(effort_.early)) {
      if (late < 1 || late >= words) continue;
      Plan plan = now;
      plan.early_c = (words - late) * lanes;
      attempt(plan);
    }
  }

  const graph::QGraph& graph_;
  const std::vector<Layer>& layers_;
  const arch::ArchConfig& arch_;
  const arch::Geometry geometry_;
  const std::vector<Range>& lifetimes_;
  Placement& placement_;
  const Effort effort_ = effort_for(layers_.size());
  std::vector<std::vector<Range>> used_;  ///< by group, from the second on: words of the one before
  size_t group_ = 0;
  Way way_;
  std::optional<double> best_;  ///< cycles by rehearsal, once they are needed
};

}  // namespace

void refine_plans(const graph::QGraph& graph, const std::vector<Layer>& layers,
                  const arch::ArchConfig& arch, const std::vector<Range>& lifetimes,
                  Placement& placement, const std::function<void()>& step) {
  Refiner(graph, layers, arch, lifetimes, placement).run(step);
}

}  // namespace systole::lower
