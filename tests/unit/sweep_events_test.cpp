// SPDX-License-Identifier: Apache-2.0
// What a database keeps of a point is enough for its energy and area, without simulating again.
#include <catch2/catch.hpp>

#include "sim/energy/area.h"
#include "sim/energy/energy.h"
#include "sim/sweep/identity.h"
#include "sim/sweep/run_point.h"
#include "tests/unit/results_fixture.h"

namespace systole::sweep {
namespace {

SweepPoint point_with(const std::string& table) {
  SweepPoint point;
  point.network = "lenet";
  point.file = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data/lenet_fmnist.onnx";
  point.arch = "edge-16x16";
  point.set = {"memory.kind=ddr", "memory.preset=ddr4-2400"};
  point.batch = 2;
  point.energy_table = table;
  return point;
}

/// Into `store` with all that can be kept.
void run_into(results::Store& store, const SweepPoint& point) {
  const arch::ArchConfig arch = arch::load_arch(point.arch, point.set);
  const nlohmann::json made =
      run_point(point, arch, make_front_half(point, arch),
                energy::load_energy_table(point.energy_table), results::Detail::kAll);
  results::Outcome outcome;
  outcome.finished = true;
  outcome.totals = made.at("totals");
  outcome.layers = made.at("layers");
  store.put(Identifier().configuration(point), results::Detail::kAll, outcome);
}

energy::EnergyEvents events_of(results::Store& store, const std::string& from) {
  energy::EnergyEvents events;
  for (size_t i = 0; i < energy::kEnergyEvents; ++i) {
    const auto event = static_cast<energy::EnergyEvent>(i);
    events[event] = store.connection().number(
        ("SELECT sum(" + std::string(energy::energy_event_info(event).name) + ") FROM " + from)
            .c_str());
  }
  return events;
}

TEST_CASE("energy and area of another table follow from the events that a database keeps") {
  results::Store first("", "1"), second("", "1");
  const std::vector<std::string> tables = energy::list_energy_tables();
  REQUIRE(tables.size() >= 2);
  run_into(first, point_with(tables[0]));
  const SweepPoint other = point_with(tables[1]);
  run_into(second, other);
  const auto simulated = second.find(Identifier().configuration(other).identity);

  const energy::EnergyTable table = energy::load_energy_table(tables[1]);
  const arch::ArchConfig arch = arch::load_arch(other.arch, other.set);
  const energy::EnergyEvents events = events_of(first, "events");
  const energy::EnergyByPart energy = energy::energy_of(events, energy::event_costs(table, arch));
  // uJ an inference: pJ of the batch of 2.
  CHECK(simulated->figures.at("energy_per_inference_uj").get<double>() ==
        energy.total() / 2 * 1e-6);
  CHECK(simulated->figures.at("area_mm2").get<double>() ==
        energy::estimate_area(table, arch.hw).total_mm2());
  CHECK(events == events_of(second, "events"));
  CHECK(events[energy::EnergyEvent::kCycle] == simulated->figures.at("cycles").get<int64_t>());

  energy::EnergyEvents layers = events_of(first, "layer_events");
  CHECK(events[energy::EnergyEvent::kDramActivation] > 0);  // of rows, the run's alone
  CHECK(layers[energy::EnergyEvent::kDramActivation] == 0);
  layers[energy::EnergyEvent::kDramActivation] = events[energy::EnergyEvent::kDramActivation];
  CHECK(layers == events);
}

}  // namespace
}  // namespace systole::sweep
