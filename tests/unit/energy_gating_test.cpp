// SPDX-License-Identifier: Apache-2.0
// MACs gated by weights and activations, against loops over a convolution.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "compiler/lower/compile_back.h"
#include "sim/energy/energy.h"
#include "sim/engine/run_process.h"
#include "tests/unit/lower_graphs.h"
#include "tests/unit/lower_reference.h"

namespace systole {
namespace {

/// Products of a convolution whose operands both switch: another weight than 0, another activation
/// than the zero point, which is also what padding is.
int64_t switching(const graph::QGraph& graph, const graph::QConv& conv,
                  const std::vector<int8_t>& input) {
  const graph::QTensor& in = graph.tensors[static_cast<size_t>(conv.in)];
  const graph::QTensor& out = graph.tensors[static_cast<size_t>(conv.out)];
  int64_t count = 0;
  const auto visit = [&](int64_t n, int64_t h, int64_t w, const int8_t* weights) {
    if (h < 0 || h >= in.h || w < 0 || w >= in.w) return;
    for (int64_t c = 0; c < in.c; ++c)
      count += weights[c] != 0 &&
               input[static_cast<size_t>(((n * in.h + h) * in.w + w) * in.c + c)] != in.zero_point;
  };
  for (int64_t n = 0; n < out.n; ++n)
    for (int64_t i = 0; i < out.h; ++i)
      for (int64_t j = 0; j < out.w; ++j)
        for (int64_t k = 0; k < out.c; ++k)
          for (int64_t y = 0; y < conv.kh; ++y)
            for (int64_t x = 0; x < conv.kw; ++x)
              visit(n, i * conv.stride_h - conv.pad_top + y, j * conv.stride_w - conv.pad_left + x,
                    conv.weights.data() + ((k * conv.kh + y) * conv.kw + x) * in.c);
  return count;
}

}  // namespace

TEST_CASE("MACs are gated by weights of 0 and by activations at the zero point") {
  const int bits = GENERATE(8, 4, 2);
  INFO(bits << " bits");
  SeededRandom random(static_cast<uint64_t>(bits));
  GraphBuilder builder(random, 2);
  GraphBuilder::Window window;
  window.kh = window.kw = 3;
  window.pad_top = window.pad_left = window.pad_bottom = window.pad_right = 1;
  window.stride_h = window.stride_w = 2;
  const graph::TensorId pixels = builder.input(9, 7, 13);
  const graph::TensorId made = builder.eltwise(pixels, -1);  // copies: inputs have 8 bits
  graph::QGraph graph = builder.finish({builder.conv(made, window, 11, -1, 1)});
  graph::QPost& copy = graph.ops[0].eltwise().post;
  std::fill(copy.bias.begin(), copy.bias.end(), 0);
  std::fill(copy.scale.begin(), copy.scale.end(), 1.0f);
  graph::QTensor& in = graph.tensors[static_cast<size_t>(made)];
  in.type = isa::ElementType::integer(bits);
  in.zero_point = -1;
  copy.out_zero = 0, copy.clamp_lo = in.type.least(), copy.clamp_hi = in.type.greatest();
  graph::QConv& conv = graph.ops[1].conv();
  conv.weight_type = isa::ElementType::integer(bits);
  for (int8_t& w : conv.weights)
    w = static_cast<int8_t>(
        random.chance(40) ? 0 : random.range(in.type.least() + 1, in.type.greatest()));

  arch::ArchConfig arch = arch::load_arch("edge-16x16");
  arch.hw.structured = 0;
  const program::Program program = lower::compile_back(graph, arch, {});
  std::vector<int8_t> input(
      static_cast<size_t>(graph.tensors[static_cast<size_t>(pixels)].bytes()));
  for (int8_t& value : input)
    value = static_cast<int8_t>(
        random.chance(30) ? -1 : random.range(in.type.least(), in.type.greatest()));
  platform::DramImage image = platform::make_image(program);
  std::copy(input.begin(), input.end(), image.begin() + program.inputs.at(0).addr);
  platform::RunOptions options;
  options.count_switching = true;
  const platform::RunResult result =
      engine::run_in_process(*engine::make_model_engine(arch), program, image, options);
  REQUIRE(result.status == platform::RunStatus::kFinished);
  REQUIRE(result.switching_macs.has_value());
  const int64_t active = switching(graph, conv, input);
  CHECK(result.switching_macs->at(program.layers.at(1).tag) == active);

  const report::Report report = report::make_report(program, arch, result, "model", true);
  const energy::EnergyReport energy = energy::make_energy(
      program, arch, result, report, energy::load_energy_table(energy::kDefaultEnergyTable));
  const auto width = static_cast<size_t>(bits == 8   ? energy::EnergyEvent::kMac8
                                         : bits == 4 ? energy::EnergyEvent::kMac4
                                                     : energy::EnergyEvent::kMac2);
  const int64_t macs = program.layers.at(1).useful_macs;
  // Channels that fill up the last byte are products too, of weights of 0.
  const int64_t each = 8 / bits, filled = (13 + each - 1) / each * each;
  CHECK(energy.events.counts[width] == active);
  CHECK(energy.events[energy::EnergyEvent::kGatedMac] == macs / 13 * filled - active);
  CHECK(energy.activations_gate);
}

}  // namespace systole
