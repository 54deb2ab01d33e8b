// SPDX-License-Identifier: Apache-2.0
// Energies and areas of small programs and architectures, with the sums that give them.
#include "sim/energy/energy.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "sim/cli/energy_option.h"
#include "sim/energy/switching.h"
#include "sim/energy/text.h"
#include "sim/engine/run_process.h"
#include "sim/report/json.h"
#include "sim/report/provenance.h"
#include "tests/unit/energy_fixture.h"
#include "tests/unit/json_schema.h"

namespace systole {
namespace {

using Event = energy::EnergyEvent;
using Part = energy::EnergyPart;

// Memories of 1 KiB: unified buffer, weight buffer (64 tiles of 4x4), accumulators (64 rows of 16
// bytes), parameters (64 rows of 16 bytes); DMA buffers of 8 bursts of 32 bytes, a quarter KiB.
arch::ArchConfig small_arch() {
  arch::ArchConfig arch;
  arch.name = "small";
  arch.clock_mhz = 500;
  arch.hw.rows = arch.hw.cols = 4;
  arch.hw.ub_kib = 1;
  arch.hw.wb_tiles = 64;
  arch.hw.acc_rows = 64;
  arch.hw.axi_bits = 32;
  return arch;
}

/// Two layers: a 1x1 convolution of two pixels, then its requantisation and store.
program::Program small_program(const arch::ArchConfig& arch) {
  const auto bit = [](isa::Unit unit) {
    return static_cast<uint16_t>(1 << static_cast<int>(unit));
  };
  const auto order = [](isa::Words words, uint16_t wait, uint16_t signal) {
    isa::Header header = isa::Header::decode(words);
    header.wait = wait;
    header.signal = signal;
    header.encode(words);
    return words;
  };
  isa::Load load;  // two words
  load.dram_addr = 0;
  load.pixels = 2;
  load.pixel_bytes = 4;
  isa::LoadParam params;  // two rows of 16 bytes
  params.dram_addr = 64;
  params.count = 2;
  isa::LoadWeights weights;  // one tile of 16 bytes
  weights.dram_addr = 96;
  weights.channels = weights.cols = 4;
  isa::Matmul matmul;
  matmul.width = matmul.ow = 2;
  matmul.channels = 4;
  isa::Vector vector;
  vector.width = vector.ow = 2;
  vector.dst_addr = 8;
  vector.dst_stride2 = 1;
  vector.src_stride2 = 1;
  vector.lanes_m1 = 3;
  isa::Store store;
  store.dram_addr = 128;
  store.ub_addr = 8;
  store.pixels = 2;
  store.pixel_bytes = 4;
  using isa::Unit;
  program::Program program;
  program.name = "small";
  program.hw = arch.hw;
  program.code_addr = 0x1000;
  program.dram_bytes = 0x2000;
  program.batch = 2;
  program.segments = {{0, "data", std::vector<uint8_t>(128, 1)}};
  matmul.ub_stride2 = load.ub_pixel_stride = store.ub_pixel_stride = 1;
  program.code = {order(tagged(1, load), 0, bit(Unit::kMxu)),
                  tagged(1, weights),
                  order(tagged(2, params), 0, bit(Unit::kVpu)),
                  order(tagged(1, matmul), bit(Unit::kLda), bit(Unit::kVpu)),
                  tagged(2, isa::VectorSet{}),
                  order(tagged(2, vector), static_cast<uint16_t>(bit(Unit::kLda) | bit(Unit::kMxu)),
                        bit(Unit::kSto)),
                  order(tagged(2, store), bit(Unit::kVpu), 0)};
  program.layers = {{1, "conv", "conv 1x1", 32, 32, 4, 0, 16, 8, 0},
                    {2, "quantise", "vector", 0, 0, 0, 2, 0, 0, 8}};
  return program;
}

struct SmallRun {
  arch::ArchConfig arch = small_arch();
  program::Program program;
  platform::RunResult result;
  report::Report report;

