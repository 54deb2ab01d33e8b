// SPDX-License-Identifier: Apache-2.0
// Finds the smallest window of the input of which each pixel of the result, or of an interleaved
// part of it, is a selection.
#include "compiler/passes/rearrange.h"

#include <algorithm>

#include "compiler/graph/element_order.h"

namespace systole::passes {

namespace {

constexpr int64_t kMaxField = 255;   // kernels, strides, dilations of the instructions
constexpr int64_t kMaxSize = 65535;  // rows, columns and channels

/// How a dimension is cut in windows of `count`: neighbours, or as far apart as there are windows.
struct Cut {
  int64_t count = 1;
  bool apart = false;
  int64_t windows(int64_t size) const { return size / count; }
  /// The position of element k of a window.
  int64_t at(int64_t size, int64_t window, int64_t k) const {
    return apart ? window + k * windows(size) : window * count + k;
  }
};

std::vector<Cut> cuts_of(int64_t size) {
  std::vector<Cut> cuts;
  for (int64_t count = 1; count <= size; ++count) {
    if (size % count != 0 || count > kMaxField) continue;
    cuts.push_back({count, false});
    const bool other = count > 1 && count < size && size / count <= kMaxField;
    if (other) cuts.push_back({count, true});
  }
  return cuts;
}

/// The windows of a map, and where their elements are stored.
struct Windows {
  graph::Chw map;
  Cut rows, columns;
  int64_t taps() const { return map.c * rows.count * columns.count; }
  int64_t height() const { return rows.windows(map.h); }
  int64_t width() const { return columns.windows(map.w); }
  int64_t pixels() const { return height() * width(); }
  /// Element (i, k, c) of window `p` as stored.
  int64_t at(int64_t p, int64_t i, int64_t k, int64_t c) const {
    const int64_t h = rows.at(map.h, p / width(), i), w = columns.at(map.w, p % width(), k);
    return (h * map.w + w) * map.c + c;
  }
};

/// An element of a window.
struct Tap {
  int64_t i, k, c;
};

/// The tap of window 0 that is stored at `stored`; nothing if none is.
std::optional<Tap> tap_of(const Windows& windows, int64_t stored) {
  const graph::Chw& m = windows.map;
  const int64_t h = stored / m.c / m.w, w = stored / m.c % m.w;
  const auto place = [](const Cut& cut, int64_t size, int64_t at) -> std::optional<int64_t> {
    if (!cut.apart) return at < cut.count ? std::optional(at) : std::nullopt;
    return at % cut.windows(size) == 0 ? std::optional(at / cut.windows(size)) : std::nullopt;
  };
  const auto i = place(windows.rows, m.h, h), k = place(windows.columns, m.w, w);
  if (!i || !k) return std::nullopt;
  return Tap{*i, *k, stored % m.c};
}

/// The taps of `windows`, one for each of `channels`, that give the elements whose places as stored
/// are `wanted`, pixel by pixel; nothing if there are none.
std::optional<std::vector<Tap>> selection(const Windows& windows, const graph::ElementOrder& wanted,
                                          int64_t channels) {
  std::vector<Tap> taps;
  for (int64_t c = 0; c < channels; ++c) {
    const auto tap = tap_of(windows, wanted[static_cast<size_t>(c)]);
    if (!tap) return std::nullopt;
    taps.push_back(*tap);
  }
  size_t at = 0;
  for (int64_t p = 0; p < windows.pixels(); ++p) {
    for (const Tap& tap : taps)
      if (windows.at(p, tap.i, tap.k, tap.c) != wanted[at++]) return std::nullopt;
  }
  return taps;
}

/// One of the parts that a result is interleaved of, and what selects it.
struct Selected {
  std::vector<Tap> taps;
  graph::Part place;
  int64_t h = 1, w = 1;  ///< its size in the result
};

struct Selections {
  Windows windows;
  std::vector<Selected> parts;  ///< one: the whole result, in any shape
};

/// The stored places in the input of the elements of a part of the result, as stored.
graph::ElementOrder part_of(const graph::ElementOrder& stored, const graph::Chw& to,
                            const Selected& part) {
  graph::ElementOrder wanted;
  for (int64_t i = 0; i < part.h; ++i) {
    for (int64_t j = 0; j < part.w; ++j) {
      const int64_t h = part.place.h + i * part.place.step_h;
      const int64_t w = part.place.w + j * part.place.step_w;
      for (int64_t c = 0; c < to.c; ++c)
        wanted.push_back(stored[static_cast<size_t>((h * to.w + w) * to.c + c)]);
    }
  }
  return wanted;
}

/// The result in rows.count * columns.count parts, each selected of `windows`.
std::optional<Selections> in_parts(const Windows& windows, const graph::ElementOrder& stored,
                                   const graph::Chw& to, const Cut& rows, const Cut& columns) {
  Selections result{windows, {}};
  const auto step = [](const Cut& cut, int64_t) { return cut.apart ? int64_t{1} : cut.count; };
  for (int64_t i = 0; i < rows.count; ++i) {
    for (int64_t k = 0; k < columns.count; ++k) {
      Selected part;
      part.h = rows.windows(to.h);
      part.w = columns.windows(to.w);
      part.place = {rows.at(to.h, 0, i), columns.at(to.w, 0, k), step(rows, to.h),
                    step(columns, to.w)};
      auto taps = selection(windows, part_of(stored, to, part), to.c);
      if (!taps) return std::nullopt;
      part.taps = std::move(*taps);
      result.parts.push_back(std::move(part));
    }
  }
  return result;
}

/// The selection of the fewest taps.
std::optional<Selections> find_selections(const graph::Chw& from, const graph::Chw& to,
                                          const graph::ElementOrder& stored) {
  std::vector<Windows> candidates;
  for (const Cut& rows : cuts_of(from.h))
    for (const Cut& columns : cuts_of(from.w)) candidates.push_back({from, rows, columns});
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Windows& a, const Windows& b) { return a.taps() < b.taps(); });
  for (const Windows& windows : candidates) {
    const int64_t taps = windows.taps();
    if (taps > kMaxSize || taps * taps > kMaxSelection) break;
    Selected whole;
    if (const auto chosen = selection(windows, stored, taps)) {
      whole.taps = *chosen;
      return Selections{windows, {whole}};
    }
    const int64_t parts = taps / to.c;
    if (taps % to.c != 0 || parts < 2 || parts > kMaxSelectionParts) continue;
    bool first_pixel = true;
    for (int64_t c = 0; first_pixel && c < to.c; ++c)
      first_pixel = tap_of(windows, stored[static_cast<size_t>(c)]).has_value();
    if (!first_pixel) continue;
    for (const Cut& rows : cuts_of(to.h)) {
      if (parts % rows.count != 0) continue;
      for (const Cut& columns : cuts_of(to.w)) {
        if (rows.count * columns.count != parts) continue;
        if (auto found = in_parts(windows, stored, to, rows, columns)) return found;
      }
    }
  }
  return std::nullopt;
}

