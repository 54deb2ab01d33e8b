// SPDX-License-Identifier: Apache-2.0
// Lifetimes, overlap check and text of a placement.
#include "compiler/lower/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "model/arch/error.h"

namespace systole {

Residence residence_of(const Layer& layer, const QGraph& graph,
                       const std::vector<std::optional<Range>>& resident) {
  Residence r;
  r.in = resident[layer.in].has_value();
  r.residual = layer.has_residual() && resident[layer.residual].has_value();
  r.out = resident[layer.out].has_value();
  const bool is_output =
      std::find(graph.outputs.begin(), graph.outputs.end(), layer.out) != graph.outputs.end();
  r.store = is_output || !r.out;
  return r;
}

std::vector<Range> tensor_lifetimes(const QGraph& graph, const std::vector<Layer>& layers) {
  std::vector<Range> lifetimes(graph.tensors.size());
  for (size_t i = 0; i < layers.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    lifetimes[layers[i].out] = {at, 1};
    for (const TensorId used : {layers[i].in, layers[i].residual})
      if (used >= 0) lifetimes[used].count = at + 1 - lifetimes[used].first;
  }
  return lifetimes;
}

void verify(const Placement& placement, const QGraph& graph, const std::vector<Layer>& layers,
            const Geometry& geometry) {
  const std::vector<Range> lifetimes = tensor_lifetimes(graph, layers);
  for (size_t i = 0; i < layers.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    std::vector<Range> used;
    for (size_t t = 0; t < lifetimes.size(); ++t)
      if (placement.resident[t] && lifetimes[t].first <= at && at < lifetimes[t].end())
        used.push_back(*placement.resident[t]);
    const StagingPlaces& staging = placement.staging[i];
    for (const auto* list : {&staging.in, &staging.residual, &staging.out})
      used.insert(used.end(), list->begin(), list->end());
    std::sort(used.begin(), used.end(), [](Range a, Range b) { return a.first < b.first; });
    int64_t free = 0;
    for (const Range& range : used) {
      if (range.first < free || range.end() > geometry.ub_words)
        throw Error(
            fmt::format("internal: layer '{}': words {}..{} of the unified buffer are placed "
                        "twice or do not exist",
                        layers[i].op->name, range.first, range.end() - 1),
            ExitCode::kCannotCompile);
      free = range.end();
    }
  }
}

std::string to_text(const Placement& placement, const QGraph& graph,
                    const std::vector<Layer>& layers) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    const auto& words = placement.resident[t];
    if (words)
      fmt::format_to(out, "tensor '{}' stays in words {}..{}\n", graph.tensors[t].name,
                     words->first, words->end() - 1);
    else
      fmt::format_to(out, "tensor '{}' goes through DRAM\n", graph.tensors[t].name);
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    fmt::format_to(out, "layer {} '{}': {}\n", layers[i].tag, layers[i].op->name,
                   to_text(placement.plans[i]));
    const StagingPlaces& s = placement.staging[i];
    for (const auto& [name, list] :
         {std::pair{"in", &s.in}, {"residual", &s.residual}, {"out", &s.out}})
      for (const Range& r : *list)
        fmt::format_to(out, "  {} buffer: words {}..{}\n", name, r.first, r.end() - 1);
  }
  return text;
}

}  // namespace systole
