// SPDX-License-Identifier: Apache-2.0
// Each cycle of a run belongs to one layer: rules, ties and edges.
#include "model/core/cycle_owner.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

namespace systole {
namespace {

using isa::Unit;
using Owners = std::vector<core::OwnedCycles>;

core::RetireEvent work(Unit unit, uint16_t tag, Cycle start, Cycle end) {
  return {0, unit, tag, start, end};
}

TEST_CASE("a cycle belongs to the matrix unit's work, else the vector unit's, else the store's") {
  const std::vector<core::RetireEvent> retired = {
      work(Unit::kMxu, 1, 10, 19), work(Unit::kVpu, 2, 15, 29), work(Unit::kSto, 3, 12, 39)};
  CHECK(core::cycle_owners(retired, 40) == Owners{{0, 20, 1}, {20, 30, 2}, {30, 40, 3}});
}

TEST_CASE("waiting belongs to what is waited for, the end of the run to the last at work") {
  const std::vector<core::RetireEvent> retired = {
      work(Unit::kMxu, 1, 10, 19), work(Unit::kVpu, 2, 50, 59), work(Unit::kMxu, 3, 80, 89)};
  CHECK(core::cycle_owners(retired, 100) == Owners{{0, 20, 1}, {20, 60, 2}, {60, 100, 3}});
}

TEST_CASE("the last sums of a matmul leave the array in cycles of the next") {
  const std::vector<core::RetireEvent> retired = {work(Unit::kMxu, 1, 10, 30),
                                                  work(Unit::kMxu, 2, 25, 45)};
  CHECK(core::cycle_owners(retired, 46) == Owners{{0, 25, 1}, {25, 46, 2}});
}

TEST_CASE("layers that take turns get their own turns") {
  std::vector<core::RetireEvent> retired;
  for (Cycle band = 0; band < 4; ++band) {
    retired.push_back(work(Unit::kMxu, 1, 100 * band, 100 * band + 59));
    retired.push_back(work(Unit::kMxu, 2, 100 * band + 60, 100 * band + 99));
  }
  Cycle first = 0, second = 0;
  for (const core::OwnedCycles& owned : core::cycle_owners(retired, 400))
    (owned.tag == 1 ? first : second) += owned.to - owned.from;
  CHECK(first == 4 * 60);
  CHECK(second == 4 * 40);
}

TEST_CASE("loads run ahead and own nothing") {
  const std::vector<core::RetireEvent> retired = {
      work(Unit::kLda, 9, 0, 50), work(Unit::kLdw, 9, 0, 50), work(Unit::kMxu, 1, 10, 19)};
  CHECK(core::cycle_owners(retired, 60) == Owners{{0, 60, 1}});
  CHECK(core::cycle_owners({retired[0], retired[1]}, 60).empty());
  CHECK(core::cycle_owners({}, 60).empty());
}

TEST_CASE("what starts in the same cycle is asked in the order of units") {
  CHECK(core::cycle_owners({work(Unit::kVpu, 2, 5, 5), work(Unit::kMxu, 1, 5, 5)}, 8) ==
        Owners{{0, 8, 1}});
  CHECK(core::cycle_owners({work(Unit::kVpu, 2, 5, 5), work(Unit::kVpu, 3, 6, 6)}, 7) ==
        Owners{{0, 6, 2}, {6, 7, 3}});
}

TEST_CASE("whatever the log, every cycle has one owner, and it is the one the rules name") {
  std::mt19937 rng(GENERATE(1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u));
  std::vector<core::RetireEvent> retired;
  for (const Unit unit : {Unit::kMxu, Unit::kVpu, Unit::kSto, Unit::kLda}) {
    Cycle start = 0;
    for (int i = 0; i < 12; ++i) {
      start += 1 + rng() % 12;
      retired.push_back(
          work(unit, static_cast<uint16_t>(1 + rng() % 3), start, start + rng() % 15));
    }
  }
  const Cycle cycles = 200;
  std::vector<uint16_t> owner(cycles);
  Cycle reached = 0;
  for (const core::OwnedCycles& owned : core::cycle_owners(retired, cycles)) {
    CHECK(owned.from == reached);
    CHECK(owned.to > owned.from);
    reached = owned.to;
    for (Cycle c = owned.from; c < owned.to; ++c) owner[c] = owned.tag;
  }
  REQUIRE(reached == cycles);
  for (Cycle c = 0; c < cycles; ++c) {
    const core::RetireEvent* found = nullptr;
    for (const Unit unit : {Unit::kMxu, Unit::kVpu, Unit::kSto}) {
      for (const core::RetireEvent& event : retired)
        if (event.unit == unit && event.start <= c) {  // the last that started, if it still works
          const bool latest = std::none_of(retired.begin(), retired.end(), [&](const auto& other) {
            return other.unit == unit && other.start > event.start && other.start <= c;
          });
          if (latest && event.end >= c) found = &event;
        }
      if (found != nullptr) break;
    }
    if (found == nullptr)  // the next to start
      for (const Unit unit : {Unit::kMxu, Unit::kVpu, Unit::kSto})
        for (const core::RetireEvent& event : retired)
          if (event.unit == unit && event.start > c && (!found || event.start < found->start))
            found = &event;
    INFO("cycle " << c);
    if (found != nullptr) CHECK(owner[c] == found->tag);
  }
}

}  // namespace
}  // namespace systole
