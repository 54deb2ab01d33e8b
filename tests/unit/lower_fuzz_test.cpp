// SPDX-License-Identifier: Apache-2.0
// Random networks on random hardware: compiled programs are legal and give the reference's bytes.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <set>

#include "model/arch/geometry.h"
#include "model/arch/weight_rows.h"
#include "tests/unit/lower_check.h"
#include "tests/unit/lower_graphs.h"

namespace systole {
namespace {

/// How often programs use what only some plans need.
struct Coverage {
  int windows = 0, kept = 0, accumulated = 0, tables = 0, residuals = 0, strided_loads = 0;
  int in_place = 0;  ///< residuals loaded to where the result goes
  int bands = 0;     ///< networks of which layers run in bands
  int parts = 0;     ///< networks with a pooling window that is reduced in parts
  int diagonals = 0;
  int masked = 0, structured = 0, indices = 0, holes = 0;  ///< loads of weights by format
  int narrow[4] = {};                                      ///< loads of weights by width
  int matmuls[4] = {};                                     ///< by width
  int bytes_of_sums = 0;
  int expanded[4] = {};  ///< matmuls, by how much they expand
  int expanded_structured = 0, expanded_chunks = 0, expanded_masks = 0;
  int unpacked = 0, packed = 0;  ///< vectors that read, or write, narrow values

