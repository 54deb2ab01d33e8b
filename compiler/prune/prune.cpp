// SPDX-License-Identifier: Apache-2.0
// Applies one request after the other.
#include "compiler/prune/prune.h"

#include "compiler/prune/channel_scores.h"
#include "compiler/prune/channels.h"
#include "compiler/prune/codebook.h"
#include "compiler/prune/layers.h"
#include "compiler/prune/low_rank.h"
#include "compiler/prune/magnitude.h"
#include "model/arch/geometry.h"

namespace systole::prune {
namespace {

/// Layers know their size before pruning, so that reports can tell what it saved.
void remember_size(const std::vector<graph::Graph*>& parts) {
  for (graph::Graph* graph : parts) {
    for (graph::Node& node : graph->nodes) {
      auto* conv = node.if_is<graph::Conv>();
      if (conv == nullptr || conv->dense_macs != 0) continue;
      const graph::Chw out = graph->shape(node.output);
      conv->dense_macs = out.h * out.w * static_cast<int64_t>(conv->weights.size());
    }
  }
}

bool any(const PruneLayer&) { return true; }
bool not_depthwise(const PruneLayer& layer) { return !layer.depthwise; }
bool not_grouped(const PruneLayer& layer) { return layer.conv().group == 1; }

constexpr const char* kDepthwise = "depthwise convolutions";
constexpr const char* kGrouped = "convolutions in groups";

class Pruner {
 public:
  Pruner(const std::vector<graph::Graph*>& parts, const PruneOptions& options)
      : parts_(parts), geometry_(options.hw), calibration_(options.calibration) {}

  void apply(const PruneSpec& spec) {
    const std::vector<PruneLayer> layers = prunable_layers(parts_);
    const auto select = [&](auto suits, const char* unsuited) {
      return select_layers(layers, spec, suits, unsuited);
    };
    switch (spec.kind) {
      case PruneKind::kUnstructured:
        return mask(select(any, ""), prune_unstructured, spec.amount);
      case PruneKind::kGlobalUnstructured:
        return mask(select(any, ""), prune_global_unstructured, spec.amount);
      case PruneKind::kNm:
        return mask(fitting(select(not_depthwise, kDepthwise), spec, unfit_for_nm), prune_nm, spec);
      case PruneKind::kBlock:
        return mask(select(not_grouped, kGrouped), prune_blocks, spec, geometry_);
      case PruneKind::kVector:
        return mask(select(not_grouped, kGrouped), prune_vectors, spec, geometry_);
      case PruneKind::kKernel:
        return mask(select(not_depthwise, kDepthwise), prune_kernels, spec.amount);
      case PruneKind::kLowRank:
        return split_low_rank(fitting(select(not_grouped, kGrouped), spec, unfit_for_low_rank),
                              spec);
      case PruneKind::kCodebook:
        return share_weights(select(any, ""), spec);
      case PruneKind::kChannel: {
        const std::vector<PruneLayer> selected = select(not_grouped, kGrouped);
        const ChannelScores scores = channel_scores(layers, selected, spec, calibration_);
        return prune_channels(layers, selected, spec, scores, result_.warnings);
      }
    }
  }

  PruneResult take() { return std::move(result_); }

 private:
  template <typename F>
  std::vector<PruneLayer> fitting(const std::vector<PruneLayer>& layers, const PruneSpec& spec,
                                  F unfit) {
    return fitting_layers(
        layers, spec, [&](const PruneLayer& layer) { return unfit(layer, spec); },
        result_.warnings);
  }

  template <typename F, typename... Arguments>
  void mask(const std::vector<PruneLayer>& layers, F zero, const Arguments&... arguments) {
    zero(layers, arguments...);
    for (const PruneLayer& layer : layers) result_.masked.insert(layer.name());
  }

  const std::vector<graph::Graph*>& parts_;
  const arch::Geometry geometry_;
  const std::vector<data::Item>* calibration_;
  PruneResult result_;
};

}  // namespace

PruneResult prune(const std::vector<graph::Graph*>& parts, const PruneOptions& options) {
  if (options.specs.empty()) return {};
  remember_size(parts);
  Pruner pruner(parts, options);
  for (const PruneSpec& spec : options.specs) {
    pruner.apply(spec);
    for (const graph::Graph* graph : parts) graph::verify(*graph, "prune " + spec.text);
  }
  return pruner.take();
}

}  // namespace systole::prune
