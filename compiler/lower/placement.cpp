// SPDX-License-Identifier: Apache-2.0
// Lifetimes, overlap check and text of a placement.
#include "compiler/lower/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "model/base/error.h"

namespace systole::lower {

namespace {

/// Kinds of buffers, by the units that write and read them; from kAlone on each is its own.
enum Kind { kIn, kInOfVector, kResidual, kOut, kBand, kMaxima, kAlone };

}  // namespace

Residence residence_of(const std::vector<Layer>& layers, size_t index, const graph::QGraph& graph,
                       const Placement& placement) {
  const Layer& layer = layers[index];
  const auto at = static_cast<int64_t>(index);
  const auto band = [&](graph::TensorId t) -> const BandBuffers* {
    const auto& b = placement.bands[t];
    return b && b->layers.first <= at && at < b->layers.end() ? &*b : nullptr;
  };
  const auto held = [&](graph::TensorId t) { return placement.resident[t] || band(t); };
  Residence r;
  r.in = held(layer.in);
  r.residual = layer.has_residual() && held(layer.residual);
  r.out = held(layer.out);
  const bool is_output =
      std::find(graph.outputs.begin(), graph.outputs.end(), layer.out) != graph.outputs.end();
  const BandBuffers* out_band = band(layer.out);
  r.store = is_output || !r.out || (out_band && out_band->store);
  return r;
}

FreeSpace free_during(const Placement& placement, const std::vector<Range>& lifetimes, Range life,
                      const arch::Geometry& geometry) {
  FreeSpace space(geometry.ub_words, geometry.bank_words);
  for (size_t t = 0; t < placement.resident.size(); ++t) {
    const Range& other = lifetimes[t];
    if (placement.resident[t] && other.first < life.end() && life.first < other.end())
      space.take(*placement.resident[t]);
  }
  return space;
}

std::vector<Range> place_group(const graph::QGraph& graph, const std::vector<Layer>& layers,
                               const std::vector<Range>& lifetimes, const arch::Geometry& geometry,
                               const LayerGroup& group, const std::vector<Range>& before,
                               Placement& placement, const PlacePreference& preference) {
  std::vector<Buffer> buffers;
  std::vector<Range*> places;
  int alone = kAlone;
  const auto want = [&](std::vector<Range>& list, size_t count, int64_t words, int kind) {
    list.assign(count, {});
    for (Range& range : list) {
      buffers.push_back({words, preference.by_kind && kind != kAlone ? kind : alone++});
      places.push_back(&range);
    }
  };
  std::vector<Range> operands;
  for (int64_t i = group.layers.first; i < group.layers.end(); ++i) {
    const auto index = static_cast<size_t>(i);
    const Layer& layer = layers[index];
    const Plan& plan = placement.plans[index];
    StagingPlaces& staging = placement.staging[index];
    if (auto& bands = placement.bands[layer.out]; bands && bands->layers == group.layers) {
      const graph::QTensor& t = graph.tensors[layer.out];
      want(bands->buffers, bands->buffers.size(),
           bands->rows * t.w * geometry.words(t.pixel_bytes()), bands->store ? kAlone : kBand);
    }
    const auto stage = [&](std::vector<Range>& list, const Staging& wanted, int kind) {
      want(list, static_cast<size_t>(wanted.buffers), wanted.words, kind);
    };
    stage(staging.in, plan.in, layer.uses_mxu() ? kIn : kInOfVector);
    stage(staging.residual, plan.residual, kResidual);
    // Residuals in place are loaded while the vector unit writes another buffer.
    stage(staging.out, plan.out, plan.in_place ? kAlone : kOut);
    stage(staging.maxima, plan.maxima, kMaxima);
    for (const graph::TensorId tensor : {layer.in, layer.out, layer.residual})
      if (tensor >= 0 && placement.resident[tensor])
        operands.push_back(*placement.resident[tensor]);
  }
  const FreeSpace space = free_during(placement, lifetimes, group.layers, geometry);
  std::vector<Range> placed =
      place_buffers(space, buffers, operands, before, preference.first_bank);
  for (size_t k = 0; k < places.size(); ++k) *places[k] = placed[k];
  return placed;
}

std::vector<Range> tensor_lifetimes(const graph::QGraph& graph, const std::vector<Layer>& layers) {
  std::vector<Range> lifetimes(graph.tensors.size());
  for (size_t i = 0; i < layers.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    lifetimes[layers[i].out] = {at, 1};
    for (const graph::TensorId used : {layers[i].in, layers[i].residual})
      if (used >= 0) lifetimes[used].count = at + 1 - lifetimes[used].first;
  }
  return lifetimes;
}

void verify(const Placement& placement, const graph::QGraph& graph,
            const std::vector<Layer>& layers, const arch::Geometry& geometry) {
  const std::vector<Range> lifetimes = tensor_lifetimes(graph, layers);
  for (const LayerGroup& group : placement.groups) {
    std::vector<Range> used;
    for (size_t t = 0; t < lifetimes.size(); ++t)
      if (placement.resident[t] && lifetimes[t].first < group.layers.end() &&
          group.layers.first < lifetimes[t].end())
        used.push_back(*placement.resident[t]);
    for (const auto& bands : placement.bands)
      if (bands && bands->layers == group.layers)
        used.insert(used.end(), bands->buffers.begin(), bands->buffers.end());
    for (int64_t i = group.layers.first; i < group.layers.end(); ++i) {
      const StagingPlaces& staging = placement.staging[static_cast<size_t>(i)];
      for (const auto* list : {&staging.in, &staging.residual, &staging.out, &staging.maxima})
        used.insert(used.end(), list->begin(), list->end());
    }
    std::sort(used.begin(), used.end(), [](Range a, Range b) { return a.first < b.first; });
    int64_t free = 0;
    for (const Range& range : used) {
      if (range.first < free || range.end() > geometry.ub_words)
        throw internal_error(
            fmt::format("layer '{}': words {}..{} of the unified buffer are placed twice or do not "
                        "exist",
                        layers[static_cast<size_t>(group.layers.first)].op->name, range.first,
                        range.end() - 1));
      free = range.end();
    }
  }
}

std::string to_text(const Placement& placement, const graph::QGraph& graph,
                    const std::vector<Layer>& layers) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    const auto& words = placement.resident[t];
    if (words)
      fmt::format_to(out, "tensor '{}' stays in words {}..{}\n", graph.tensors[t].name,
                     words->first, words->end() - 1);
    else if (const auto& bands = placement.bands[t])
      fmt::format_to(out, "tensor '{}' is held in {} bands of {} rows{}\n", graph.tensors[t].name,
                     bands->buffers.size(), bands->rows, bands->store ? " and goes to DRAM" : "");
    else
      fmt::format_to(out, "tensor '{}' goes through DRAM\n", graph.tensors[t].name);
  }
  for (const LayerGroup& group : placement.groups)
    if (group.layers.count > 1)
      fmt::format_to(out, "layers {}..{} run in {} bands\n", group.layers.first + 1,
                     group.layers.end(), group.bands.size());
  for (size_t i = 0; i < layers.size(); ++i) {
    fmt::format_to(out, "layer {} '{}': {}\n", layers[i].tag, layers[i].op->name,
                   to_text(placement.plans[i]));
    const StagingPlaces& s = placement.staging[i];
    for (const auto& [name, list] : {std::pair{"in", &s.in},
                                     {"residual", &s.residual},
                                     {"out", &s.out},
                                     {"maxima", &s.maxima}})
      for (const Range& r : *list)
        fmt::format_to(out, "  {} buffer: words {}..{}\n", name, r.first, r.end() - 1);
  }
  return text;
}

}  // namespace systole::lower
