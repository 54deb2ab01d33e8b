// SPDX-License-Identifier: Apache-2.0
// What a study says of its rows: why a choice saves no more, on which machine, from where on it
// wins.
#include <catch2/catch.hpp>
#include <functional>

#include "model/arch/arch.h"
#include "model/arch/geometry.h"
#include "sim/energy/area.h"
#include "sim/study/break_even.h"
#include "sim/study/machine.h"
#include "sim/study/why.h"

namespace systole {
namespace {

using study::BreakEven;
using study::BreakEvenAxis;

study::StudyFigures figures(uint64_t cycles, double busy, int64_t stored, int64_t moved) {
  study::StudyFigures made;
  made.cycles = cycles;
  made.mxu_busy = busy;
  made.weight_bytes = stored;
  made.dram_bytes = moved;
  made.largest_stall = "weights";
  made.bound_by = "mxu";
  return made;
}

TEST_CASE("a sentence says what a choice changed, and why not more") {
  const auto first = figures(1000, 0.95, 100, 200);
  CHECK(study::why_first(first) ==
        "the others are held against it: the array is busy 95 % of the time, bound by the array");
  CHECK(
      study::why(figures(1000, 0.95, 43, 150), first) ==
      "stores 57 % and moves 25 % fewer bytes; the array is busy 95 % of the time, so no cycle is "
      "saved");
  CHECK(study::why(figures(999, 0.95, 43, 200), first) ==
        "stores 57 % fewer bytes; the array is busy 95 % of the time, so hardly a cycle is saved");
  CHECK(study::why(figures(500, 0.76, 50, 260), first) ==
        "stores 50 % fewer bytes, moves 30 % more bytes, keeps the array busy for 60 % fewer "
        "cycles; takes 50 % fewer cycles: the array is busy 76 % of the time and else mostly waits "
        "for weights from memory, bound by the array");
  CHECK(
      study::why(figures(1100, 0.8636363, 100, 200), first) ==
      "changes neither bytes nor the work of the array; takes 10 % more cycles: the array is busy "
      "86 % of the time and else mostly waits for weights from memory, bound by the array");
}

/// The choice wins where `gain` of the value is above 1.
std::vector<BreakEven> found(BreakEvenAxis axis, double low, double high,
                             const std::function<double(size_t, double)>& gain, size_t rows = 1,
                             std::vector<size_t>* asked = nullptr) {
  return study::find_break_even(rows, {axis, low, high},
                                [&](const std::vector<study::BreakEvenQuestion>& questions) {
                                  if (asked != nullptr) asked->push_back(questions.size());
                                  std::vector<study::BreakEvenAnswer> answers;
                                  for (const auto& [row, value] : questions)
                                    answers.push_back({1 / gain(row, value), 1, ""});
                                  return answers;
                                });
}

TEST_CASE("a break-even is found within five percent, of all rows at once") {
  std::vector<size_t> asked;
  const auto rows = found(
      BreakEvenAxis::kBandwidth, 0.25, 64,
      [](size_t row, double value) {
        if (row == 0) return value < 3.1 ? 1.2 : 1.0;
        if (row == 1) return value > 10 ? 1.2 : 0.9;
        return row == 2 ? 1.005 : 1.02;  // less and more than 1 %
      },
      4, &asked);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].where == BreakEven::Where::kBelow);
  CHECK(rows[0].value <= 3.1);
  CHECK(rows[0].value > 3.1 / 1.05);
  CHECK(rows[1].where == BreakEven::Where::kAbove);
  CHECK(rows[1].value >= 10);
  CHECK(rows[1].value < 10 * 1.05);
  CHECK(rows[2].where == BreakEven::Where::kNowhere);
  CHECK(rows[3].where == BreakEven::Where::kEverywhere);
  // Both ends of four rows; then two of them, log2(ln 256 / ln 1.05) = 6.8 times.
  CHECK(asked == std::vector<size_t>{8, 2, 2, 2, 2, 2, 2, 2});
}

TEST_CASE("a break-even of batches is a batch, and its neighbour does not win") {
  for (const double limit : {1.0, 2.0, 7.0, 63.0}) {
    const auto one = found(BreakEvenAxis::kBatch, 1, 64,
                           [&](size_t, double batch) { return batch > limit ? 1.5 : 1; })[0];
    CHECK(one.where == BreakEven::Where::kAbove);
    CHECK(one.value == limit + 1);
    const auto other = found(BreakEvenAxis::kBatch, 1, 64,
                             [&](size_t, double batch) { return batch > limit ? 1 : 1.5; })[0];
    CHECK(other.where == BreakEven::Where::kBelow);
    CHECK(other.value == limit);
  }
}

