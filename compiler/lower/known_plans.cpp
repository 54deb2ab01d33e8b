// SPDX-License-Identifier: Apache-2.0
// Looks among answers, the last ones first.
#include "compiler/lower/known_plans.h"

#include <algorithm>
#include <tuple>

#include "compiler/lower/row_packing.h"

namespace systole::lower {
namespace {

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
    return std::tuple(l.op->body.index(), l.sum, l.exclude_pad, l.in_dense, l.in_pixels,
                      l.has_residual(), l.residual_pixel, l.sums, l.stored_pad_byte.has_value(),
                      l.in_narrow, l.residual_narrow, l.out_narrow, l.in_channels, l.format,
                      l.codebook.has_value(), l.masked_share);
  };
  const auto seen_of_weights = [](const Layer& l) {
    return std::tuple(l.op->conv().group, l.op->conv().weight_type.bits(), has_zero(l));
  };
  return a.shape == b.shape && seen(a) == seen(b) &&
         (!a.uses_mxu() || seen_of_weights(a) == seen_of_weights(b));
}

}  // namespace

KnownPlans::KnownPlans(const std::vector<Layer>& layers, const arch::ArchConfig& arch)
    : layers_(layers),
      arch_(arch),
      whole_(arch::Geometry(arch.hw).ub_words, arch::Geometry(arch.hw).bank_words),
      alike_(layers.size()) {
  for (size_t i = 0; i < layers.size(); ++i)
    while (alike_[i] < i && !plans_alike(layers[alike_[i]], layers[i])) ++alike_[i];
}

std::optional<Plan> KnownPlans::best_band(size_t index, int64_t rows, const Residence& residence,
                                          const FreeSpace& space, bool pack_rows) {
  Answers& answers = answers_[{alike_[index], rows, residence, pack_rows}];
  const Layer band = rows == kAllRows ? layers_[index] : band_of(layers_[index], rows);
  const auto search = [&](const FreeSpace& room, const Plan* known) {
    return plan_layer(band, residence, arch_, room, pack_rows, known);
  };
  if (!answers.anywhere) answers.anywhere = search(whole_, nullptr);
  const std::optional<Plan>& cheapest = *answers.anywhere;
  if (!cheapest || fits(space, *cheapest)) return cheapest;

  const Plan* fitting = nullptr;  // the cheapest of those for other spaces
  for (size_t k = answers.elsewhere.size(); k-- > 0;) {
    const auto& [asked, plan] = answers.elsewhere[k];
    const bool fit = plan && fits(space, *plan);
    if ((fit || !plan) && space.within(asked)) return plan;
    if (fit && (!fitting || plan_cost(plan->work) < plan_cost(fitting->work))) fitting = &*plan;
  }
  return answers.elsewhere.emplace_back(Answer{space, search(space, fitting)}).plan;
}

}  // namespace systole::lower
