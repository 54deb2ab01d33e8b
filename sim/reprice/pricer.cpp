// SPDX-License-Identifier: Apache-2.0
// Costs of events are a machine's; counts are a point's.
#include "sim/reprice/pricer.h"

#include "sim/energy/area.h"
#include "sim/energy/energy.h"

namespace systole::reprice {

const double* Price::find(const std::string& figure) const {
  if (figure == "energy_per_inference_uj") return &energy_per_inference_uj;
  if (figure == "average_power_mw") return &average_power_mw;
  return figure == "area_mm2" ? &area_mm2 : nullptr;
}

std::vector<Price> Pricer::price(const energy::EnergyTable& table, const RowsEnergy& rows) {
  std::vector<energy::EventCosts> costs;
  std::vector<double> areas;
  costs.reserve(machines_.size());
  areas.reserve(machines_.size());
  for (size_t i = 0; i < machines_.size(); ++i) {
    arch::MemoryConfig& memory = machines_[i].memory;
    if (memory.kind == "ddr") memory.ddr.energy = rows(points_.machines[i].memory.ddr);
    costs.push_back(energy::event_costs(table, machines_[i]));
    areas.push_back(energy::estimate_area(table, machines_[i].hw).total_mm2());
  }
  std::vector<Price> prices;
  prices.reserve(points_.size());
  for (const Point& point : points_.points) {
    energy::EnergyReport report;  // for its arithmetic
    report.batch = point.items;
    report.seconds = point.latency_ms * 1e-3;
    report.energy = energy::energy_of(point.events, costs[point.machine]);
    prices.push_back(
        {report.per_inference_pj() * 1e-6, report.average_power_mw(), areas[point.machine]});
  }
  return prices;
}

std::vector<Price> Pricer::price(const energy::Prices& prices) {
  return price(prices.table,
               [&](const arch::DdrConfig& memory) { return prices.rows(memory.energy); });
}

std::vector<front::Costs> costs_of(const Points& points, const std::vector<Price>& prices) {
  std::vector<front::Costs> costs;
  costs.reserve(points.size());
  for (size_t i = 0; i < points.size(); ++i) {
    costs.push_back(points.points[i].costs);
    for (size_t k = 0; k < points.objectives.size(); ++k)
      if (const double* figure = prices[i].find(points.objectives[k].figure))
        costs.back()[k] = points.objectives[k].cost(*figure);
  }
  return costs;
}

std::vector<bool> on_front(const Points& points, const std::vector<front::Costs>& costs,
                           const std::vector<bool>& out) {
  std::vector<std::vector<size_t>> rivals(points.rivals);
  for (size_t i = 0; i < points.size(); ++i)
    if (points.points[i].is_weighed && !out[i]) rivals[points.points[i].rivals].push_back(i);
  std::vector<bool> is_on(points.size());
  for (const std::vector<size_t>& some : rivals) {
    std::vector<front::Costs> theirs;
    theirs.reserve(some.size());
    for (const size_t i : some) theirs.push_back(costs[i]);
    for (const size_t at : front::front_of(theirs)) is_on[some[at]] = true;
  }
  return is_on;
}

}  // namespace systole::reprice
