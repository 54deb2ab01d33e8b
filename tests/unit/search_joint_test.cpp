// SPDX-License-Identifier: Apache-2.0
// The search for pruning and shared values beside widths.
#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/search/joint.h"
#include "tests/unit/search_fixture.h"

namespace systole {
namespace {

search::JointChoices joint_choices() {
  return {search::parse_layer_prunes("nm:2:4,codebook:16"), true, {}};
}

TEST_CASE("a joint space prunes layers, and has inputs that are narrower than weights") {
  const graph::Graph graph = chain(4);
  const search::SearchSpace space({&graph}, kAll, false, joint_choices());
  CHECK(space.knobs().size() == 6);  // as for widths alone, and pruning of conv2 and conv3
  const search::Knob& prune = space.knobs()[knob_of(space, kPrune, 1)];
  CHECK(space.values(prune) == std::vector<int>{0, -1, -2});
  const search::Choice wide = space.uniform({}), shared = space.turned(wide, prune, -2);
  CHECK(shared[1].prune == 2);
  const std::vector<prune::PruneSpec> specs = space.prunes(shared);
  REQUIRE(specs.size() == 1);
  CHECK(specs[0].text == "codebook:16@conv2");
  // 4 bits are no longer than an index: nothing is shared.
  const search::Knob& weights = space.knobs()[knob_of(space, kWeights, 1)];
  CHECK(space.turned(shared, weights, 4)[1] == search::LayerChoice{{4, 8}, 0});
  // Narrow inputs take the weights along, which may be wider again.
  const search::Knob& inputs = space.knobs()[knob_of(space, kActivations, 1)];
  const search::Choice narrow = space.turned(wide, inputs, 4);
  CHECK(narrow[1] == quant::LayerWidths{4, 4});
  CHECK(space.turned(narrow, weights, 8)[1] == quant::LayerWidths{8, 4});
  const search::SearchSpace plain({&graph}, kAll, false);
  CHECK(plain.turned(narrow, weights, 8)[1] == quant::LayerWidths{4, 4});
}

TEST_CASE("a choice is found again at its position") {
  const graph::Graph graph = chain(4);
  const search::SearchSpace space({&graph}, kAll, false, joint_choices());
  const std::vector<uint32_t> last(space.knobs().size(), 1);
  const search::Choice choice = space.choice(last);
  CHECK(choice == search::Choice{{{8, 8}, 0}, {{4, 4}, 1}, {{4, 4}, 1}, {{8, 8}, 0}});
  CHECK(space.position(choice) == last);
  CHECK(space.position(space.uniform({})) == std::vector<uint32_t>(space.knobs().size(), 0));
}

/// As synthetic(); pruned layers take half of the time, shared values are nearly for nothing.
search::Figures synthetic_joint(const search::Choice& choice, uint64_t images) {
  search::Figures figures = synthetic(choice, images);
  for (size_t layer = 0; layer < choice.size(); ++layer) {
    if (choice[layer].prune == 0) continue;
    figures.cycles -=
        choice[layer].prune == 1 ? 400 / (9 - static_cast<uint64_t>(choice[layer].activations)) : 1;
    figures.divergence += choice[layer].prune == 1 ? 0.001 : 0.0001;
  }
  return figures;
}

TEST_CASE("a joint search tries all that one for widths does, and its front is nowhere behind") {
  const graph::Graph graph = chain(6);
  const search::SearchSpace widths({&graph}, kAll, false);
  const search::SearchSpace joint({&graph}, kAll, false, joint_choices());
  search::SearchOptions options;
  options.images = 1000;
  options.max_loss = 2;
  size_t measured = 0;
  const search::Measure measure = [&](const std::vector<search::Choice>& choices) {
    std::vector<search::SearchPoint> points;
    for (const search::Choice& choice : choices)
      points.push_back({choice, "", synthetic_joint(choice, options.images), ""});
    measured += choices.size();
    return points;
  };
  const search::SearchResult alone = search::search(widths, options, measure);
  measured = 0;
  const search::JointOptions generations{32, 8, 1};
  const search::SearchResult both =
      search::search_jointly(widths, joint, options, generations, measure);
  CHECK(measured == both.points.size());
  for (size_t i = 0; i < alone.points.size(); ++i)
    CHECK(both.points[i].choice == alone.points[i].choice);
  const auto tried = std::count_if(both.points.begin(), both.points.end(),
                                   [](const auto& point) { return point.phase == "generation"; });
  CHECK(tried == 32);
  // No point is better than all of the front, of those of widths alone neither.
  for (const search::SearchPoint& point : both.points) {
    CHECK(std::any_of(both.front.begin(), both.front.end(), [&](size_t i) {
      return both.points[i].figures.cycles <= point.figures.cycles &&
             both.points[i].figures.right >= point.figures.right;
    }));
  }
  CHECK(both.points[both.chosen].figures.cycles < alone.points[alone.chosen].figures.cycles);
  const search::SearchResult again =
      search::search_jointly(widths, joint, options, generations, measure);
  CHECK(again.front == both.front);
}

TEST_CASE("what prunes other layers too is no choice of a layer") {
  CHECK(search::parse_layer_prunes("").empty());
  for (const char* word : {"channel:0.5", "lowrank:0.5", "global-unstructured:0.5", "nm:2:4@conv1"})
    CHECK_THROWS_WITH(
        search::parse_layer_prunes(word),
        std::string("--prunes ") + word +
            ": expected kinds that leave other layers alone, without a pattern: unstructured, nm, "
            "block, vector, kernel, codebook (others with --prune, for all choices)");
  graph::Graph depthwise = chain(3);
  for (graph::Node& node : depthwise.nodes) {
    node.as<graph::Conv>().group = 16;
    node.as<graph::Conv>().weights.assign(16, 1.0f);
  }
  CHECK_THROWS_WITH(search::SearchSpace({&depthwise}, kAll, false, joint_choices()),
                    Catch::StartsWith("--prunes nm:2:4: suits no layer that may be narrow"));
}

}  // namespace
}  // namespace systole
