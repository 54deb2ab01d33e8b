// SPDX-License-Identifier: Apache-2.0
// Finds layers whose results go to convolutions alone, and moves factors across.
#include "compiler/quant/equalise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "compiler/quant/bias_correction.h"

namespace systole::quant {

namespace {

constexpr float kLeastFactor = 0x1p-12f, kMostFactor = 0x1p12f;
constexpr int kMostRounds = 30;

/// Weights that are shared (a codebook) stay so few only if nothing scales them.
bool is_codebook(const graph::Conv& conv) {
  constexpr size_t kFew = 16;
  std::set<float> values;
  for (const float weight : conv.weights)
    if (values.insert(weight); values.size() > kFew) return false;
  return conv.weights.size() > kFew;
}

/// A layer whose channels may be scaled, and the layers that read them.
struct Link {
  size_t maker = 0;
  std::vector<size_t> readers;
  std::vector<graph::ValueId> values;  ///< between them, the maker's result first
  float highest = INFINITY;            ///< the least upper end of a clamp on the way
};

class LinkFinder {
 public:
  LinkFinder(const graph::Graph& graph, const std::vector<LayerWidths>& widths)
      : graph_(graph), widths_(widths) {}

  std::vector<Link> find() const {
    std::vector<Link> links;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      Link link;
      link.maker = n;
      if (graph_.nodes[n].inputs.size() == 1 && takes_factors(n) && passes(graph_.nodes[n], link) &&
          follow(graph_.nodes[n].output, link))
        links.push_back(std::move(link));
    }
    return links;
  }

 private:
  /// Whether its weights may be scaled. One-bit weights have no room for factors of inputs.
  bool takes_factors(size_t n) const {
    const graph::Node& node = graph_.nodes[n];
    return rounds_weights(node) && widths_[n].weights > 1 && !is_codebook(node.as<graph::Conv>());
  }

  /// Whether a factor before the end of `node` is one behind it.
  static bool passes(const graph::Node& node, Link& link) {
    if (node.function || (node.lo != 0 && node.lo != -INFINITY) || node.hi <= 0) return false;
    link.highest = std::min(link.highest, node.hi);
    return true;
  }

  /// Goes from `v` to all convolutions that read it; false: something else does.
  bool follow(graph::ValueId v, Link& link) const {
    if (graph_.is_output(v) || graph_.codes(v)) return false;
    link.values.push_back(v);
    const std::vector<size_t> readers = graph_.consumers(v);
    return !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](size_t n) {
      const graph::Node& node = graph_.nodes[n];
      if (node.is<graph::Conv>()) {
        link.readers.push_back(n);
        return node.inputs[0] == v && (node.inputs.size() < 2 || node.inputs[1] != v) &&
               takes_factors(n);
      }
      const bool moves =
          node.is<graph::MaxPool>() || node.is<graph::AveragePool>() || node.is<graph::Clamp>();
      return moves && graph::pad_value_of(node.op) == 0 && passes(node, link) &&
             follow(node.output, link);
    });
  }

  const graph::Graph& graph_;
  const std::vector<LayerWidths>& widths_;
};

/// Calls f(weight, input channel) for each weight of `node`.
template <typename F>
void for_each_weight(const graph::Graph& graph, graph::Node& node, F f) {
  auto& conv = node.as<graph::Conv>();
  const int64_t inputs = graph.shape(node.inputs[0]).c / conv.group;  // of a group
  const int64_t area = conv.window.area();
  const auto outputs = static_cast<int64_t>(conv.channels());
  for (int64_t o = 0; o < outputs; ++o) {
    const int64_t first = o / (outputs / conv.group) * inputs;
    for (int64_t i = 0; i < inputs; ++i)
      for (int64_t a = 0; a < area; ++a)
        f(conv.weights[static_cast<size_t>((o * inputs + i) * area + a)],
          static_cast<size_t>(first + i));
  }
}

/// The largest magnitude of the weights that give each channel.
std::vector<float> made_by(const graph::Node& node) {
  const auto& conv = node.as<graph::Conv>();
  std::vector<float> largest(conv.channels(), 0.0f);
  for (size_t i = 0; i < conv.weights.size(); ++i) {
    float& of = largest[i / conv.taps()];
    of = std::max(of, std::fabs(conv.weights[i]));
  }
  return largest;
}

/// The largest magnitude of the weights that read each channel.
std::vector<float> read_by(graph::Graph& graph, const Link& link, size_t channels) {
  std::vector<float> largest(channels, 0.0f);
  for (const size_t reader : link.readers)
    for_each_weight(graph, graph.nodes[reader], [&](float weight, size_t channel) {
      largest[channel] = std::max(largest[channel], std::fabs(weight));
    });
  return largest;
}

/// Divides what the maker gives by `factors` and multiplies the weights of the readers.
void move_factors(graph::Graph& graph, const Link& link, const std::vector<float>& factors) {
  auto& conv = graph.nodes[link.maker].as<graph::Conv>();
  for (size_t i = 0; i < conv.weights.size(); ++i) conv.weights[i] /= factors[i / conv.taps()];
  for (size_t o = 0; o < factors.size(); ++o) conv.bias[o] /= factors[o];
  for (const size_t reader : link.readers)
    for_each_weight(graph, graph.nodes[reader],
                    [&](float& weight, size_t channel) { weight *= factors[channel]; });
}

