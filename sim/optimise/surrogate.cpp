// SPDX-License-Identifier: Apache-2.0
// Values that are all above 0, as times and areas are, are products of what axes do: logarithms.
#include "sim/optimise/surrogate.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace systole::optimise {
namespace {

constexpr double kLengths[] = {0.15, 0.3, 0.6, 1.2, 2.5, 6, 20};
constexpr double kNoise = 1e-4;  // of a variance of 1: what no axis explains
constexpr size_t kTuned = 96;    // points that lengths are chosen by
constexpr double kFirstLength = 1.2;

using Factor = Eigen::LLT<Eigen::MatrixXd>;

template <typename Kernel>
Factor covariance_of(const std::vector<std::vector<double>>& at, const Kernel& kernel) {
  Eigen::MatrixXd covariance(std::ssize(at), std::ssize(at));
  for (size_t i = 0; i < at.size(); ++i)
    for (size_t j = 0; j <= i; ++j) {
      const auto row = static_cast<Eigen::Index>(i), column = static_cast<Eigen::Index>(j);
      covariance(row, column) = covariance(column, row) = kernel(i, j) + (i == j ? kNoise : 0);
    }
  return Factor(covariance);
}

}  // namespace

Surrogate::Surrogate(std::vector<uint32_t> choices)
    : choices_(std::move(choices)), lengths_(choices_.size(), kFirstLength) {}

std::vector<double> Surrogate::scaled(const sweep::Position& place) const {
  std::vector<double> at;
  for (size_t i = 0; i < place.size(); ++i)
    at.push_back(static_cast<double>(place[i]) / std::max<double>(1, choices_[i] - 1.0));
  return at;
}

double Surrogate::kernel(const std::vector<double>& a, const std::vector<double>& b) const {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double distance = (a[i] - b[i]) / lengths_[i];
    sum += distance * distance;
  }
  return std::exp(-sum / 2);
}

double Surrogate::likelihood(const std::vector<std::vector<double>>& at,
                             const std::vector<double>& targets) const {
  const Factor factor = covariance_of(at, [&](size_t i, size_t j) { return kernel(at[i], at[j]); });
  const Eigen::Map<const Eigen::VectorXd> y(targets.data(), std::ssize(targets));
  const Eigen::MatrixXd lower = factor.matrixL();
  return -y.dot(factor.solve(y)) / 2 - lower.diagonal().array().log().sum();
}

double Surrogate::transformed(double value) const {
  const double target = sign_ == 0 ? value : sign_ * std::log(sign_ * value);
  return (target - mean_) / scale_;
}

double Surrogate::restored(double target) const {
  const double value = target * scale_ + mean_;
  return sign_ == 0 ? value : sign_ * std::exp(sign_ * value);
}

void Surrogate::fit(const std::vector<sweep::Position>& places, const std::vector<double>& values) {
  const auto all = [&](auto test) { return std::all_of(values.begin(), values.end(), test); };
  sign_ = all([](double v) { return v > 0; }) ? 1 : all([](double v) { return v < 0; }) ? -1 : 0;
  mean_ = 0;
  scale_ = 1;
  at_.clear();
  std::vector<double> targets;
  for (size_t i = 0; i < places.size(); ++i) {
    at_.push_back(scaled(places[i]));
    targets.push_back(transformed(values[i]));
  }
  const auto count = static_cast<double>(targets.size());
  const double mean = std::accumulate(targets.begin(), targets.end(), 0.0) / count;
  double square = 0;
  for (double& target : targets) {
    target -= mean;
    square += target * target;
  }
  mean_ = mean;
  if (square > 0) scale_ = std::sqrt(square / count);
  for (double& target : targets) target /= scale_;

  std::vector<std::vector<double>> some(
      at_.begin(), at_.begin() + static_cast<std::ptrdiff_t>(std::min(kTuned, at_.size())));
  const std::vector<double> theirs(targets.begin(),
                                   targets.begin() + static_cast<std::ptrdiff_t>(some.size()));
  for (size_t axis = 0; axis < lengths_.size(); ++axis) {
    if (choices_[axis] < 2) continue;
    double best = likelihood(some, theirs), kept = lengths_[axis];
    for (const double length : kLengths) {
      lengths_[axis] = length;
      if (const double now = likelihood(some, theirs); now > best) {
        best = now;
        kept = length;
      }
    }
    lengths_[axis] = kept;
  }

  const Factor factor =
      covariance_of(at_, [&](size_t i, size_t j) { return kernel(at_[i], at_[j]); });
  const Eigen::VectorXd solved =
      factor.solve(Eigen::Map<const Eigen::VectorXd>(targets.data(), std::ssize(targets)));
  weights_.assign(solved.data(), solved.data() + solved.size());
}

std::vector<double> Surrogate::predict(const std::vector<sweep::Position>& places) const {
  std::vector<double> values;
  values.reserve(places.size());
  for (const sweep::Position& place : places) {
    const std::vector<double> at = scaled(place);
    double target = 0;
    for (size_t i = 0; i < at_.size(); ++i) target += weights_[i] * kernel(at, at_[i]);
    values.push_back(restored(target));
  }
  return values;
}

}  // namespace systole::optimise
