// SPDX-License-Identifier: Apache-2.0
// Fills generations from several sources, each point once.
#include "sim/optimise/explorer.h"

#include <algorithm>
#include <utility>

namespace systole::optimise {
namespace {

constexpr size_t kBred = 4;        // one of so many points of a generation is a child
constexpr size_t kTries = 10'000;  // at a point that may be tried and that is new

}  // namespace

/// Points of a generation that are new.
class Explorer::Batch {
 public:
  Batch(Explorer& explorer, const Archive& archive, size_t room)
      : explorer_(explorer), archive_(archive), room_(room) {}

  bool is_full() const { return positions_.size() >= room_; }
  size_t size() const { return positions_.size(); }
  size_t room() const { return room_ - positions_.size(); }

  /// Unless it is full, or the point is known or may not be tried.
  void try_add(const sweep::Position& wanted) {
    if (is_full()) return;
    sweep::Position position = explorer_.space_.tidied(wanted);
    if (archive_.find(position) != nullptr || !taken_.insert(position).second) return;
    if (explorer_.space_.admits(position)) positions_.push_back(std::move(position));
  }
  void fill_at_random() {
    for (size_t i = 0; i < kTries && !is_full(); ++i) {
      sweep::Position position;
      for (const uint32_t count : explorer_.space_.choices)
        position.push_back(static_cast<uint32_t>(explorer_.random_.below(count)));
      try_add(position);
    }
  }
  std::vector<sweep::Position> take() { return std::move(positions_); }

 private:
  Explorer& explorer_;
  const Archive& archive_;
  const size_t room_;
  std::vector<sweep::Position> positions_;
  std::set<sweep::Position> taken_;
};

Explorer::Explorer(ChoiceSpace space, size_t objectives, size_t population, uint64_t seed)
    : space_(std::move(space)),
      population_(population),
      nsga2_(space_.choices, seed),
      random_(seed),
      guesses_(objectives, space_.choices, space_.admits) {}

std::vector<sweep::Position> Explorer::first(const Archive& archive,
                                             const std::vector<sweep::Position>& wanted,
                                             size_t room) {
  Batch batch(*this, archive, room);
  for (const sweep::Position& position : wanted) batch.try_add(position);
  batch.fill_at_random();
  return batch.take();
}

std::vector<sweep::Position> Explorer::next(const Archive& archive, size_t room) {
  std::vector<nsga2::Genes> genes;
  std::vector<front::Costs> costs;
  for (const size_t i : choose_parents(archive)) {
    genes.push_back(archive.all()[i].position);
    costs.push_back(archive.all()[i].costs);
  }
  const std::vector<nsga2::Genes> children = nsga2_.breed(genes, costs);
  Batch batch(*this, archive, std::min(population_, room));
  for (const nsga2::Genes& child : children)
    if (batch.size() < population_ / kBred) batch.try_add(child);
  for (const sweep::Position& guess : guesses_.promising(archive, children, batch.room()))
    batch.try_add(guess);
  for (const sweep::Position& near : neighbours(archive)) batch.try_add(near);
  batch.fill_at_random();
  return batch.take();
}

/// As many as the population, some several times where there are fewer points.
std::vector<size_t> Explorer::choose_parents(const Archive& archive) const {
  std::vector<size_t> all = archive.candidates(population_);
  if (all.size() > population_) {
    std::vector<front::Costs> costs;
    costs.reserve(all.size());
    for (const size_t i : all) costs.push_back(archive.all()[i].costs);
    std::vector<size_t> chosen;
    for (const size_t at : nsga2::Nsga2::best(costs, population_)) chosen.push_back(all[at]);
    return chosen;
  }
  std::vector<size_t> parents;
  while (parents.size() < population_) parents.push_back(all[parents.size() % all.size()]);
  return parents;
}

/// Points one step from the front on one axis, in any order.
std::vector<sweep::Position> Explorer::neighbours(const Archive& archive) {
  std::vector<sweep::Position> all;
  for (const size_t i : archive.front())
    for (size_t axis = 0; axis < space_.choices.size(); ++axis)
      for (const int step : {-1, 1}) {
        sweep::Position next = archive.all()[i].position;
        next[axis] += static_cast<uint32_t>(step);  // below 0 it is beyond all
        if (next[axis] < space_.choices[axis]) all.push_back(std::move(next));
      }
  for (size_t i = all.size(); i-- > 1;)
    std::swap(all[i], all[static_cast<size_t>(random_.range(0, static_cast<int64_t>(i)))]);
  return all;
}

}  // namespace systole::optimise
