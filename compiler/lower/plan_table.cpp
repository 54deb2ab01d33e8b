// SPDX-License-Identifier: Apache-2.0
// Looks among answers, the last ones first.
#include "compiler/lower/plan_table.h"

#include <algorithm>

#include "compiler/lower/row_packing.h"

namespace systole::lower {
namespace {

int number_of(const Residence& r) {
  return r.in | r.residual << 1 | r.out << 2 | r.store << 3 | r.banded << 4;
}

/// `rows` output rows of one item of `layer`.
Layer band_of(const Layer& layer, int64_t rows) {
  Layer band = layer;
  WindowDim& h = band.shape.h;
  band.shape.n = 1;
  h.out = rows;
  h.in = std::min(h.in, (rows - 1) * h.stride + (h.kernel - 1) * h.dilation + 1);
  return band;
}

/// Whether the search for plans sees no difference between `a` and `b`.
bool plans_alike(const Layer& a, const Layer& b) {
  const auto seen = [](const Layer& l) {
    return std::tuple(l.type, l.sum, l.exclude_pad, l.in_dense, l.in_pixels, l.has_residual(),
                      l.residual_pixel, l.sums, l.stored_pad_byte.has_value(), l.in_narrow,
                      l.residual_narrow, l.out_narrow, l.in_channels, l.format,
                      l.codebook.has_value(), l.masked_share);
  };
  const auto seen_of_weights = [](const Layer& l) {
    return std::tuple(l.op->conv.group, l.op->conv.weight_bits, has_zero(l));
  };
  return a.shape == b.shape && seen(a) == seen(b) &&
         (!a.uses_mxu() || seen_of_weights(a) == seen_of_weights(b));
}

}  // namespace

PlanTables::PlanTables(const std::vector<Layer>& layers, const arch::ArchConfig& arch)
    : layers_(layers), arch_(arch), alike_(layers.size()) {
  for (size_t i = 0; i < layers.size(); ++i)
    while (alike_[i] < i && !plans_alike(layers[alike_[i]], layers[i])) ++alike_[i];
}

std::optional<Plan> PlanTables::answer(const Key& key, const Layer& layer,
                                       const Residence& residence, const FreeSpace& space) {
  std::vector<Answer>& answers = answers_[key];
  const Plan* hint = nullptr;
  for (size_t k = answers.size(); k-- > 0;) {
    const Answer& known = answers[k];
    const bool fit = known.plan && fits(space, *known.plan);
    if ((fit || !known.plan) && space.within(known.space)) return known.plan;
    if (fit && (!hint || plan_cost(known.plan->work) < plan_cost(hint->work))) hint = &*known.plan;
  }
  answers.push_back({space, plan_layer(layer, residence, arch_, space, std::get<3>(key), hint)});
  return answers.back().plan;
}

std::optional<Plan> PlanTables::best(size_t index, const Residence& residence,
                                     const FreeSpace& space, bool pack_rows) {
  return answer({alike_[index], 0, number_of(residence), pack_rows}, layers_[index], residence,
                space);
}

std::optional<Plan> PlanTables::best_band(size_t index, int64_t rows, const Residence& residence,
                                          const FreeSpace& space, bool pack_rows) {
  return answer({alike_[index], rows, number_of(residence), pack_rows},
                band_of(layers_[index], rows), residence, space);
}

}  // namespace systole::lower
