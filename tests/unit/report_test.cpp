// SPDX-License-Identifier: Apache-2.0
// Reports: figures of a small run, worked out by hand from docs/metrics.md.
#include "sim/report/report.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <initializer_list>

#include "model/isa/any_instruction.h"
#include "model/isa/counter_ids.h"
#include "sim/report/explain.h"
#include "sim/report/json.h"
#include "sim/report/provenance.h"
#include "sim/report/table.h"
#include "tests/unit/json_schema.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

isa::Words instruction(const isa::AnyInstruction& fields, uint16_t tag, uint16_t wait = 0,
                       uint16_t signal = 0) {
  return encode(fields, {.tag = tag, .wait = wait, .signal = signal});
}

constexpr uint16_t bit(isa::Unit unit) {
  return static_cast<uint16_t>(1 << static_cast<int>(unit));
}

// A 4x4 array, two layers of one matmul each.
struct Sample {
  arch::ArchConfig arch;
  program::Program program;
  platform::RunResult result;

  Sample() {
    arch.name = "sample";
    arch.clock_mhz = 100;
    arch.hw.rows = 4;
    arch.hw.cols = 4;
    arch.hw.axi_bits = 64;
    arch.memory.bytes_per_cycle = 4;

    isa::Load load;  // 2 * 3 runs of 5 pixels of 4 bytes: 120 bytes
    load.count0 = 2;
    load.count2 = 3;
    load.pixels = 5;
    load.pixel_bytes = 4;
    isa::LoadWeights weights;  // 1 position * 4 channels * 4 columns: 16 bytes
    weights.channels = 4;
    weights.cols = 4;
    isa::Matmul matmul;  // M = 10, one tile
    matmul.ow = 10;
    matmul.channels = 4;
    isa::Store store;  // 10 pixels of 4 bytes
    store.pixels = 10;
    store.pixel_bytes = 4;

    program.name = "sample";
    program.hw = arch.hw;
    program.code = {
        instruction(load, 1, 0, bit(isa::Unit::kMxu)),
        instruction(weights, 1),
        instruction(matmul, 1, bit(isa::Unit::kLda)),
        instruction(matmul, 2),
        instruction(store, 2),
    };
    program.inputs = {{"in", 0, {1, 1, 30, 4}, {1, 4, 1, 30}, 1.0f, 0}};
    program.outputs = {{"out", 256, {1, 1, 10, 4}, {1, 4, 1, 10}, 1.0f, 0}};
    program.layers = {{1, "first", "conv 1x1", 160, 160, 10, 10, 10, 10, 16, 120, 40, 160},
                      {2, "second", "conv 1x1", 160, 320, 10, 40, 20, 40, 0, 40, 40, 0}};
    program.host_steps = {{"softmax", "out", 1}};

    // The first matmul: start 60, one tile T = 61, end = 61 + 10 + 4 + 4 = 79. Front done in 70.
    // The second: start 73, its tile comes late: T = 80, end = 98. Front done in 89.
    result.retired = {{0, isa::Unit::kLda, 1, 5, 49},
                      {1, isa::Unit::kLdw, 1, 6, 30},
                      {2, isa::Unit::kMxu, 1, 60, 79},
                      {3, isa::Unit::kMxu, 2, 73, 98},
                      {4, isa::Unit::kSto, 2, 80, 120}};
    result.cycles = 125;
    using isa::Cause;
    const auto log = [&](isa::Unit unit, std::initializer_list<std::pair<Cycle, Cause>> events) {
      for (const auto& [cycle, cause] : events)
        result.causes[static_cast<size_t>(unit)].push_back({cycle, static_cast<uint64_t>(cause)});
    };
    log(isa::Unit::kMxu, {{0, Cause::kSemLda},
                          {60, Cause::kSetup},
                          {61, Cause::kBusy},
                          {71, Cause::kSetup},
                          {74, Cause::kWeights},
                          {80, Cause::kBusy},
                          {90, Cause::kIdle}});
    log(isa::Unit::kLda, {{5, Cause::kMemory}, {30, Cause::kBusy}, {50, Cause::kIdle}});
    log(isa::Unit::kVpu, {{80, Cause::kBusy}, {115, Cause::kDrain}, {120, Cause::kIdle}});
    const auto set = [&](isa::Counter c, uint64_t v) {
      result.counters[static_cast<size_t>(c)] = v;
    };
    set(isa::Counter::kCycles, 125);
    set(isa::Counter::kReadBytesActivations, 120);
    set(isa::Counter::kReadBytesWeights, 16);
    set(isa::Counter::kReadBytesInstructions, 320);
    set(isa::Counter::kWriteBytes, 40);
    result.counters[static_cast<size_t>(isa::cause_counter(isa::Unit::kMxu, isa::Cause::kBusy))] =
        20;
  }
  report::Report report() const {
    return report::make_report(program, arch, result, "model", true);
  }
};

