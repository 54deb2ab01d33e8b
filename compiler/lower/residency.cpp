// SPDX-License-Identifier: Apache-2.0
// Greedy residency: a tensor stays on chip if the layers it lives through get cheaper by it.
#include "compiler/lower/residency.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "compiler/lower/grouping.h"
#include "compiler/lower/known_plans.h"
#include "compiler/lower/refine.h"
#include "compiler/lower/tiling.h"
#include "model/base/error.h"

namespace systole::lower {
namespace {

/// A layer that cannot be planned costs this much: more than any sum of real costs.
constexpr double kImpossible = 1e30;

class Placer {
 public:
  Placer(const graph::QGraph& graph, const std::vector<Layer>& layers, const arch::ArchConfig& arch,
         const choices::Choices& choices)
      : graph_(graph),
        layers_(layers),
        arch_(arch),
        choices_(choices),
        geometry_(arch.hw),
        plans_(layers, arch) {
    lifetimes_ = tensor_lifetimes(graph, layers);
    result_.resident.resize(graph.tensors.size());
    result_.plans.resize(layers.size());
    result_.staging.resize(layers.size());
    result_.bands.resize(graph.tensors.size());
    costs_.resize(layers.size());
    shares_.resize(graph.tensors.size());
    made_.resize(graph.tensors.size());
    for (const Layer& layer : layers) made_[layer.out] = made_[graph.storage(layer.out)] = true;
    for (size_t i = 0; i < graph.tensors.size(); ++i) {
      if (!graph.tensors[i].place) continue;
      shares_[i] = shares_[graph.tensors[i].place->base] = true;
    }
  }

  Placement run(const std::function<void()>& step) {
    for (size_t i = 0; i < layers_.size(); ++i, step()) costs_[i] = plan(i, is_first(i));
    for (const Layer& layer : layers_) {
      if (choices_.keep_on_chip) try_resident(layer.out);
      step();
    }
    for (size_t i = 0; i < layers_.size(); ++i)
      if (!is_first(i)) costs_[i] = plan(i, true);
    for (size_t i = 0; i < layers_.size(); ++i)
      if (costs_[i] >= kImpossible) fail(i);
    const bool bands = choices_.bands && choices_.keep_on_chip;
    group_layers(graph_, layers_, arch_, lifetimes_, bands, plans_, result_, step);
    refine_plans(graph_, layers_, arch_, lifetimes_, result_, step);
    return std::move(result_);
  }

 private:
  bool lives(graph::TensorId tensor, size_t layer) const {
    const Range& life = lifetimes_[tensor];
    const auto at = static_cast<int64_t>(layer);
    return life.first <= at && at < life.end();
  }

  /// Whether a layer reads what no other makes. Only these have their rows packed before it is
  /// settled what is resident: a tensor is not sent through DRAM to be packed.
  bool is_first(size_t layer) const {
    const graph::TensorId in = layers_[layer].in;
    return !made_[in] && !made_[graph_.storage(in)];
  }

  double plan(size_t layer, bool pack_rows) {
    const Residence residence = residence_of(layers_, layer, graph_, result_);
    const FreeSpace space =
        free_during(result_, lifetimes_, {static_cast<int64_t>(layer), 1}, geometry_);
    const std::optional<Plan> best = plans_.best(layer, residence, space, pack_rows);
    if (!best) return kImpossible;
    result_.plans[layer] = *best;
    return plan_cost(best->work);
  }

  /// Resident tensors that units read or write while they read or write `tensor`: the operands of
  /// its layers.
  std::vector<Range> rivals(graph::TensorId tensor) const {
    std::vector<Range> found;
    for (size_t i = 0; i < layers_.size(); ++i) {
      if (!lives(tensor, i)) continue;
      const Layer& layer = layers_[i];
      if (tensor != layer.in && tensor != layer.out && tensor != layer.residual) continue;
      for (const graph::TensorId other : {layer.in, layer.out, layer.residual})
        if (other >= 0 && other != tensor && result_.resident[other])
          found.push_back(*result_.resident[other]);
    }
    return found;
  }

  void try_resident(graph::TensorId tensor) {
    const graph::QTensor& t = graph_.tensors[tensor];
    if (shares_[tensor] || t.sums()) return;
    const int64_t words = t.n * t.h * t.w * geometry_.words(t.pixel_bytes());
    if (words > geometry_.ub_words) return;
    const Range life = lifetimes_[tensor];
    const auto address =
        free_during(result_, lifetimes_, life, geometry_).spread_fit(words, rivals(tensor), {});
    if (!address) return;
    result_.resident[tensor] = Range{*address, words};

    std::vector<Plan> old_plans(result_.plans);
    std::vector<double> old_costs(costs_);
    double before = 0, after = 0;
    for (auto i = static_cast<size_t>(life.first); i < static_cast<size_t>(life.end()); ++i) {
      before += costs_[i];
      after += costs_[i] = plan(i, is_first(i));
    }
    if (after < before) return;
    result_.resident[tensor].reset();
    result_.plans = std::move(old_plans);
    costs_ = std::move(old_costs);
  }

  [[noreturn]] void fail(size_t layer) const {
    const int64_t words = least_words(layers_[layer], arch_);
    const std::string need =
        words == std::numeric_limits<int64_t>::max()
            ? "no tiling keeps its strides and counts within the instruction fields"
            : fmt::format(
                  "its smallest tile needs {} words of {} bytes in the unified buffer, which has "
                  "{}",
                  words, geometry_.word_bytes, geometry_.ub_words);
    throw Error(fmt::format("layer '{}' ({}) does not fit: {}", layers_[layer].op->name,
                            layers_[layer].op->kind, need),
                ExitCode::kCannotCompile);
  }

  const graph::QGraph& graph_;
  const std::vector<Layer>& layers_;
  const arch::ArchConfig& arch_;
  const choices::Choices& choices_;
  const arch::Geometry geometry_;
  KnownPlans plans_;
  std::vector<Range> lifetimes_;  ///< by tensor, in layers; network inputs from layer 0
  std::vector<double> costs_;     ///< by layer
  std::vector<bool> shares_;      ///< by tensor: it lies in another one or others lie in it
  std::vector<bool> made_;        ///< by tensor: by a layer
  Placement result_;
};

}  // namespace

Placement place_tensors(const graph::QGraph& graph, const std::vector<Layer>& layers,
                        const arch::ArchConfig& arch, const choices::Choices& choices,
                        const std::function<void()>& step) {
  return Placer(graph, layers, arch, choices).run(step);
}

}  // namespace systole::lower