/// What each channel reaches on the way; empty: nothing was seen.
std::vector<float> reached(const Link& link, const ChannelMaxima& maxima) {
  std::vector<float> largest;
  for (const graph::ValueId v : link.values) {
    if (maxima.empty() || maxima[static_cast<size_t>(v)].empty()) return {};
    const std::vector<float>& of = maxima[static_cast<size_t>(v)];
    largest.resize(of.size());
    for (size_t c = 0; c < of.size(); ++c) largest[c] = std::max(largest[c], of[c]);
  }
  return largest;
}

/// The factors after which `given`, of each channel, is as large as the weights that read it.
/// `room`: what each channel reaches now, under a clamp at link.highest, which is to cut nothing
/// more; empty where there is none.
std::vector<float> equal_factors(graph::Graph& graph, const Link& link,
                                 const std::vector<float>& given, const std::vector<float>& room) {
  const std::vector<float> read = read_by(graph, link, given.size());
  std::vector<float> factors;
  for (size_t c = 0; c < given.size(); ++c) {
    const bool dead = !(given[c] > 0) || !(read[c] > 0);
    float factor =
        dead ? 1.0f : std::clamp(std::sqrt(given[c] / read[c]), kLeastFactor, kMostFactor);
    if (!room.empty())
      factor = room[c] >= link.highest ? 1.0f : std::max(factor, room[c] / link.highest);
    factors.push_back(factor);
  }
  return factors;
}

bool is_still(const std::vector<float>& factors) {
  return std::all_of(factors.begin(), factors.end(),
                     [](float factor) { return std::fabs(std::log2(factor)) < 0.01f; });
}

}  // namespace

void observe_maxima(const exec::FloatExecutor& executor,
                    const std::vector<std::vector<float>>& inputs, ChannelMaxima& maxima) {
  const graph::Graph& graph = executor.graph();
  maxima.resize(graph.values.size());
  executor.run(inputs, [&](graph::ValueId v, const std::vector<float>& elements) {
    const graph::Chw shape = graph.shape(v);
    std::vector<float>& of = maxima[static_cast<size_t>(v)];
    of.resize(static_cast<size_t>(shape.c));
    const auto area = static_cast<size_t>(shape.h * shape.w);
    for (size_t i = 0; i < elements.size(); ++i)
      of[i / area] = std::max(of[i / area], std::fabs(elements[i]));
  });
}

ScaledLayers equalise_weights(graph::Graph& graph, const std::vector<LayerWidths>& widths,
                              const ChannelMaxima& maxima) {
  ScaledLayers result;
  std::vector<std::pair<Link, std::vector<float>>> links;  // with the room below their clamps
  for (Link& link : LinkFinder(graph, widths).find()) {
    std::vector<float> room;
    if (link.highest != INFINITY) room = reached(link, maxima);
    if (link.highest != INFINITY && room.empty()) {
      ++result.clamped;
      continue;
    }
    links.emplace_back(std::move(link), std::move(room));
  }
  bool moves = true;
  for (int round = 0; round < kMostRounds && moves; ++round) {
    moves = false;
    for (auto& [link, room] : links) {
      const std::vector<float> factors =
          equal_factors(graph, link, made_by(graph.nodes[link.maker]), room);
      moves |= !is_still(factors);
      move_factors(graph, link, factors);
      for (size_t c = 0; c < room.size(); ++c) room[c] /= factors[c];
    }
  }
  result.scaled = links.size();
  return result;
}

ScaledLayers equalise_ranges(graph::Graph& graph, const std::vector<LayerWidths>& widths,
                             const ChannelMaxima& maxima) {
  ScaledLayers result;
  for (const Link& link : LinkFinder(graph, widths).find()) {
    const std::vector<float> reach = reached(link, maxima);
    if (reach.empty()) continue;
    const bool clamped = link.highest != INFINITY;
    move_factors(graph, link,
                 equal_factors(graph, link, reach, clamped ? reach : std::vector<float>()));
    ++result.scaled;
  }
  return result;
}

std::string lost_weights_warning(const graph::Graph& graph, const std::vector<int>& weight_bits) {
  constexpr size_t kFewest = 8;  // weights of a channel that say something
  size_t layers = 0, worst_channels = 0;
  const graph::Node* worst = nullptr;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const graph::Node& node = graph.nodes[n];
    if (!rounds_weights(node) || weight_bits[n] != 8) continue;
    const auto& conv = node.as<graph::Conv>();
    const std::vector<float> largest = made_by(node);
    size_t channels = 0;
    for (size_t o = 0; o < conv.channels(); ++o) {
      const float* const first = conv.weights.data() + o * conv.taps();
      const float least = largest[o] / 127 / 2;
      size_t all = 0, lost = 0;
      for (const float* w = first; w != first + conv.taps(); ++w) {
        all += static_cast<size_t>(*w != 0);
        lost += static_cast<size_t>(*w != 0 && std::fabs(*w) < least);
      }
      channels += static_cast<size_t>(all >= kFewest && 2 * lost > all);
    }
    layers += static_cast<size_t>(channels > 0);
    if (channels <= worst_channels) continue;
    worst_channels = channels;
    worst = &node;
  }
  if (worst == nullptr) return "";
  return fmt::format(
      "layer '{}': in {} of its {} channels weights differ so much that int8 makes more than half "
      "of them 0{}; --calib-steps equalise evens them out (docs/precision.md)",
      worst->name, worst_channels, worst->as<graph::Conv>().channels(),
      layers > 1 ? fmt::format(", and {} layers more have such", layers - 1) : "");
}

}  // namespace systole::quant
