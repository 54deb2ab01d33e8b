// SPDX-License-Identifier: Apache-2.0
// One generation at a time: pagmo makes the children, and its own selection among them is not used,
// as all points that were ever evaluated may be parents. Nothing of it that starts threads is
// called.
#ifdef SYSTOLE_HAS_PAGMO
#include "sim/nsga2/nsga2.h"

#include <algorithm>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <pagmo/utils/multi_objective.hpp>

namespace systole::nsga2 {
namespace {

using pagmo::vector_double;

/// pagmo wants two objectives at least: a single one counts twice.
vector_double fitness_of(const front::Costs& costs) {
  vector_double fitness = costs;
  if (fitness.size() == 1) fitness.push_back(fitness[0]);
  return fitness;
}

/// The bounds of the genes. It keeps the children that it is asked for; what they are worth is not
/// pagmo's affair. (Batches of children would be asked for through pagmo::bfe, which starts
/// threads of TBB to look at them.)
struct Choices {
  vector_double low, high;
  size_t objectives = 2;
  std::vector<vector_double>* children = nullptr;

  vector_double fitness(const vector_double& genes) const {
    children->push_back(genes);
    return vector_double(objectives);
  }
  vector_double::size_type get_nobj() const { return objectives; }
  vector_double::size_type get_nix() const { return low.size(); }
  std::pair<vector_double, vector_double> get_bounds() const { return {low, high}; }
};

}  // namespace

struct Nsga2::State {
  std::vector<size_t> free;  ///< genes that have more than one choice; pagmo takes no others
  Choices choices;           ///< theirs
  pagmo::nsga2 algorithm;
};

bool has_nsga2() { return true; }

Nsga2::Nsga2(const std::vector<uint32_t>& choices, uint64_t seed) {
  constexpr double kCrossover = 0.95, kCrossoverIndex = 10, kMutationIndex = 50;
  state_ = std::make_shared<State>();
  for (size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] < 2) continue;
    state_->free.push_back(i);
    state_->choices.low.push_back(0);
    state_->choices.high.push_back(choices[i] - 1);
  }
  const double mutation = 1.0 / static_cast<double>(std::max<size_t>(1, state_->free.size()));
  state_->algorithm = pagmo::nsga2(1, kCrossover, kCrossoverIndex, mutation, kMutationIndex,
                                   static_cast<unsigned>(seed));
}

Nsga2::~Nsga2() = default;

std::vector<Genes> Nsga2::breed(const std::vector<Genes>& parents,
                                const std::vector<front::Costs>& costs) {
  const std::vector<size_t>& free = state_->free;
  std::vector<Genes> children;
  if (free.empty()) return children;
  std::vector<vector_double> made;
  state_->choices.objectives = fitness_of(costs[0]).size();
  state_->choices.children = &made;
  pagmo::population population{pagmo::problem{state_->choices}, 0u, 0u};
  for (size_t i = 0; i < parents.size(); ++i) {
    vector_double genes;
    for (const size_t gene : free) genes.push_back(parents[i][gene]);
    population.push_back(genes, fitness_of(costs[i]));
  }
  state_->algorithm.evolve(population);
  for (const vector_double& child : made) {
    Genes& genes = children.emplace_back(parents[0].size());
    for (size_t i = 0; i < free.size(); ++i) genes[free[i]] = static_cast<uint32_t>(child[i]);
  }
  return children;
}

std::vector<size_t> Nsga2::best(const std::vector<front::Costs>& costs, size_t count) {
  std::vector<vector_double> fitness;
  for (const front::Costs& one : costs) fitness.push_back(fitness_of(one));
  const auto chosen = pagmo::select_best_N_mo(fitness, count);
  return {chosen.begin(), chosen.end()};
}

}  // namespace systole::nsga2
#endif
