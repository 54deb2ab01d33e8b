// SPDX-License-Identifier: Apache-2.0
// Draws prices by a seed, the same on every machine.
#include "sim/reprice/robust.h"

#include <cmath>
#include <map>

#include "model/base/error.h"
#include "model/base/seeded_random.h"

namespace systole::reprice {
namespace {

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}

  double factor(bool extrapolated) {
    constexpr int64_t kSteps = int64_t{1} << 53;
    const double place = 2 * static_cast<double>(random_.below(kSteps)) / kSteps - 1;  // -1 to 1
    return extrapolated ? std::pow(kUncertainExtrapolated, place) : 1 + kUncertain * place;
  }
  arch::DramEnergy vary(arch::DramEnergy energy) {
    for (arch::EnergyEntry* entry : {&energy.read_byte, &energy.write_byte, &energy.activation})
      entry->value *= factor(entry->extrapolated);
    return energy;
  }

 private:
  SeededRandom random_;
};

/// A database has no marks of what is extrapolated; the memory's own file has.
arch::DramEnergy marked(const arch::DdrConfig& memory) {
  arch::DramEnergy energy = memory.energy;
  try {
    const arch::DramEnergy file = arch::ddr_preset(memory.preset).energy;
    energy.read_byte.extrapolated = file.read_byte.extrapolated;
    energy.write_byte.extrapolated = file.write_byte.extrapolated;
    energy.activation.extrapolated = file.activation.extrapolated;
  } catch (const Error&) {  // a file of its own that is not here
  }
  return energy;
}

}  // namespace

std::vector<double> shares_on_front(const Points& points, const energy::Prices& prices,
                                    const std::vector<bool>& out, const Robustness& how,
                                    const std::function<void(int64_t)>& progress) {
  std::map<std::string, arch::DramEnergy> memories;
  for (const arch::ArchConfig& machine : points.machines)
    if (machine.memory.kind == "ddr" && !memories.contains(machine.memory.ddr.preset))
      memories[machine.memory.ddr.preset] = prices.rows(marked(machine.memory.ddr));
  Pricer pricer(points);
  Draw draw(how.seed);
  std::vector<int64_t> times(points.size());
  for (int64_t i = 0; i < how.draws; ++i) {
    energy::EnergyTable table = prices.table;
    energy::vary(table, [&](bool extrapolated) { return draw.factor(extrapolated); });
    std::map<std::string, arch::DramEnergy> varied;
    for (const auto& [name, energy] : memories) varied[name] = draw.vary(energy);
    const auto rows = [&](const arch::DdrConfig& memory) { return varied.at(memory.preset); };
    const std::vector<bool> is_on =
        on_front(points, costs_of(points, pricer.price(table, rows)), out);
    for (size_t at = 0; at < times.size(); ++at) times[at] += is_on[at];
    progress(i + 1);
  }
  std::vector<double> shares;
  shares.reserve(times.size());
  for (const int64_t count : times)
    shares.push_back(static_cast<double>(count) / static_cast<double>(how.draws));
  return shares;
}

}  // namespace systole::reprice