TEST_CASE("the rows of layers sum to the run's cycles, bytes and work") {
  const Sample sample;
  const report::Report report = sample.report();
  REQUIRE(report.layers.size() == 2);
  CHECK(report.layers[0].cycles == 73);  // until tag 2 starts in the array, the head included
  CHECK(report.layers[1].cycles == 52);  // the rest of 125, the tail included
  CHECK(report.layers[0].bytes.total() == 120 + 16 + 3 * 64);
  CHECK(report.layers[1].bytes.total() == 40 + 2 * 64);
  CHECK(report.layers[0].bytes.total() + report.layers[1].bytes.total() == report.bytes.total());
}

TEST_CASE("totals follow their definitions") {
  const Sample sample;
  const report::Report report = sample.report();
  CHECK(report.latency_ms == Approx(125 / 100e6 * 1e3));
  CHECK(report.inferences_per_s == Approx(100e6 / 125));
  CHECK(report.useful_macs == 320);
  CHECK(report.dense_macs == 480);
  CHECK(report.mac_utilisation == Approx(320.0 / (125 * 16)));
  CHECK(report.mxu_busy == Approx(20.0 / 125));
  CHECK(report.tops == Approx(2 * 320 / (125 / 100e6) * 1e-12));
  CHECK(report.effective_tops == Approx(2 * 480 / (125 / 100e6) * 1e-12));
  CHECK(report.peak_tops == Approx(2 * 16 * 100e6 * 1e-12));
  CHECK(report.peak_bytes_per_cycle == 4);  // DRAM's 4, not AXI's 8
}

TEST_CASE("the bound of a layer is its largest term, the network's that of the sums") {
  const Sample sample;
  const report::Report report = sample.report();
  CHECK(report.layers[0].bounds.memory == 44);  // (16 + 120 + 40) / 4
  CHECK(std::string(report.layers[0].bounds.largest_name()) == "memory");
  CHECK(report.layers[0].cycles_per_bound == Approx(73.0 / 44));
  CHECK(std::string(report.layers[1].bounds.largest_name()) == "vpu");  // 40, mxu 10, memory 20
  CHECK(report.layer_reference == 84);
  CHECK(report.layers[1].reference.mxu == 20);
  CHECK(report.lower_bound.mxu == 20);
  CHECK(report.lower_bound.vpu == 50);
  CHECK(report.lower_bound.memory == 44);  // weights 16, input 120, output 40, over 4
}

TEST_CASE(
    "what passes through DRAM in any case is in the lower bound, all activations in the "
    "reference") {
  Sample sample;
  sample.program.layers[0].least_bytes = 60;
  const report::Report report = sample.report();
  CHECK(report.layers[0].bounds.memory == 19);     // (16 + 60) / 4
  CHECK(report.layers[0].reference.memory == 44);  // (16 + 120 + 40) / 4
  CHECK(report.lower_bound.memory == 19);
  CHECK(report.layer_reference == 84);  // 44 + 40
}

TEST_CASE("a run below its lower bound is a fault of the simulator") {
  Sample sample;
  sample.program.layers[0].vpu_bound = 1000;
  CHECK_THROWS_WITH(
      sample.report(),
      "internal error: network 'sample' took 125 cycles, its lower bound is 1040 (vpu)");
}

TEST_CASE("the largest stall is what the matrix unit waits for longest") {
  report::UnitCycles units{};
  auto& mxu = units[static_cast<size_t>(isa::Unit::kMxu)];
  mxu[static_cast<size_t>(isa::Cause::kBusy)] = 100;
  CHECK(report::largest_stall(units).name() == std::string("none"));
  mxu[static_cast<size_t>(isa::Cause::kSemLda)] = 3;
  mxu[static_cast<size_t>(isa::Cause::kWeights)] = 4;
  CHECK(report::largest_stall(units).name() == std::string("weights"));
  CHECK(report::largest_stall(units).cycles == 4);
}

