// SPDX-License-Identifier: Apache-2.0
// Maps whose neighbouring columns stand side by side: the same bytes, in fewer cycles.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "compiler/lower/compile_back.h"
#include "compiler/lower/fold.h"
#include "model/arch/geometry.h"
#include "tests/unit/lower_check.h"
#include "tests/unit/lower_graphs.h"
#include "tests/unit/lower_reference.h"

namespace systole {
namespace {

using Window = GraphBuilder::Window;

constexpr Window kSame{
    .kh = 3, .kw = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};

isa::HwParams square(int size, int ub_kib = 64) {
  isa::HwParams hw;
  hw.rows = hw.cols = size;
  hw.ub_kib = ub_kib;
  return hw;
}

/// A residual block of `channels`, and a layer of stride 2 behind it.
graph::QGraph block(SeededRandom& random, int64_t size, int64_t channels) {
  GraphBuilder builder(random, 1);
  const graph::TensorId first = builder.conv(builder.input(size, size, 1), kSame, channels);
  const graph::TensorId second = builder.conv(first, kSame, channels);
  const graph::TensorId sum = builder.conv(second, kSame, channels, first);
  Window half = kSame;
  half.stride_h = half.stride_w = 2;
  return builder.finish({builder.conv(sum, half, 2 * channels)});
}

/// Convolutions of few channels, one behind the other, some with residuals.
graph::QGraph random_chain(SeededRandom& random) {
  GraphBuilder builder(random, random.range(1, 2));
  const int64_t width = 4 * random.range(1, 6);
  graph::TensorId last = builder.input(random.range(3, 9), width, random.range(1, 6));
  for (int64_t i = random.range(2, 5); i > 0; --i) {
    const graph::QTensor in = builder.tensor(last);
    Window window{.kh = random.range(1, 3), .kw = random.range(1, 5)};
    window.pad_left = random.range(0, window.kw - 1);
    window.pad_right = window.kw - 1 - window.pad_left;
    window.pad_top = random.range(0, window.kh - 1);
    if (in.w % 2 == 0 && random.range(0, 3) == 0) window.stride_w = 2;
    if (in.h < window.kh || in.w < window.kw) break;
    const bool grouped = random.range(0, 2) == 0;
    const graph::TensorId made =
        builder.conv(last, window, grouped ? 2 * in.c : random.range(1, 6), -1, grouped ? in.c : 1);
    const graph::QTensor out = builder.tensor(made);
    last = random.range(0, 1) == 0 ? made : builder.conv(made, {}, out.c, made);
  }
  return builder.finish({last});
}

std::optional<lower::Folds> folds_for(const graph::QGraph& graph, const isa::HwParams& hw) {
  return lower::choose_folds(graph, lower::make_layers(graph), arch::Geometry(hw));
}

bool says_folded(const std::string& dump) {
  return dump.find("== folded graph ==") != std::string::npos;
}

}  // namespace

TEST_CASE("a folded convolution has its kernel once for each column, at its place") {
  SeededRandom random(1);
  GraphBuilder builder(random, 1);
  const graph::TensorId first = builder.input(1, 8, 1);
  const Window window{.kw = 3, .pad_left = 1, .pad_right = 1};
  graph::QGraph graph = builder.finish({builder.conv(builder.conv(first, {}, 1), window, 1)});
  graph.ops[1].conv().weights = {1, 2, 3};
  const graph::QGraph folded = lower::folded(graph, {1, 2, 2});
  graph::verify(folded);

  const graph::QConv& entry = folded.ops[0].conv();  // reads columns one by one, two at a step
  CHECK(entry.kw == 2);
  CHECK(entry.stride_w == 2);
  const int8_t w = graph.ops[0].conv().weights[0];
  CHECK(entry.weights == std::vector<int8_t>{w, 0, 0, w});

  const graph::QConv& conv = folded.ops[1].conv();  // columns -2 to 3, two in a pixel
  CHECK(conv.kw == 3);
  CHECK(conv.stride_w == 1);
  CHECK(conv.pad_left == 1);
  CHECK(conv.pad_right == 1);
  CHECK(conv.weights == std::vector<int8_t>{0, 1, 2, 3, 0, 0,  //
                                            0, 0, 1, 2, 3, 0});
  CHECK(conv.post.scale.size() == 2);
  CHECK(folded.tensors[2].w == 4);
  CHECK(folded.tensors[2].c == 2);
}

TEST_CASE("folded networks give every byte of the plain ones") {
  int folds = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SeededRandom random(seed);
    const graph::QGraph graph = random_chain(random);
    isa::HwParams hw = square(8 << random.range(0, 3));
    const auto chosen = folds_for(graph, hw);
    if (!chosen) continue;
    ++folds;
    const graph::QGraph folded = lower::folded(graph, *chosen);
    INFO("seed " << seed);
    REQUIRE_NOTHROW(graph::verify(folded));
    const auto inputs = random_inputs(graph, random);
    CHECK(run_reference(folded, inputs) == run_reference(graph, inputs));
  }
  CHECK(folds > 100);
}

