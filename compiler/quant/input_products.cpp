// SPDX-License-Identifier: Apache-2.0
// Collects products of taps, and rounds by them.
#include "compiler/quant/input_products.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "compiler/quant/bias_correction.h"
#include "model/base/error.h"

namespace systole::quant {

namespace {

constexpr size_t kBlockTaps = 1024;      // taps that make up for one another
constexpr int64_t kMostPositions = 256;  // of an item that are looked at
constexpr double kDamping = 0.01;        // of the mean of the diagonal, as in the paper

/// The values that the taps of `group` meet: [tap][position], of at most kMostPositions.
Eigen::MatrixXf taps_of(const graph::Conv& conv, const graph::Chw& in, const graph::Chw& out,
                        int64_t group, const std::vector<float>& elements) {
  const graph::Window& w = conv.window;
  const int64_t channels = in.c / conv.group, area = out.h * out.w;
  const int64_t step = (area + kMostPositions - 1) / kMostPositions;
  Eigen::MatrixXf taps = Eigen::MatrixXf::Zero(channels * w.area(), (area + step - 1) / step);
  for (int64_t p = 0; p < taps.cols(); ++p) {
    const int64_t top = p * step / out.w * w.stride_h - w.pad_top;
    const int64_t left = p * step % out.w * w.stride_w - w.pad_left;
    int64_t tap = 0;
    for (int64_t c = group * channels; c < (group + 1) * channels; ++c) {
      for (int64_t y = top; y < top + w.kh * w.dil_h; y += w.dil_h) {
        for (int64_t x = left; x < left + w.kw * w.dil_w; x += w.dil_w, ++tap) {
          if (y < 0 || y >= in.h || x < 0 || x >= in.w) continue;
          taps(tap, p) = elements[static_cast<size_t>((c * in.h + y) * in.w + x)];
        }
      }
    }
  }
  return taps;
}

/// Rounds the weights of a block one after the other, those that meet the most first.
class Feedback {
 public:
  explicit Feedback(const Eigen::MatrixXf& sums) : order_(static_cast<size_t>(sums.rows())) {
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](Eigen::Index a, Eigen::Index b) { return sums(a, a) > sums(b, b); });
    Eigen::MatrixXd sorted = sums(order_, order_).cast<double>();
    const double mean = sorted.diagonal().mean();
    sorted.diagonal().array() += mean > 0 ? kDamping * mean : 1.0;
    const auto size = sorted.rows();
    const Eigen::MatrixXd inverse =
        Eigen::LLT<Eigen::MatrixXd>(sorted).solve(Eigen::MatrixXd::Identity(size, size));
    // Its row k, over its first element, says what the weights behind k make up for.
    factor_ = Eigen::LLT<Eigen::MatrixXd>(inverse).matrixL();
  }

  void round(const float* weights, float scale, int bits, int8_t* codes) const {
    std::vector<double> left(order_.size());
    for (size_t k = 0; k < left.size(); ++k) left[k] = weights[order_[k]];
    for (size_t k = 0; k < left.size(); ++k) {
      const auto at = static_cast<Eigen::Index>(k);
      const bool pruned = weights[order_[k]] == 0;
      const float code = pruned ? 0 : weight_code(static_cast<float>(left[k]), scale, bits);
      codes[order_[k]] = static_cast<int8_t>(code);
      const double error = (left[k] - double{scale} * code) / factor_(at, at);
      for (size_t rest = k + 1; rest < left.size(); ++rest)
        left[rest] -= error * factor_(static_cast<Eigen::Index>(rest), at);
    }
  }

 private:
  std::vector<Eigen::Index> order_;
  Eigen::MatrixXd factor_;  ///< lower triangle, a column a weight
};

}  // namespace

/// Adds products of what it sees, and shows it to an observer of ranges.
class InputProducts::Watcher : public RangeObserver {
 public:
  Watcher(std::unique_ptr<RangeObserver> range, const InputProducts& owner,
          std::vector<Layer>& layers)
      : range_(std::move(range)), owner_(owner), layers_(layers) {}
  void observe(const std::vector<float>& elements) override {
    range_->observe(elements);
    for (Layer& layer : layers_) owner_.add(layer, elements);
  }
  ValueRange range() const override { return range_->range(); }

 private:
  const std::unique_ptr<RangeObserver> range_;
  const InputProducts& owner_;
  std::vector<Layer>& layers_;
};

InputProducts::InputProducts(const graph::Graph& graph)
    : graph_(&graph), layers_(graph.values.size()) {
  for (const graph::Node& node : graph.nodes) {
    if (!rounds_weights(node)) continue;
    const auto& conv = node.as<graph::Conv>();
    Layer layer{&node, {}};
    for (int64_t g = 0; g < conv.group; ++g) {
      std::vector<Block>& blocks = layer.groups.emplace_back();
      for (size_t first = 0; first < conv.taps(); first += kBlockTaps) {
        const auto size = static_cast<Eigen::Index>(std::min(kBlockTaps, conv.taps() - first));
        blocks.push_back({first, Eigen::MatrixXf::Zero(size, size)});
      }
    }
    layers_.at(static_cast<size_t>(node.inputs[0])).push_back(std::move(layer));
  }
}

RangeObserverFactory InputProducts::watched(RangeObserverFactory method) {
  return [this, method = std::move(method)](size_t value) -> std::unique_ptr<RangeObserver> {
    if (layers_.at(value).empty()) return method(value);
    return std::make_unique<Watcher>(method(value), *this, layers_[value]);
  };
}

void InputProducts::add(Layer& layer, const std::vector<float>& elements) const {
  const auto& conv = layer.node->as<graph::Conv>();
  const graph::Chw in = graph_->shape(layer.node->inputs[0]),
                   out = graph_->shape(layer.node->output);
  for (size_t g = 0; g < layer.groups.size(); ++g) {
    const Eigen::MatrixXf taps = taps_of(conv, in, out, static_cast<int64_t>(g), elements);
    for (Block& block : layer.groups[g]) {
      const auto rows = taps.middleRows(static_cast<Eigen::Index>(block.first), block.sums.rows());
      block.sums.selfadjointView<Eigen::Lower>().rankUpdate(rows);
    }
  }
}

RoundChannel InputProducts::rounding(const graph::Node& node, int bits) const {
  const std::vector<Layer>& layers = layers_.at(static_cast<size_t>(node.inputs[0]));
  const auto layer = std::find_if(layers.begin(), layers.end(),
                                  [&](const Layer& one) { return one.node == &node; });
  if (layer == layers.end()) throw internal_error("a layer whose inputs nobody looked at");
  struct Part {
    size_t first;
    Feedback feedback;
  };
  auto groups = std::make_shared<std::vector<std::vector<Part>>>();
  for (const std::vector<Block>& blocks : layer->groups) {
    std::vector<Part>& parts = groups->emplace_back();
    for (const Block& block : blocks) {
      Eigen::MatrixXf whole = block.sums.selfadjointView<Eigen::Lower>();
      parts.push_back({block.first, Feedback(whole)});
    }
  }
  const size_t channels_of_group = node.as<graph::Conv>().channels() / groups->size();
  return [groups, channels_of_group, bits](size_t channel, const float* weights, float scale,
                                           int8_t* codes) {
    for (const Part& part : groups->at(channel / channels_of_group))
      part.feedback.round(weights + part.first, scale, bits, codes + part.first);
  };
}

}  // namespace systole::quant