/// The places as stored in the input of the elements of the result, as stored.
graph::ElementOrder stored_moves(const graph::Graph& graph, const graph::Node& reshape) {
  const graph::ElementOrder from_nchw = graph::composed(
      graph::stored_order(graph.shape(reshape.output)), graph::order_of(graph, reshape));
  return graph::composed(from_nchw,
                         graph::inverse(graph::stored_order(graph.shape(reshape.inputs[0]))));
}

/// A convolution that selects `taps` of the windows of `in`.
graph::Node selecting(const graph::Graph& graph, const graph::Node& reshape, const Windows& windows,
                      const std::vector<Tap>& taps) {
  graph::Conv conv;
  conv.keeps_scale = true;
  graph::Window& w = conv.window;
  w.kh = windows.rows.count;
  w.kw = windows.columns.count;
  (windows.rows.apart ? w.dil_h : w.stride_h) =
      windows.rows.apart ? windows.height() : windows.rows.count;
  (windows.columns.apart ? w.dil_w : w.stride_w) =
      windows.columns.apart ? windows.width() : windows.columns.count;
  const int64_t c = graph.shape(reshape.inputs[0]).c, area = w.kh * w.kw;
  conv.bias.assign(taps.size(), 0.0f);
  conv.weights.assign(taps.size() * static_cast<size_t>(c * area), 0.0f);
  for (size_t o = 0; o < taps.size(); ++o) {
    const Tap& tap = taps[o];
    conv.weights[o * static_cast<size_t>(c * area) +
                 static_cast<size_t>((tap.c * w.kh + tap.i) * w.kw + tap.k)] = 1.0f;
  }
  graph::Node node = graph::make_node(std::move(conv), {reshape.inputs[0]});
  node.name = reshape.name + "/select";
  node.op_type = reshape.op_type;
  node.origin = reshape.origin;
  return node;
}