TEST_CASE("programs of folded networks give the reference's bytes") {
  int folds = 0;
  for (uint64_t seed = 5000; seed < 5120; ++seed) {
    SeededRandom random(seed);
    const graph::QGraph graph = random_chain(random);
    isa::HwParams hw = random_hardware(random);
    hw.rows = hw.cols = 16 << random.range(0, 1);
    if (!arch::check_params(hw).empty()) continue;
    std::string dump;
    check_compiled(graph, hw, random, fmt::format("seed {} on {}", seed, describe(hw)), &dump);
    folds += says_folded(dump);
  }
  CHECK(folds > 20);
}

TEST_CASE("a block of 16 channels is folded on 32 columns, and on 16 not") {
  for (const bool wide : {false, true}) {
    SeededRandom random(7);
    const graph::QGraph graph = block(random, 16, 16);
    arch::ArchConfig arch;
    arch.hw = square(wide ? 32 : 16);
    std::string dump;
    const program::Program made = lower::compile_back(graph, arch, {.ir_dump = &dump});
    CHECK(says_folded(dump) == wide);
    std::string plain_dump;
    const program::Program plain =
        lower::compile_back(graph, arch, {.choices = {.fold = false}, .ir_dump = &plain_dump});
    CHECK(!says_folded(plain_dump));
    for (size_t i = 0; i < made.layers.size(); ++i) {
      INFO("layer " << i);
      CHECK(made.layers[i].useful_macs == plain.layers[i].useful_macs);
      CHECK(made.layers[i].weight_bytes == plain.layers[i].weight_bytes);
      CHECK(made.layers[i].output_bytes == plain.layers[i].output_bytes);
    }
    if (!wide) continue;
    // Two columns at once see 3x4 taps of 16 channels; one sees 3x3, ceil(144 / 32) tiles.
    CHECK(made.layers[1].mxu_bound == 6 * 128);
    CHECK(plain.layers[1].mxu_bound == 6 * 128);
    CHECK(made.layers[1].mxu_reference == 5 * 256);
    CHECK(plain.layers[1].mxu_reference == 5 * 256);
    const platform::RunResult fast = run_on_model(made, arch.hw),
                              slow = run_on_model(plain, arch.hw);
    CHECK(fast.cycles < slow.cycles);
  }
}

TEST_CASE("what does not fit folded is as it was") {
  SeededRandom random(11);
  GraphBuilder builder(random, 1);
  graph::TensorId last = builder.conv(builder.input(16, 64, 1), kSame, 16);
  for (int i = 0; i < 8; ++i) last = builder.conv(last, kSame, 16);
  const graph::QGraph graph = builder.finish({last});
  arch::ArchConfig arch;
  arch.hw = square(128);
  arch.hw.bitmask = 0;  // the zeros are stored
  std::string dump;
  lower::compile_back(graph, arch, {.ir_dump = &dump});
  CHECK(says_folded(dump));
  arch.memory.size_mib = 1;
  dump.clear();
  const program::Program plain = lower::compile_back(graph, arch, {.ir_dump = &dump});
  CHECK(!says_folded(dump));
  CHECK(plain.dram_bytes <= 1 << 20);
}

TEST_CASE("a map that is pooled is not folded, and one that groups make is") {
  SeededRandom random(9);
  const isa::HwParams hw = square(32);
  GraphBuilder pooled(random, 1);
  const graph::TensorId map = pooled.conv(pooled.input(16, 16, 1), kSame, 8);
  const Window half{.kh = 2, .kw = 2, .stride_h = 2, .stride_w = 2};
  CHECK(!folds_for(pooled.finish({pooled.pool(map, half, false, false)}), hw));

  GraphBuilder grouped(random, 1);
  const graph::TensorId wide = grouped.conv(grouped.input(16, 16, 1), kSame, 8);
  const graph::QGraph graph = grouped.finish({grouped.conv(wide, kSame, 8, -1, 8)});
  const auto folds = folds_for(graph, hw);
  REQUIRE(folds == lower::Folds{1, 4, 4});
  CHECK(lower::folded(graph, *folds).ops[1].conv().group == 1);
}

}  // namespace systole
