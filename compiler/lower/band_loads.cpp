// SPDX-License-Identifier: Apache-2.0
// A stream of weights a layer, times its bands.
#include "compiler/lower/band_loads.h"

#include "compiler/lower/cost.h"

namespace systole::lower {
namespace {

/// All weights of `layer`, once, as whichever plan of words or slices has fewer of them.
Work stream_of(const Layer& layer, double beat, const arch::Geometry& geometry) {
  const auto loads = [&](bool sliced) {
    Plan plan;
    plan.shape = layer.shape;
    plan.sliced = sliced;
    return weight_loads(column_weights(layer, plan, geometry), layer.shape.oc, beat, geometry);
  };
  const Work whole = loads(false);
  if (!layer.uses_mxu() || geometry.lanes % geometry.rows == 0) return whole;
  const Work sliced = loads(true);
  return whole.memory < sliced.memory ? whole : sliced;
}

}  // namespace

BandLoads::BandLoads(const std::vector<Layer>& layers, const arch::ArchConfig& arch)
    : layers_(layers) {
  const arch::Geometry geometry(arch.hw);
  const double beat = beat_cycles(arch, geometry);
  for (const Layer& layer : layers) streams_.push_back(stream_of(layer, beat, geometry));
}

Work BandLoads::least(Range group, const BandSchedule& schedule, int64_t first) const {
  Work loads;
  for (int64_t m = first; m < group.count; ++m) {
    const auto index = static_cast<size_t>(group.first + m);
    if (m == 0 && layers_[index].in_pixels) continue;  // windows take other weights
    const LayerShape& s = layers_[index].shape;
    const int64_t made = most_rows(schedule, static_cast<size_t>(m)).made.count;
    loads += streams_[index] *
             (static_cast<double>(s.h.out) / static_cast<double>(made) * static_cast<double>(s.n));
  }
  return loads;
}

}  // namespace systole::lower