TEST_CASE("each unit's cycles are told apart by cause, layer by layer") {
  const Sample sample;
  const report::Report report = sample.report();
  const auto cycles = [&](size_t layer, isa::Unit unit, isa::Cause cause) {
    return report.layers[layer].units[static_cast<size_t>(unit)][static_cast<size_t>(cause)];
  };
  // Layer 1, cycles 0..72.
  CHECK(cycles(0, isa::Unit::kMxu, isa::Cause::kSemLda) == 60);
  CHECK(cycles(0, isa::Unit::kMxu, isa::Cause::kSetup) == 1 + 2);
  CHECK(cycles(0, isa::Unit::kMxu, isa::Cause::kBusy) == 10);
  CHECK(cycles(0, isa::Unit::kMxu, isa::Cause::kWeights) == 0);
  CHECK(report.layers[0].stall.cause == isa::Cause::kSemLda);
  CHECK(report.layers[0].stall.cycles == 60);
  CHECK(cycles(0, isa::Unit::kLda, isa::Cause::kIdle) == 5 + 23);
  // Layer 2, cycles 73..124.
  CHECK(cycles(1, isa::Unit::kMxu, isa::Cause::kSetup) == 1);  // that began before
  CHECK(cycles(1, isa::Unit::kMxu, isa::Cause::kWeights) == 6);
  CHECK(cycles(1, isa::Unit::kMxu, isa::Cause::kBusy) == 10);
  CHECK(cycles(1, isa::Unit::kMxu, isa::Cause::kIdle) == 35);
  CHECK(cycles(1, isa::Unit::kLda, isa::Cause::kIdle) == 52);
  for (const report::LayerReport& layer : report.layers)
    for (const report::CauseCycles& unit : layer.units) CHECK(report::total(unit) == layer.cycles);
}

TEST_CASE("the distance to a bound is the sum of what its unit did besides") {
  const Sample sample;
  const report::Report report = sample.report();
  // Memory, 44 cycles; lda moves most bytes: at work 45 cycles, idle 28.
  const report::Distance& first = report.layers[0].distance;
  CHECK(first.unit == isa::Unit::kLda);
  CHECK(first.cycles == 73 - 44);
  CHECK(first.work == 45 - 44);
  REQUIRE(first.terms().size() == 2);
  CHECK(first.terms()[0].name == "idle");
  CHECK(first.terms()[0].cycles == 28);
  // The vector unit, 40 cycles: busy 35, drain 5, idle 7 + 5.
  const report::Distance& second = report.layers[1].distance;
  CHECK(second.unit == isa::Unit::kVpu);
  CHECK(second.cycles == 52 - 40);
  CHECK(second.work == 35 - 40);
  int64_t sum = 0;
  for (const auto& term : second.terms()) sum += term.cycles;
  CHECK(sum == second.cycles);
}

TEST_CASE("weights that enter under few rows are work that the bound knows") {
  report::UnitCycles units{};
  report::CauseCycles& mxu = units[static_cast<size_t>(isa::Unit::kMxu)];
  mxu[static_cast<size_t>(isa::Cause::kBusy)] = 3;
  mxu[static_cast<size_t>(isa::Cause::kWeightLoad)] = 9;
  mxu[static_cast<size_t>(isa::Cause::kBank)] = 8;
  const report::Distance distance =
      report::distance_to_bound(20, {.mxu = 12, .vpu = 1, .memory = 2}, units, {});
  CHECK(distance.cycles == 8);
  CHECK(distance.work == 0);
  REQUIRE(distance.terms().size() == 1);
  CHECK(distance.terms()[0].name == "bank");
}

TEST_CASE("an explanation names bound, distance and every unit's shares") {
  const std::string text = report::explanation(Sample().report());
  CHECK_THAT(text,
             Catch::Contains("first (conv 1x1): 73 cycles\n"
                             "bound  44 memory; 29 cycles above it, by lda: idle 28, work 1\n"));
  CHECK_THAT(text, Catch::Contains("mxu    sem_lda 82.2 % busy 13.7 % setup 4.1 %\n"));
  CHECK_THAT(text, Catch::Contains("12 cycles above it, by vpu: idle 12, drain 5, work -5\n"));
}

TEST_CASE("a run that was stopped has totals and no rows") {
  Sample sample;
  sample.result.status = platform::RunStatus::kWatchdog;
  CHECK(sample.report().layers.empty());
  CHECK(sample.report().cycles == 125);
}

TEST_CASE("an empty run divides nothing by zero") {
  Sample sample;
  sample.result = {};
  sample.program.layers.clear();
  const report::Report report = sample.report();
  CHECK(report.inferences_per_s == 0);
  CHECK(report.mac_utilisation == 0);
}

TEST_CASE("the report says what the memory was, gave and cost") {
  Sample sample;
  sample.arch.memory.kind = "ddr";
  sample.arch.memory.ddr = arch::ddr_preset("tpu-v1");  // two channels
  sample.result.memory.row_hits = 30;
  sample.result.memory.row_misses = 6;
  sample.result.memory.row_conflicts = 4;
  const auto wait = isa::cause_counter(isa::Unit::kMxu, isa::Cause::kWeights);
  sample.result.counters[static_cast<size_t>(wait)] = sample.result.cycles / 4;
  // A cycle is 10,000 ps, so the two data busses have 2 * cycles * 10,000 ps.
  sample.result.memory.lost_rows_ps = sample.result.cycles * 2000;
  sample.result.memory.lost_refresh_ps = sample.result.cycles * 1000;
  const report::Report report = sample.report();
  CHECK(report.memory.name == "tpu-v1");
  CHECK(report.memory.row_hit_rate == 0.75);
  CHECK(report.memory.matrix_unit_wait == Approx(0.25).margin(0.01));
  CHECK(report.memory.lost_rows == Approx(0.1));
  CHECK(report.memory.lost_refresh == Approx(0.05));
  CHECK(report.memory.lost() == Approx(0.15));
  // The AXI bus of 8 bytes at 100 MHz is less than the DRAM's 34 GB/s.
  CHECK(report.peak_bytes_per_cycle == 8);
  CHECK(report.memory.share_of_peak == Approx(report.bytes_per_cycle / 8));
  CHECK(report::totals(report).find("row-hit rate 75.0 %, data bus lost 15.0 %") !=
        std::string::npos);
}

