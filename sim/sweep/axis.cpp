// SPDX-License-Identifier: Apache-2.0
// Chooses positions on the axes, then makes a point of each choice.
#include "sim/sweep/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "model/base/error.h"
#include "model/base/seeded_random.h"

namespace systole::sweep {
namespace {

/// A choice of each axis.
using Position = std::vector<uint32_t>;

constexpr double kMostProduct = 4e18;  // what 63 bits number

class Space {
 public:
  Space(const std::vector<Axis>& axes, const Sampling& sampling, const SweepPoint& start,
        size_t most)
      : axes_(axes), sampling_(sampling), start_(start), most_(most) {}

  std::vector<SweepPoint> make() {
    const double product = std::accumulate(
        axes_.begin(), axes_.end(), 1.0,
        [](double n, const Axis& axis) { return n * static_cast<double>(axis.choices.size()); });
    const bool all = sampling_.samples == 0 || product <= static_cast<double>(sampling_.samples);
    const double count = all ? product : static_cast<double>(sampling_.samples);
    if (count > static_cast<double>(most_))
      throw Error(fmt::format("{:.3g} points, expected at most {}", count, most_));
    if (product > kMostProduct)
      throw Error(
          fmt::format("a product of {:.3g} points, expected at most {:.3g} to take "
                      "samples of",
                      product, kMostProduct));
    points_.reserve(static_cast<size_t>(count));
    if (all) {
      Position position;
      multiply(start_, position);
    } else {
      for (const Position& position : sampling_.latin_hypercube ? hypercube() : random(product))
        points_.push_back(point_at(position));
    }
    return std::move(points_);
  }

 private:
  /// Whether the network says for itself what `axis` is of.
  bool is_said(const Axis& axis, const Position& position) const {
    for (size_t i = 0; i < axes_.size() && i < position.size(); ++i)
      if (axes_[i].key == "network" && &axes_[i] != &axis &&
          axes_[i].choices[position[i]].keys.contains(axis.key))
        return true;
    return false;
  }

  void multiply(const SweepPoint& point, Position& position) {
    if (position.size() == axes_.size()) {
      points_.push_back(point);
      return;
    }
    const Axis& axis = axes_[position.size()];
    const bool said = is_said(axis, position);
    for (uint32_t i = 0; i < (said ? 1 : axis.choices.size()); ++i) {
      SweepPoint next = point;
      if (!said) axis.choices[i].change(next);
      position.push_back(i);
      multiply(next, position);
      position.pop_back();
    }
  }

  SweepPoint point_at(const Position& position) const {
    SweepPoint point = start_;
    for (size_t i = 0; i < axes_.size(); ++i)
      if (!is_said(axes_[i], position)) axes_[i].choices[position[i]].change(point);
    return point;
  }

  /// In the order of the product, each once.
  std::set<Position> tidied(const std::vector<Position>& drawn) const {
    std::set<Position> positions;
    for (Position position : drawn) {
      for (size_t i = 0; i < axes_.size(); ++i)
        if (is_said(axes_[i], position)) position[i] = 0;
      positions.insert(std::move(position));
    }
    return positions;
  }

  /// Different ones, all sets of them equally likely (Floyd 1987).
  std::set<Position> random(double product) const {
    SeededRandom draw(sampling_.seed);
    std::set<int64_t> numbers;
    const auto all = static_cast<int64_t>(product);
    for (int64_t j = all - static_cast<int64_t>(sampling_.samples); j < all; ++j)
      if (!numbers.insert(draw.below(j + 1)).second) numbers.insert(j);
    std::vector<Position> positions;
    for (int64_t number : numbers) {
      Position position(axes_.size());
      for (size_t i = axes_.size(); i-- > 0;) {
        const auto size = static_cast<int64_t>(axes_[i].choices.size());
        position[i] = static_cast<uint32_t>(number % size);
        number /= size;
      }
      positions.push_back(std::move(position));
    }
    return tidied(positions);
  }

  /// Each axis is cut into as many strata as there are samples, and each stratum is hit once.
  std::set<Position> hypercube() const {
    SeededRandom draw(sampling_.seed);
    const size_t n = sampling_.samples;
    std::vector<Position> positions(n, Position(axes_.size()));
    for (size_t axis = 0; axis < axes_.size(); ++axis) {
      std::vector<size_t> strata(n);
      std::iota(strata.begin(), strata.end(), size_t{0});
      for (size_t i = n; i-- > 1;)
        std::swap(strata[i], strata[static_cast<size_t>(draw.range(0, static_cast<int64_t>(i)))]);
      const size_t size = axes_[axis].choices.size();
      for (size_t i = 0; i < n; ++i)
        positions[i][axis] = static_cast<uint32_t>(
            (strata[i] * size + static_cast<size_t>(draw.below(static_cast<int64_t>(size)))) / n);
    }
    return tidied(positions);
  }

  const std::vector<Axis>& axes_;
  const Sampling& sampling_;
  const SweepPoint& start_;
  const size_t most_;
  std::vector<SweepPoint> points_;
};

}  // namespace

std::vector<SweepPoint> make_points(const std::vector<Axis>& axes, const Sampling& sampling,
                                    const SweepPoint& start, size_t most) {
  return Space(axes, sampling, start, most).make();
}

}  // namespace systole::sweep