graph::ValueId add_value(graph::Graph& graph, graph::ValueId like, const std::string& suffix,
                         const graph::Chw& shape) {
  const graph::ValueId v = graph.add_like(like, suffix);
  graph::Value& value = graph.values[static_cast<size_t>(v)];
  value.shape = shape;
  value.channels_last = false;
  value.order.clear();
  value.integer_zero.reset();
  return v;
}

void insert_before(graph::Graph& graph, size_t& index, graph::Node node) {
  graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(index), std::move(node));
  ++index;
}

/// Writes `found` before the reshape at `index`, of which the rest moves nothing.
void emit(graph::Graph& graph, size_t& index, const Selections& found) {
  const graph::Node reshape = graph.nodes[index];
  const Windows& windows = found.windows;
  const graph::Chw to = graph.shape(reshape.output);
  std::vector<graph::ValueId> made;
  std::vector<graph::Node> turns;  // as their reader would make them, behind all parts
  for (const Selected& part : found.parts) {
    graph::Node conv = selecting(graph, reshape, windows, part.taps);
    if (found.parts.size() > 1) conv.name += std::to_string(made.size());
    const graph::Chw shape{static_cast<int64_t>(part.taps.size()), windows.height(),
                           windows.width()};
    if (found.parts.size() == 1 && shape == to) {  // nothing is left to reshape
      conv.output = reshape.output;
      graph.nodes[index] = std::move(conv);
      return;
    }
    conv.output =
        add_value(graph, reshape.inputs[0], "/select" + std::to_string(made.size()), shape);
    made.push_back(conv.output);
    insert_before(graph, index, std::move(conv));
    if (found.parts.size() == 1 || (shape.h == part.h && shape.w == part.w)) continue;
    graph::Node turned = reshape;
    turned.op = graph::Reshape{true, {}};
    turned.name += "/turned";
    turned.inputs = {made.back()};
    turned.output = add_value(graph, made.back(), "/turned", {to.c, part.h, part.w});
    made.back() = turned.output;
    turns.push_back(std::move(turned));
  }
  for (graph::Node& turned : turns) insert_before(graph, index, std::move(turned));
  graph::Node& last = graph.nodes[index];
  last.inputs = made;
  last.op = graph::Reshape{true, {}};
  if (found.parts.size() == 1) return;
  graph::Interleave join;
  for (const Selected& part : found.parts) join.parts.push_back(part.place);
  last.op = std::move(join);
}

/// The channels of every pixel in another order: nothing if the reshape does more than that and
/// moves nothing.
std::optional<std::vector<int64_t>> channel_order(const graph::Chw& from,
                                                  const graph::ElementOrder& stored) {
  const auto taps = selection({from, {}, {}}, stored, from.c);
  if (!taps) return std::nullopt;
  std::vector<int64_t> order;
  for (const Tap& tap : *taps) order.push_back(tap.c);
  return order;
}

template <typename T>
void reorder(std::vector<T>& list, const std::vector<int64_t>& order) {
  const size_t each = list.size() / order.size();
  std::vector<T> result;
  result.reserve(list.size());
  for (int64_t from : order) {
    const auto first = list.begin() + from * static_cast<int64_t>(each);
    result.insert(result.end(), first, first + static_cast<int64_t>(each));
  }
  list = std::move(result);
}