  void count(const isa::LoadWeights& load) {
    diagonals += load.diagonal;
    ++narrow[load.narrow];
    masked += load.bitmask;
    structured += load.structured;
    indices += load.codebook;
    holes += load.holes != arch::Holes{};
  }
  void count(const program::Program& program) {
    std::set<uint16_t> masks;  // layers
    for (const isa::Words& words : program.code) {
      const uint16_t tag = isa::Header::decode(words).tag;
      switch (static_cast<isa::Opcode>(isa::Header::decode(words).opcode)) {
        case isa::Opcode::kLoadWindow:
          ++windows;
          break;
        case isa::Opcode::kLoadWeights:
          count(isa::LoadWeights::decode(words));
          if (isa::LoadWeights::decode(words).bitmask) masks.insert(tag);
          break;
        case isa::Opcode::kLoadParam:
          tables += isa::LoadParam::decode(words).target;
          break;
        case isa::Opcode::kLoad:
          strided_loads += isa::Load::decode(words).count2 > 1;
          break;
        case isa::Opcode::kVectorSet:
          bytes_of_sums += isa::VectorSet::decode(words).one_byte;
          break;
        case isa::Opcode::kVector:
          residuals += isa::Vector::decode(words).residual;
          unpacked += isa::Vector::decode(words).src_narrow > 0;
          packed += isa::Vector::decode(words).dst_narrow > 0;
          in_place += isa::Vector::decode(words).residual &&
                      isa::Vector::decode(words).res_addr == isa::Vector::decode(words).dst_addr;
          break;
        case isa::Opcode::kMatmul: {
          const auto matmul = isa::Matmul::decode(words);
          kept += matmul.keep;
          accumulated += matmul.accumulate;
          ++matmuls[matmul.narrow];
          ++expanded[matmul.expand];
          if (matmul.expand > 0) {
            expanded_structured += matmul.structured;
            expanded_chunks += matmul.accumulate;
            expanded_masks += masks.contains(tag);
          }
          break;
        }
        default:
          break;
      }
    }
  }
};

/// Runs seeds [first, first + count); `suited`: whether to take a hardware.
template <typename Suited>
void run_seeds(uint64_t first, int count, Coverage& coverage, const Suited& suited) {
  for (uint64_t seed = first; seed < first + static_cast<uint64_t>(count); ++seed) {
    SeededRandom random(seed);
    isa::HwParams hw = random_hardware(random);
    while (!suited(hw)) hw = random_hardware(random);
    const arch::Geometry geometry(hw);
    const graph::QGraph graph =
        random_graph(random, geometry.whole_slices() ? geometry.act_bits : 8);
    const std::string where = fmt::format("seed {} on {}", seed, describe(hw));
    std::string dump;
    coverage.count(check_compiled(graph, hw, random, where, &dump));
    coverage.bands += dump.find(" bands\n") != std::string::npos;
    coverage.parts += dump.find(", in parts") != std::string::npos;
  }
}

}  // namespace

TEST_CASE(
    "random networks compile to legal programs that give the reference's bytes on random "
    "hardware") {
  Coverage coverage;
  run_seeds(1, 300, coverage, [](const isa::HwParams&) { return true; });
  // What needs most of the hardware's options at once.
  run_seeds(301, 200, coverage, [](const isa::HwParams& hw) {
    return hw.structured != 0 && arch::Geometry(hw).whole_slices();
  });
  CHECK(coverage.windows > 0);
  CHECK(coverage.kept > 0);
  CHECK(coverage.accumulated > 0);
  CHECK(coverage.tables > 0);
  CHECK(coverage.residuals > 0);
  CHECK(coverage.strided_loads > 0);
  CHECK(coverage.in_place > 0);
  CHECK(coverage.bands > 0);
  CHECK(coverage.parts > 0);
  CHECK(coverage.diagonals > 0);
  CHECK(coverage.masked > 0);
  CHECK(coverage.structured > 0);
  CHECK(coverage.indices > 0);
  CHECK(coverage.holes > 0);
  for (const int loads : coverage.narrow) CHECK(loads > 0);
  for (const int matmuls : coverage.matmuls) CHECK(matmuls > 0);
  for (const int matmuls : coverage.expanded) CHECK(matmuls > 0);
  CHECK(coverage.expanded_structured > 0);
  CHECK(coverage.expanded_chunks > 0);
  CHECK(coverage.expanded_masks > 0);
  CHECK(coverage.unpacked > 0);
  CHECK(coverage.packed > 0);
  CHECK(coverage.bytes_of_sums > 0);
}

TEST_CASE("random networks run on the smallest legal hardware") {
  for (uint64_t seed = 1000; seed < 1060; ++seed) {
    SeededRandom random(seed);
    const graph::QGraph graph = random_graph(random);
    isa::HwParams hw;
    hw.rows = hw.cols = 1, hw.weight_bits = 1;
    hw.ub_kib = 1, hw.ub_banks = 1, hw.wb_tiles = 2, hw.acc_rows = 2, hw.pb_rows = 2;
    hw.axi_bits = 32, hw.burst_beats = 1, hw.outstanding = 1, hw.queue_depth = 1;
    check_compiled(graph, hw, random, fmt::format("seed {}", seed));
  }
}

TEST_CASE(
    "narrow activations of few channels are expanded from windows where pixels are whole lanes") {
  isa::HwParams hw;
  hw.rows = hw.cols = 16;
  hw.ub_kib = 1, hw.acc_rows = 64, hw.act_bits = 1, hw.weight_bits = 1;
  for (const int bits : {4, 2, 1})
    for (const int64_t channels : {3, 8}) {
      SeededRandom random(static_cast<uint64_t>(10 * bits + channels));
      GraphBuilder builder(random, 1);
      const graph::TensorId narrow = builder.conv(builder.input(14, 14, 4), {}, channels);
      const graph::TensorId out = builder.conv(
          narrow, {.kh = 3, .kw = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1},
          5);
      graph::QGraph graph = builder.finish({out});
      graph::QTensor& t = graph.tensors[static_cast<size_t>(narrow)];
      t.type = isa::ElementType::integer(bits);
      t.zero_point = bits == 1 ? 0 : 1;
      graph::QPost& post = graph.ops[0].conv().post;
      post.clamp_lo = t.type.least(), post.clamp_hi = t.type.greatest();
      const program::Program program =
          check_compiled(graph, hw, random, fmt::format("{} bits, {} channels", bits, channels),
                         nullptr, {.fold = false});
      int windows = 0, expanded = 0;
      for (const isa::Words& words : program.code) {
        const isa::Header header = isa::Header::decode(words);
        if (header.tag != 2) continue;  // the second layer
        windows += header.opcode == static_cast<uint8_t>(isa::Opcode::kLoadWindow);
        expanded += header.opcode == static_cast<uint8_t>(isa::Opcode::kMatmul) &&
                    8 >> isa::Matmul::decode(words).expand == bits;
      }
      CHECK(expanded > 0);
      // Windows pad with what is stored, which of one bit is not 0.
      CHECK((windows > 0) == (channels == 8 && bits > 1));
    }
}

}  // namespace systole