TEST_CASE("a point that cannot be run leaves the break-even unknown, with its reason") {
  const study::BreakEvenRange range{BreakEvenAxis::kArea, 1, 8};
  size_t asked = 0;
  const auto rows =
      study::find_break_even(1, range, [&](const std::vector<study::BreakEvenQuestion>& questions) {
        ++asked;
        return std::vector<study::BreakEvenAnswer>(questions.size(), {1, 2, "does not fit"});
      });
  CHECK(asked == 1);
  CHECK(study::break_even_text(rows[0], range) == "where it gains is not known: does not fit");
}

TEST_CASE("a break-even is worded by its axis") {
  using Where = BreakEven::Where;
  const study::BreakEvenRange bandwidth{BreakEvenAxis::kBandwidth, 0.25, 64};
  CHECK(study::break_even_text({Where::kBelow, 3.1, ""}, bandwidth) == "gains up to 3.1 GB/s");
  CHECK(study::break_even_text({Where::kAbove, 3.1, ""}, bandwidth) == "gains from 3.1 GB/s on");
  CHECK(study::break_even_text({Where::kEverywhere, 0, ""}, bandwidth) ==
        "gains everywhere from 0.25 to 64 GB/s");
  CHECK(study::break_even_text({Where::kAbove, 4, ""}, {BreakEvenAxis::kBatch, 1, 64}) ==
        "gains from a batch of 4 on");
  CHECK(study::break_even_text({Where::kNowhere, 0, ""}, {BreakEvenAxis::kArea, 2, 8}) ==
        "gains nowhere from 2 to 8 mm2");
  for (const auto axis : {BreakEvenAxis::kBandwidth, BreakEvenAxis::kBatch, BreakEvenAxis::kArea})
    CHECK(study::break_even_axis(study::name_of(axis)) == axis);
}

TEST_CASE("minimal hardware has what a row uses, of what there is") {
  isa::HwParams given = arch::load_arch("edge-16x16").hw;
  given.structured = 1;
  study::StudyFigures used;
  used.widths = "int8";
  used.formats = {{"dense", 9}};
  const isa::HwParams plain = study::minimal_hardware(given, used);
  CHECK(study::changes_of(given, plain) ==
        std::vector<std::string>{"precision.weight_bits=8", "precision.activation_bits=8",
                                 "precision.codebook=0", "sparsity.bitmask=0",
                                 "sparsity.structured=0"});
  used.widths = "w4a8";
  used.formats = {{"dense", 2}, {"2:4", 7}};
  const isa::HwParams some = study::minimal_hardware(given, used);
  CHECK(some.weight_bits == 4);
  CHECK(some.act_bits == 8);
  CHECK(some.structured == 1);
  CHECK(some.bitmask == 0);
  used.formats = {{"bitmask", 2}, {"codebook", 7}};
  given.codebook = 0;  // what is not there is not added
  CHECK(study::minimal_hardware(given, used).bitmask == 1);
  CHECK(study::minimal_hardware(given, used).codebook == 0);
}

TEST_CASE("a machine is scaled to an area, and to its own it stays as it is") {
  const energy::EnergyTable table = energy::load_energy_table(energy::kDefaultEnergyTable);
  const auto area = [&](const isa::HwParams& hw) {
    return energy::estimate_area(table, hw).total_mm2();
  };
  for (const char* name : {"edge-4x4", "edge-16x16", "nvdla-256", "cloud-128x128"}) {
    INFO(name);
    const isa::HwParams hw = arch::load_arch(name).hw;
    CHECK(study::scaled_to_area(hw, area(hw), table) == hw);
    const double larger = 1.5 * area(hw);
    const auto made = study::scaled_to_area(hw, larger, table);
    REQUIRE(made);
    CHECK(arch::check_params(*made).empty());
    CHECK(area(*made) <= larger);
    CHECK(area(*made) > 0.97 * larger);
    CHECK(made->rows * made->cols > hw.rows * hw.cols);
    CHECK(made->wb_tiles == hw.wb_tiles);
  }
  isa::HwParams narrow = arch::load_arch("edge-16x16").hw;
  const double mm2 = area(narrow);
  narrow.structured = 1;  // pays with buffer, as the next smaller array is further away
  const auto made = study::scaled_to_area(narrow, mm2, table);
  REQUIRE(made);
  CHECK(made->rows * made->cols == 256);
  CHECK(made->ub_kib < narrow.ub_kib);
  CHECK(!study::scaled_to_area(narrow, 0.5, table));  // less than its burst slots take
}

}  // namespace
}  // namespace systole
