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

constexpr double kMostProduct = 4e18;  // what 63 bits number

double product_of(const std::vector<Axis>& axes) {
  return std::accumulate(axes.begin(), axes.end(), 1.0, [](double n, const Axis& axis) {
    return n * static_cast<double>(axis.choices.size());
  });
}

/// Whether the network says for itself what `axis` is of.
bool is_said(const std::vector<Axis>& axes, const Axis& axis, const Position& position) {
  for (size_t i = 0; i < axes.size() && i < position.size(); ++i)
    if (axes[i].key == "network" && &axes[i] != &axis &&
        axes[i].choices[position[i]].keys.contains(axis.key))
      return true;
  return false;
}

/// All points of a product.
class Product {
 public:
  explicit Product(const std::vector<Axis>& axes) : axes_(axes) {}

  std::vector<SweepPoint> make(const SweepPoint& start) {
    Position position;
    multiply(start, position);
    return std::move(points_);
  }

 private:
  void multiply(const SweepPoint& point, Position& position) {
    if (position.size() == axes_.size()) {
      points_.push_back(point);
      return;
    }
    const Axis& axis = axes_[position.size()];
    const bool said = is_said(axes_, axis, position);
    for (uint32_t i = 0; i < (said ? 1 : axis.choices.size()); ++i) {
      SweepPoint next = point;
      if (!said) axis.choices[i].change(next);
      position.push_back(i);
      multiply(next, position);
      position.pop_back();
    }
  }

  const std::vector<Axis>& axes_;
  std::vector<SweepPoint> points_;
};

/// Different ones, all sets of them equally likely (Floyd 1987).
std::vector<Position> random(const std::vector<Axis>& axes, const Sampling& sampling) {
  SeededRandom draw(sampling.seed);
  std::set<int64_t> numbers;
  const auto all = static_cast<int64_t>(product_of(axes));
  for (int64_t j = all - static_cast<int64_t>(sampling.samples); j < all; ++j)
    if (!numbers.insert(draw.below(j + 1)).second) numbers.insert(j);
  std::vector<Position> positions;
  for (int64_t number : numbers) {
    Position position(axes.size());
    for (size_t i = axes.size(); i-- > 0;) {
      const auto size = static_cast<int64_t>(axes[i].choices.size());
      position[i] = static_cast<uint32_t>(number % size);
      number /= size;
    }
    positions.push_back(std::move(position));
  }
  return positions;
}

/// Each axis is cut into as many strata as there are samples, and each stratum is hit once.
std::vector<Position> hypercube(const std::vector<Axis>& axes, const Sampling& sampling) {
  SeededRandom draw(sampling.seed);
  const size_t n = sampling.samples;
  std::vector<Position> positions(n, Position(axes.size()));
  for (size_t axis = 0; axis < axes.size(); ++axis) {
    std::vector<size_t> strata(n);
    std::iota(strata.begin(), strata.end(), size_t{0});
    for (size_t i = n; i-- > 1;)
      std::swap(strata[i], strata[static_cast<size_t>(draw.range(0, static_cast<int64_t>(i)))]);
    const size_t size = axes[axis].choices.size();
    for (size_t i = 0; i < n; ++i)
      positions[i][axis] = static_cast<uint32_t>(
          (strata[i] * size + static_cast<size_t>(draw.below(static_cast<int64_t>(size)))) / n);
  }
  return positions;
}

}  // namespace

SweepPoint point_at(const std::vector<Axis>& axes, const SweepPoint& start,
                    const Position& position) {
  SweepPoint point = start;
  for (size_t i = 0; i < axes.size(); ++i)
    if (!is_said(axes, axes[i], position)) axes[i].choices[position[i]].change(point);
  return point;
}

Position tidied(const std::vector<Axis>& axes, Position position) {
  for (size_t i = 0; i < axes.size(); ++i)
    if (is_said(axes, axes[i], position)) position[i] = 0;
  return position;
}

std::set<Position> draw_positions(const std::vector<Axis>& axes, const Sampling& sampling) {
  const double product = product_of(axes);
  if (product > kMostProduct)
    throw Error(
        fmt::format("a product of {:.3g} points, expected at most {:.3g} to take samples of",
                    product, kMostProduct));
  std::set<Position> positions;
  for (Position& position :
       sampling.latin_hypercube ? hypercube(axes, sampling) : random(axes, sampling))
    positions.insert(tidied(axes, std::move(position)));
  return positions;
}

std::vector<SweepPoint> make_points(const std::vector<Axis>& axes, const Sampling& sampling,
                                    const SweepPoint& start, size_t most) {
  const double product = product_of(axes);
  const bool all = sampling.samples == 0 || product <= static_cast<double>(sampling.samples);
  const double count = all ? product : static_cast<double>(sampling.samples);
  if (count > static_cast<double>(most))
    throw Error(fmt::format("{:.3g} points, expected at most {}", count, most));
  if (all) return Product(axes).make(start);
  std::vector<SweepPoint> points;
  for (const Position& position : draw_positions(axes, sampling))
    points.push_back(point_at(axes, start, position));
  return points;
}

}  // namespace systole::sweep
