// SPDX-License-Identifier: Apache-2.0
// Plans that are remembered are those that a search gives, and that one finds the cheapest.
#include "compiler/lower/known_plans.h"

#include <catch2/catch.hpp>

#include "compiler/lower/weight_format.h"
#include "tests/unit/lower_check.h"
#include "tests/unit/lower_graphs.h"

namespace systole {
namespace {

using lower::FreeSpace;
using lower::Plan;

std::string text(const std::optional<Plan>& plan) {
  return plan ? lower::to_text(*plan) : "none fits";
}

/// A unified buffer of which some of the words are taken.
FreeSpace random_space(const arch::Geometry& geometry, SeededRandom& random) {
  FreeSpace space(geometry.ub_words, geometry.bank_words);
  for (int64_t taken = random.range(0, 2); taken > 0; --taken) {
    const int64_t first = random.range(0, geometry.ub_words - 1);
    space.take({first, random.range(1, geometry.ub_words - first)});
  }
  return space;
}

lower::Residence random_residence(const lower::Layer& layer, SeededRandom& random) {
  lower::Residence residence;
  residence.in = random.range(0, 1) == 1;
  residence.residual = layer.has_residual() && random.range(0, 1) == 1;
  residence.out = random.range(0, 1) == 1;
  residence.store = !residence.out || random.range(0, 1) == 1;
  return residence;
}

/// A network and hardware for it.
struct RandomNetwork {
  explicit RandomNetwork(SeededRandom& random)
      : arch(made_for(random_hardware(random))),
        geometry(arch.hw),
        graph(random_graph(random, geometry.whole_slices() ? geometry.act_bits : 8)),
        layers(lower::make_layers(graph)) {
    lower::choose_formats(graph, arch, layers);
  }
  RandomNetwork(const RandomNetwork&) = delete;  // layers refer to the graph

  const arch::ArchConfig arch;
  const arch::Geometry geometry;
  const graph::QGraph graph;
  std::vector<lower::Layer> layers;

 private:
  static arch::ArchConfig made_for(const isa::HwParams& hw) {
    arch::ArchConfig arch;
    arch.hw = hw;
    return arch;
  }
};

}  // namespace

TEST_CASE("a plan that is remembered is the one that a search for its space gives") {
  size_t found = 0;
  for (uint64_t seed = 7000; seed < 7060; ++seed) {
    SeededRandom random(seed);
    RandomNetwork network(random);
    const arch::ArchConfig& arch = network.arch;
    std::vector<lower::Layer>& layers = network.layers;
    // Every layer twice: the second is answered from what is known of the first.
    const size_t different = layers.size();
    for (size_t i = 0; i < different; ++i) layers.push_back(lower::Layer(layers[i]));
    lower::KnownPlans known(layers, arch);
    for (int asked = 0; asked < 60; ++asked) {
      const auto index = static_cast<size_t>(random.range(0, std::ssize(layers) - 1));
      const lower::Residence residence = random_residence(layers[index], random);
      const FreeSpace space = random_space(network.geometry, random);
      const bool pack_rows = random.range(0, 1) == 1;
      INFO("seed " << seed << ", layer " << index << " on " << describe(arch.hw));
      const auto plan = known.best(index, residence, space, pack_rows);
      CHECK(text(plan) ==
            text(lower::plan_layer(layers[index], residence, arch, space, pack_rows)));
      found += plan.has_value();
    }
  }
  CHECK(found > 500);
}

TEST_CASE("the cheapest plan is the cheapest of those for each number of output tiles") {
  // Both searches leave out what bounds tell them to, but the second is told so by plans of as many
  // tiles alone: a bound that is too high would have them differ.
  size_t compared = 0;
  for (uint64_t seed = 7100; seed < 7160; ++seed) {
    SeededRandom random(seed);
    RandomNetwork network(random);
    const arch::ArchConfig& arch = network.arch;
    std::vector<lower::Layer>& layers = network.layers;
    for (const lower::Layer& layer : layers)
      for (int asked = 0; asked < 10; ++asked) {
        const lower::Residence residence = random_residence(layer, random);
        const FreeSpace space = random_space(network.geometry, random);
        const auto best = lower::plan_layer(layer, residence, arch, space);
        if (!best || best->chunks() > 1 || best->parts) continue;  // no variants are such
        INFO("seed " << seed << ", layer " << layer.tag << " on " << describe(arch.hw));
        double least = std::numeric_limits<double>::infinity();
        for (const Plan& plan : lower::plan_variants(layer, residence, arch, space))
          least = std::min(least, lower::plan_cost(plan.work));
        CHECK(lower::plan_cost(best->work) == least);
        ++compared;
      }
  }
  CHECK(compared > 500);
}

}  // namespace systole