const std::string kNetwork = SYSTOLE_SOURCE_DIR "/tests/data/README.md";

TEST_CASE("a result says what made it") {
  const auto made = report::provenance_json(kNetwork, Sample().report());
  CHECK(made.at("network").at("file") == kNetwork);
  CHECK(made.at("network").at("sha256") == report::sha256_of_file(kNetwork));
  CHECK(made.at("date").get<std::string>().size() == std::string("2000-01-01T00:00:00Z").size());
  CHECK(made.contains("version"));
  CHECK_THROWS_WITH(report::provenance_json("/none", Sample().report()), "/none: cannot be read");
}

TEST_CASE("a file's hash is SHA-256") {
  const test::ScratchFolder folder;  // FIPS 180-4's example
  CHECK(report::sha256_of_file(folder.write("abc", "abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("JSON results keep to the published schema") {
  std::ifstream file(SYSTOLE_SOURCE_DIR "/docs/result.schema.json");
  const auto schema = nlohmann::json::parse(file);
  Sample sample;
  const auto valid = [&] {
    nlohmann::json json = report::to_json(sample.report(), sample.arch, sample.result);
    json["provenance"] = report::provenance_json(kNetwork, sample.report());
    return schema_violation(json, schema);
  };
  CHECK(valid() == "");
  sample.arch.memory.kind = "random";
  CHECK(valid() == "");
  sample.arch.memory.kind = "ddr";
  sample.arch.memory.ddr = arch::ddr_preset("ddr4-2400");
  CHECK(valid() == "");
  sample.result.memory.row_hits = 1;
  CHECK(valid() == "");
  sample.result.status = platform::RunStatus::kFault;
  sample.result.fault = isa::Fault::kUbRange;
  CHECK(valid() == "");
}

TEST_CASE("the schema check itself finds missing, additional and mistyped keys") {
  const auto schema = nlohmann::json::parse(
      R"({"type": "object", "required": ["a"], "additionalProperties": false,
          "properties": {"a": {"type": "array", "items": {"type": "integer"}}}})");
  CHECK(schema_violation(nlohmann::json::parse(R"({"a": [1]})"), schema) == "");
  CHECK(schema_violation(nlohmann::json::parse(R"({})"), schema) == "$: a is missing");
  CHECK(schema_violation(nlohmann::json::parse(R"({"a": [], "b": 1})"), schema) ==
        "$.b: is not in the schema");
  CHECK(schema_violation(nlohmann::json::parse(R"({"a": ["x"]})"), schema) ==
        "$.a[0]: is not integer");
}

TEST_CASE("names from files cannot disturb tables or CSV") {
  Sample sample;
  sample.program.layers[0].name = "a\x1b[31m,\"b\n";
  const report::Report report = sample.report();
  CHECK(report::layer_table(report).find('\x1b') == std::string::npos);
  CHECK(report::layers_csv(report).find("\"a\\u001b[31m,\"\"b\\u000a\",conv 1x1,73,") !=
        std::string::npos);
}

TEST_CASE("the headline names array, clock, memory, precision and engine") {
  CHECK(report::headline(Sample().arch, "model") ==
        "sample: 4x4 array, 100 MHz (given), 256 KiB unified buffer, 64-bit AXI, ideal memory 4 "
        "B/cycle "
        "(0.4 GB/s) after "
        "20 cycles, built for 8-bit operands, engine model\n");
  arch::ArchConfig narrow = Sample().arch;
  narrow.hw.act_bits = 2;
  CHECK_THAT(report::headline(narrow, "rtl"),
             Catch::Matchers::EndsWith(", built for operands of 8 to 2 bits, engine rtl\n"));
  arch::ArchConfig arch = Sample().arch;
  arch.memory.kind = "ddr";
  arch.memory.ddr = arch::ddr_preset("hbm2");
  CHECK(report::headline(arch, "rtl").find("hbm2 memory of 16 channels (256 GB/s)") !=
        std::string::npos);
}

}  // namespace
}  // namespace systole
