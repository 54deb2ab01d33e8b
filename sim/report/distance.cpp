// SPDX-License-Identifier: Apache-2.0
// Finds the unit that a bound is about and takes its cycles apart.
#include "sim/report/distance.h"

#include <algorithm>

#include "model/isa/causes.h"

namespace systole::report {
namespace {

using isa::Cause;
using isa::Unit;

Unit busiest_dma(const DramBytes& bytes) {
  const int64_t lda = bytes.activations_read + bytes.params, ldw = bytes.weights;
  if (ldw >= std::max(lda, bytes.activations_written)) return Unit::kLdw;
  return lda >= bytes.activations_written ? Unit::kLda : Unit::kSto;
}

Unit bounding_unit(const Bounds& bounds, const DramBytes& bytes) {
  switch (bounds.largest_kind()) {
    case Bounds::Kind::kMxu:
      return Unit::kMxu;
    case Bounds::Kind::kVpu:
      return Unit::kVpu;
    case Bounds::Kind::kMemory:
      break;
  }
  return busiest_dma(bytes);
}

bool at_work(Unit unit, Cause cause) {
  if (cause == Cause::kBusy) return true;
  if (unit == Unit::kMxu) return cause == Cause::kWeightLoad;  // the bound knows max(M, ROWS)
  return unit != Unit::kVpu && cause == Cause::kMemory;
}

}  // namespace

std::vector<Distance::Term> Distance::terms() const {
  std::vector<Term> terms;
  if (work != 0) terms.push_back({"work", work});
  for (size_t c = 0; c < waits.size(); ++c)
    if (waits[c] > 0)
      terms.push_back({isa::cause_name(static_cast<Cause>(c)), static_cast<int64_t>(waits[c])});
  std::stable_sort(terms.begin(), terms.end(),
                   [](const Term& a, const Term& b) { return a.cycles > b.cycles; });
  return terms;
}

Distance distance_to_bound(Cycle cycles, const Bounds& bounds, const UnitCycles& units,
                           const DramBytes& bytes) {
  const auto bound = static_cast<int64_t>(bounds.largest());
  Distance distance;
  distance.unit = bounding_unit(bounds, bytes);
  distance.cycles = static_cast<int64_t>(cycles) - bound;
  distance.work = -bound;
  const CauseCycles& unit = units[static_cast<size_t>(distance.unit)];
  for (size_t c = 0; c < unit.size(); ++c) {
    if (at_work(distance.unit, static_cast<Cause>(c)))
      distance.work += static_cast<int64_t>(unit[c]);
    else
      distance.waits[c] = unit[c];
  }
  return distance;
}

}  // namespace systole::report