/// The channels of the result of `op`, and of its input if it has none of its own, in another
/// order.
void reorder_channels(graph::Operator& op, const std::vector<int64_t>& order) {
  const auto each = [&](auto&... lists) {
    const auto turn = [&](auto& list) {
      if (!list.empty()) reorder(list, order);
    };
    (turn(lists), ...);
  };
  if (auto* by = std::get_if<graph::ScaleShift>(&op)) each(by->scale, by->shift, by->gamma);
  if (auto* conv = std::get_if<graph::Conv>(&op))
    each(conv->weights, conv->bias, conv->weight_scale, conv->exact_bias, conv->gamma);
}

/// The convolution before the reshape at `index`, and the functions between, make the channels in
/// the order wanted.
bool order_producer(graph::Graph& graph, size_t index, const std::vector<int64_t>& order) {
  std::vector<graph::Node*> chain;
  size_t reader = index;
  for (graph::ValueId v = graph.nodes[index].inputs[0];;) {
    const int at = graph.producer(v);
    if (at < 0 || !graph.only_reader(v, reader)) return false;
    reader = static_cast<size_t>(at);
    graph::Node& node = graph.nodes[reader];
    chain.push_back(&node);
    if (node.is<graph::Conv>()) break;
    if (node.inputs.size() != 1 || !node.is<graph::Clamp, graph::Unary, graph::ScaleShift,
                                            graph::MaxPool, graph::AveragePool>())
      return false;
    v = node.inputs[0];
  }
  const graph::Node& conv = *chain.back();
  if (conv.as<graph::Conv>().group != 1 || conv.inputs.size() != 1 || conv.function) return false;
  for (graph::Node* node : chain) reorder_channels(node->op, order);
  return true;
}

/// The convolutions behind the reshape at `index` read its channels where they are.
bool order_readers(graph::Graph& graph, size_t index, const std::vector<int64_t>& order) {
  const graph::Node& reshape = graph.nodes[index];
  if (graph.is_output(reshape.output) ||
      !(graph.shape(reshape.inputs[0]) == graph.shape(reshape.output)))
    return false;
  const std::vector<size_t> readers = graph.consumers(reshape.output);
  for (size_t r : readers) {
    const auto* conv = graph.nodes[r].if_is<graph::Conv>();
    if (conv == nullptr || conv->group != 1 || graph.nodes[r].inputs.size() != 1) return false;
  }
  const size_t channels = order.size();
  for (size_t r : readers) {
    auto& conv = graph.nodes[r].as<graph::Conv>();
    const auto area = static_cast<size_t>(conv.window.area());
    std::vector<float> weights(conv.weights.size());
    for (size_t o = 0; o < conv.channels(); ++o) {
      for (size_t c = 0; c < channels; ++c) {
        std::copy_n(
            conv.weights.begin() + static_cast<std::ptrdiff_t>((o * channels + c) * area), area,
            weights.begin() +
                static_cast<std::ptrdiff_t>((o * channels + static_cast<size_t>(order[c])) * area));
      }
    }
    conv.weights = std::move(weights);
  }
  return true;
}

}  // namespace

bool moves_nothing(const graph::Graph& graph, graph::Node& reshape) {
  if (!graph::is_identity(stored_moves(graph, reshape))) return false;
  graph::set_order(graph, reshape, graph::order_of(graph, reshape));
  return true;
}

bool rearrange(graph::Graph& graph, size_t& index) {
  const graph::Node& node = graph.nodes[index];
  const graph::Chw from = graph.shape(node.inputs[0]), to = graph.shape(node.output);
  const graph::ElementOrder stored = stored_moves(graph, node);
  if (const auto order = channel_order(from, stored)) {
    if (order_producer(graph, index, *order) || order_readers(graph, index, *order)) {
      graph.nodes[index].op = graph::Reshape{true, {}};
      return true;
    }
  }
  const auto found = find_selections(from, to, stored);
  if (!found) return false;
  emit(graph, index, *found);
  return true;
}

}  // namespace systole::passes