  explicit SmallRun(const std::string& preset = "") {
    if (!preset.empty()) {
      arch.memory.kind = "ddr";
      arch.memory.ddr = arch::ddr_preset(preset);
    }
    program = small_program(arch);
    platform::DramImage dram = platform::make_image(program);
    const auto engine = engine::make_model_engine(arch);
    result = engine::run_in_process(*engine, program, dram, {});
    REQUIRE(result.status == platform::RunStatus::kFinished);
    report = report::make_report(program, arch, result, "model", true);
  }
  energy::EnergyReport energy(const energy::EnergyTable& table) const {
    return energy::make_energy(program, arch, result, report, table);
  }
};

TEST_CASE("the energy of a small run is the sum of its events") {
  const SmallRun run;
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  const energy::EnergyReport energy = run.energy(table);
  // An access of 64 bits to 1 KiB: 10 pJ * sqrt(1/8); to the quarter KiB of a DMA buffer half of
  // it.
  const double kib = 10 * std::sqrt(1.0 / 8), dma = kib / 2;
  // 2 rows * 16 weights; 2 rows * 16 elements * 40 bits and 4 rows of 4 weights of 8 bits, and the
  // skews, 6 steps of each.
  CHECK(energy.energy[Part::kMatrixUnit] ==
        Approx(32 * 0.3 + (2 * (16 * 40 + 6 * 40) + 4 * (4 * 8 + 6 * 8)) * 0.009));
  // Words of 32 bits, through the gates of 4 banks. Reads: 2 by the array, 2 by the store. Writes:
  // 2 by the load, 2 by the VPU.
  const double gate = 0.00058247, banks = 62 * 4 * 4 / 5.0;
  CHECK(energy.energy[Part::kUnifiedBuffer] == Approx(8 * (kib / 2 + banks * gate)));
  // 4 rows of 32 bits, written and read.
  CHECK(energy.energy[Part::kWeightBuffer] == Approx(8 * kib / 2));
  // Rows of 128 bits: 2 read and 2 written by the array, 2 read by the VPU.
  CHECK(energy.energy[Part::kAccumulators] == Approx(6 * kib * 2));
  // 2 rows of 128 bits read, 8 words of 32 bits written.
  CHECK(energy.energy[Part::kParameters] == Approx(2 * kib * 2 + 8 * kib / 2));
  // 7 instructions of 64 bytes, 8 + 32 + 16 bytes read, 8 written: in and out of a buffer.
  // A byte is shifted by up to 4 bytes, in two steps.
  CHECK(energy.energy[Part::kDmaBuffers] ==
        Approx((7 * 64 + 56 + 8) * (2 * dma / 8 + 8 * 2 * 3.85 * gate)));
  CHECK(energy.energy[Part::kDmaEngines] == 0);  // no weight is expanded
  // 2 outputs of 4 lanes: bias; to float and rounding; scale.
  CHECK(energy.energy[Part::kVectorUnit] == Approx(8 * (0.1 + 2 * 0.9 + 3.7)));
  // 512 bits enter a queue of 8 instructions, and leave it through three steps of multiplexers.
  const double control = 70 + 512 * (0.009 + 3 * 2.333 * gate);
  CHECK(energy.energy[Part::kControl] == Approx(7 * control));
  CHECK(energy.energy[Part::kDram] == Approx((7 * 64 + 56 + 8) * 162.5));
  const auto registers = static_cast<double>(energy::unit_registers(table.gates, run.arch.hw));
  CHECK(registers > 1000);
  CHECK(energy.energy[Part::kClock] ==
        Approx(static_cast<double>(run.result.cycles) * registers * 0.0009));
  // 12.3 mW for each mm2, 2 ns a cycle.
  const double mm2 = energy::estimate_area(table, run.arch.hw).total_mm2();
  CHECK(energy.energy[Part::kLeakage] ==
        Approx(static_cast<double>(run.result.cycles) * mm2 * 12.3 * 2));
  CHECK(energy.energy.on_chip() + energy.energy[Part::kDram] == Approx(energy.energy.total()));
  CHECK(energy.per_inference_pj() == Approx(energy.energy.total() / 2));
  const double seconds = static_cast<double>(run.result.cycles) * 2e-9;
  CHECK(energy.average_power_mw() == Approx(energy.energy.total() * 1e-12 / seconds * 1e3));
}

TEST_CASE("layers have the energy of their instructions and cycles, and sum to the run's") {
  for (const char* preset : {"", "ddr4-2400"}) {
    const SmallRun run(preset);
    const energy::EnergyReport energy =
        run.energy(energy::load_energy_table(energy::kDefaultEnergyTable));
    REQUIRE(energy.layers.size() == 2);
    energy::EnergyByPart sum;
    for (const energy::LayerEnergy& layer : energy.layers)
      for (size_t p = 0; p < energy::kEnergyParts; ++p) sum.pj[p] += layer.energy.pj[p];
    for (size_t p = 0; p < energy::kEnergyParts; ++p) {
      INFO(preset << " " << energy::energy_part_name(static_cast<Part>(p)));
      CHECK(sum.pj[p] == Approx(energy.energy.pj[p]));
    }
    CHECK(energy.layers[0].name == "conv");
    CHECK(energy.layers[0].energy[Part::kVectorUnit] == 0);
    const double control = energy.costs[static_cast<size_t>(Event::kInstruction)].value;
    CHECK(energy.layers[0].energy[Part::kControl] == Approx(3 * control));
    CHECK(energy.layers[1].energy[Part::kMatrixUnit] == 0);
    CHECK(energy.layers[1].energy[Part::kControl] == Approx(4 * control));
  }
}

TEST_CASE("a DRAM with rows costs its bytes and its activations") {
  const SmallRun run("ddr4-2400");
  const energy::EnergyReport energy =
      run.energy(energy::load_energy_table(energy::kDefaultEnergyTable));
  const auto& rows = run.result.memory;
  REQUIRE(rows.row_misses > 0);
  CHECK(energy.events[Event::kDramActivation] ==
        static_cast<int64_t>(rows.row_misses + rows.row_conflicts));
  CHECK(energy.energy[Part::kDram] ==
        Approx((7 * 64 + 56) * 93 + 8 * 168 +
               static_cast<double>(rows.row_misses + rows.row_conflicts) * 8106));
}

TEST_CASE("programs that run one after another sum up") {
  const SmallRun run;
  const energy::EnergyReport one =
      run.energy(energy::load_energy_table(energy::kDefaultEnergyTable));
  const energy::EnergyReport two = energy::merge_energy({one, one});
  CHECK(two.energy.total() == Approx(2 * one.energy.total()));
  CHECK(two.events[Event::kInstruction] == 14);
  CHECK(two.layers.size() == 4);
  CHECK(two.average_power_mw() == Approx(one.average_power_mw()));
}

TEST_CASE("the area is that of the gates of each part and of the memories") {
  const arch::ArchConfig arch = small_arch();
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  const energy::GateTable& count = table.gates;
  const energy::AreaReport area = energy::estimate_area(table, arch.hw);
  REQUIRE(area.parts.size() == 10);
  // um2 of a gate by what it is part of, a published figure over what that stands for; 0.798 all.
  const double mac = 419 / 525.06, add = 137 / 171.68, multiply = 7700 / 9649.1,
               fp_add = 4184 / 5243.1, gate = 0.798;
  const double bit = count.register_bit * 5.98 / 7.4937, mux = count.multiplexer * gate;
  CHECK(area.parts[0].mm2 * 1e6 ==
        // 16 elements of 48 bits; the skews of 4 rows of 8 bits, 4 columns of 8 + 32: 6 times each.
        Approx(16 * count.element.bits8 * mac + (16 * 48 + 6 * (8 + 8 + 32)) * bit +
               (count.matrix_unit.fixed + 4 * count.matrix_unit.row) * gate +
               // Behind rows and columns a place in ACC of 6 bits and two flags.
               8 * 8 * bit + (8 - 1) * 8 * mux));
  // Memories of 1 KiB: UB in 4 banks of words of 4 bytes, 64 tiles with 16 bits beside each, ACC.
  CHECK(area.parts[1].mm2 * 1e6 ==
        Approx(3667 + 4 * (count.unified_buffer.bank + 4 * count.unified_buffer.bank_byte) * gate));
  CHECK(area.parts[2].mm2 * 1e6 ==
        Approx(3667 + 64 * 16 * bit + 63 * 16 * mux + count.ring_fixed * gate));
  CHECK(area.parts[3].mm2 * 1e6 == Approx(3667 + 4 * count.accumulator_column * add));
  CHECK(area.parts[4].mm2 * 1e6 == Approx(3667));
  // Tables: 1 KiB of flip-flops, and for each of 4 lanes the multiplexers that find its byte.
  CHECK(area.parts[5].mm2 * 1e6 ==
        Approx(8192 * bit + 4 * 1023 * 8 * mux + 4 * count.lane.table * gate));
  // A line of 4 KiB in words of 4 bytes and slots of 8 bursts of 32 bytes, in words of 4, 4, 64 and
  // (even and odd) 4 bytes; each is read twice.
  CHECK(area.parts[6].mm2 * 1e6 ==
        Approx((32768 + 4 * 2048) * bit +
               2 * 8 * (4096 - 4 + 2 * (256 - 4) + (256 - 64) + (256 - 2 * 4)) * mux));
  CHECK(area.parts[7].mm2 * 1e6 ==
        Approx(4 * (count.lane.multiply * multiply + count.lane.add * fp_add +
                    count.lane.integer * add + count.lane.other * gate) +
               count.vector_fixed * gate));
  double sum = 0;
  for (const energy::AreaPart& part : area.parts) sum += part.mm2;
  CHECK(area.total_mm2() == Approx(sum));
}

TEST_CASE("narrow products are in addition to bytes, and 2:4 widens elements and weights") {
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  const energy::GateTable& count = table.gates;
  const isa::HwParams bytes = small_arch().hw;
  isa::HwParams narrow = bytes, structured = bytes;
  narrow.act_bits = 4;
  structured.structured = 1;
  const auto grown = [&](const isa::HwParams& hw, size_t part) {
    return (energy::estimate_area(table, hw).parts[part].mm2 -
            energy::estimate_area(table, bytes).parts[part].mm2) *
           1e6;
  };
  const double bit = count.register_bit * 5.98 / 7.4937;
  // Two bits that tell the width go with the activations: 16 elements and the skew of 4 rows.
  CHECK(grown(narrow, 0) == Approx(16 * count.element.bits4 * 177 / 221.8 + (16 + 6) * 2 * bit +
                                   4 * count.matrix_unit.byte_narrow * 0.798));
  // Four activations, three bits of mode, two that choose: 29 bits more in 16 elements.
  CHECK(grown(structured, 0) ==
        Approx((16 * 29 + 6 * (24 + 3 + 2)) * bit +
               (16 * count.element.structured + 4 * count.matrix_unit.row_structured) * 0.798));
  // 64 tiles of 4 rows of 4 columns with two bits more.
  CHECK(grown(structured, 2) == Approx(64 * 16 * 2 / 8192.0 * 3667));
}

TEST_CASE("the result's schema has the energy, and the text marks what is extrapolated") {
  const SmallRun run;
  const energy::EnergyReport energy =
      run.energy(energy::load_energy_table(energy::kDefaultEnergyTable));
  nlohmann::json json = report::to_json(run.report, run.arch, run.result);
  json["energy"] = energy::energy_json(energy);
  json["provenance"] =
      report::provenance_json(SYSTOLE_SOURCE_DIR "/tests/data/README.md", run.report);
  std::ifstream file(SYSTOLE_SOURCE_DIR "/docs/result.schema.json");
  const auto schema = nlohmann::json::parse(file);
  CHECK(schema_violation(json, schema, schema, "result") == "");
  CHECK(json["energy"]["estimate"] == true);
  CHECK(json["energy"]["events"]["gated_macs"]["count"] == 0);
  CHECK(json["energy"]["events"]["macs_8"]["extrapolated"] == false);
  CHECK(json["energy"]["events"]["ub_reads"]["extrapolated"] == true);  // 1 KiB

  const std::string text = energy::energy_text(energy);
  CHECK_THAT(text, Catch::Matchers::StartsWith("energy estimate"));
  CHECK_THAT(text, Catch::Matchers::Contains(
                       "MACs are gated by weights of 0 (activations were not computed)"));
  CHECK_THAT(text, Catch::Matchers::Contains(
                       "8-bit MACs                            32         0.3      9.60 pJ"));
  CHECK_THAT(text, Catch::Matchers::Contains(
                       "instructions                           7        76.7*      537 pJ"));
}

TEST_CASE("the option --energy takes a table's name and never the network's") {
  using Words = std::vector<std::string>;
  const std::string none = std::string("--energy=") + energy::kDefaultEnergyTable;
  CHECK(cli::join_energy_words({"run", "--energy", "net.onnx"}) == Words{"run", none, "net.onnx"});
  CHECK(cli::join_energy_words({"run", "net.onnx", "--energy"}) == Words{"run", "net.onnx", none});
  CHECK(cli::join_energy_words({"--energy", "--explain"}) == Words{none, "--explain"});
  CHECK(cli::join_energy_words({"--energy", "tpuv4i-7nm", "net.onnx"}) ==
        Words{"--energy=tpuv4i-7nm", "net.onnx"});
  CHECK(cli::join_energy_words({"--energy", "dir/mine.yaml"}) == Words{"--energy=dir/mine.yaml"});
  CHECK(cli::join_energy_words({"--energy=mine.yaml", "net"}) ==
        Words{"--energy=mine.yaml", "net"});
}

}  // namespace
}  // namespace systole
