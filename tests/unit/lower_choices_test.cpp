// SPDX-License-Identifier: Apache-2.0
// Programs compiled with some of the compiler's choices off: what they must give, and what they
// must not do.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/lower/compile_back.h"
#include "compiler/quant/split_posts.h"
#include "model/arch/geometry.h"
#include "model/isa/counter_ids.h"
#include "tests/choices_off.h"
#include "tests/unit/lower_check.h"
#include "tests/unit/lower_graphs.h"
#include "tests/unit/lower_reference.h"

namespace systole {
namespace {

graph::QGraph without_activations(graph::QGraph graph) {
  std::set<std::string> names;
  for (const graph::QOp& op : graph.ops) names.insert(op.name);
  quant::split_posts(names, graph);
  graph::verify(graph);
  return graph;
}

/// Three layers, of which the map between the first two does not fit 6 KiB.
graph::QGraph three_layers(SeededRandom& random) {
  GraphBuilder builder(random, 1);
  const GraphBuilder::Window same{
      .kh = 3, .kw = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};
  const graph::TensorId first = builder.conv(builder.input(32, 32, 8), same, 8);
  const graph::TensorId second = builder.conv(first, {}, 8);
  return builder.finish(
      {builder.pool(second, {.kh = 4, .kw = 4, .stride_h = 4, .stride_w = 4}, true, false)});
}

isa::HwParams hardware(int ub_kib) {
  isa::HwParams hw;
  hw.rows = hw.cols = 8;
  hw.ub_kib = ub_kib;
  return hw;
}

}  // namespace

TEST_CASE("random networks give the reference's bytes whichever choices are off") {
  for (uint64_t seed = 4000; seed < 4040; ++seed)
    for (const choices::Choices& off : each_choice_off()) {
      SeededRandom random(seed);
      const isa::HwParams hw = random_hardware(random);
      const arch::Geometry geometry(hw);
      graph::QGraph graph = random_graph(random, geometry.whole_slices() ? geometry.act_bits : 8);
      if (!off.fuse) graph = without_activations(std::move(graph));
      check_compiled(graph, hw, random,
                     fmt::format("seed {}, {} on {}", seed, choices::to_text(off), describe(hw)),
                     nullptr, off);
    }
}

TEST_CASE("activations that are operators of their own leave every byte as it was") {
  size_t split = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRandom random(seed);
    const graph::QGraph graph = random_graph(random);
    const graph::QGraph other = without_activations(graph);
    split += other.ops.size() - graph.ops.size();
    const auto inputs = random_inputs(graph, random);
    const auto expected = run_reference(graph, inputs);
    const auto got = run_reference(other, inputs);
    for (size_t t = 0; t < expected.size(); ++t) {
      INFO("seed " << seed << ", tensor " << t);
      CHECK(got[t] == expected[t]);
    }
  }
  CHECK(split > 200);
}

TEST_CASE("without compile.bands layers run as a whole") {
  SeededRandom random(7);
  const graph::QGraph graph = three_layers(random);
  std::string with, without;
  check_compiled(graph, hardware(6), random, "with", &with);
  check_compiled(graph, hardware(6), random, "without", &without, {.bands = false});
  CHECK(with.find(" bands\n") != std::string::npos);
  CHECK(without.find(" bands\n") == std::string::npos);
}

TEST_CASE("without compile.keep_on_chip each layer's output goes to DRAM and is read back") {
  SeededRandom random(7);
  const graph::QGraph graph = three_layers(random);
  const isa::HwParams hw = hardware(128);
  const auto moved = [&](const choices::Choices& choices) {
    const program::Program program = check_compiled(graph, hw, random, "", nullptr, choices);
    const platform::RunResult run = run_on_model(program, hw);
    return run.counters[static_cast<size_t>(isa::Counter::kWriteBytes)];
  };
  // The last layer gives 8*8*8 bytes; the two maps before it have 32*32*8 each.
  CHECK(moved({}) == 512);
  CHECK(moved({.keep_on_chip = false}) == 512 + 2 * 8192);
}

TEST_CASE("without compile.prefetch a layer is begun when the one before it has ended") {
  SeededRandom random(7);
  const graph::QGraph graph = three_layers(random);
  const isa::HwParams hw = hardware(128);
  const auto overlaps = [&](const choices::Choices& choices) {
    const program::Program program = check_compiled(graph, hw, random, "", nullptr, choices);
    const platform::RunResult run = run_on_model(program, hw);
    int found = 0;
    for (const core::RetireEvent& early : run.retired)
      for (const core::RetireEvent& late : run.retired)
        found += early.tag < late.tag && late.start < early.end;
    return found;
  };
  CHECK(overlaps({.bands = false}) > 0);
  CHECK(overlaps({.bands = false, .prefetch = false}) == 0);
}

}  // namespace systole
