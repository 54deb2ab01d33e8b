// SPDX-License-Identifier: Apache-2.0
// Percentile, least squared error and least divergence over a histogram.
#include "compiler/quant/range_methods.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "compiler/quant/histogram.h"
#include "compiler/quant/quantise.h"
#include "model/arch/error.h"

namespace systole {
namespace {

constexpr double kTail = 1e-4;   // of the elements, on either side
constexpr int kFractions = 100;  // of the min-max range that are tried
constexpr int kCodes = 256;      // at most

class HistogramObserver : public RangeObserver {
 public:
  void observe(const std::vector<float>& elements) override {
    for (const float element : elements) histogram_.add(element);
  }

 protected:
  Histogram histogram_;
};

class PercentileObserver : public HistogramObserver {
 public:
  ValueRange range() const override {
    const auto tail = static_cast<double>(histogram_.count()) * kTail;
    const double reach = histogram_.reach();
    double below = 0;
    ValueRange range{histogram_.greatest(), histogram_.least()};
    const auto all = static_cast<double>(histogram_.count());
    histogram_.for_each([&](double centre, uint64_t elements) {
      const double before = below;
      below += static_cast<double>(elements);
      if (before <= tail && below > tail) range.lo = static_cast<float>(centre - reach);
      if (before < all - tail && below >= all - tail) range.hi = static_cast<float>(centre + reach);
    });
    return {std::clamp(range.lo, histogram_.least(), 0.0f),
            std::clamp(range.hi, 0.0f, histogram_.greatest())};
  }
};

/// Tries fractions of the min-max range and keeps the one of the least loss.
class SearchObserver : public HistogramObserver {
 public:
  explicit SearchObserver(int bits) : bits_(bits) {}
  ValueRange range() const override {
    const ValueRange whole{histogram_.least(), histogram_.greatest()};
    ValueRange best = whole;
    double least = INFINITY;
    for (int step = kFractions; step > 0; --step) {
      const float part = static_cast<float>(step) / kFractions;
      const ValueRange tried{whole.lo * part, whole.hi * part};
      const double loss = loss_of(tried);
      if (loss >= least) continue;
      least = loss;
      best = tried;
    }
    return best;
  }

 protected:
  virtual double loss_of(ValueRange range) const = 0;
  const int bits_;  ///< of a code
};

class MseObserver : public SearchObserver {
  using SearchObserver::SearchObserver;
  double loss_of(ValueRange range) const override {
    const Affine affine = affine_of(range, bits_);
    double sum = 0;
    histogram_.for_each([&](double centre, uint64_t elements) {
      const int code = quantise(static_cast<float>(centre), affine, bits_);
      const double off = double{affine.scale} * (code - affine.zero) - centre;
      sum += off * off * static_cast<double>(elements);
    });
    return sum;
  }
};

class EntropyObserver : public SearchObserver {
  using SearchObserver::SearchObserver;
  /// Divergence of what the codes say of the distribution from the distribution, of which the
  /// elements outside count for its outermost bins.
  double loss_of(ValueRange range) const override {
    const Affine affine = affine_of(range, bits_);
    std::vector<double> seen;      // P: by bin inside the range
    std::vector<int> codes;        // of the bins
    double code_sum[kCodes] = {};  // of the elements of a code that are truly inside
    int code_bins[kCodes] = {};
    double below = 0, above = 0, inside = 0;
    histogram_.for_each([&](double centre, uint64_t count) {
      const auto elements = static_cast<double>(count);
      if (centre < range.lo) {
        below += elements;
      } else if (centre > range.hi) {
        above += elements;
      } else {
        const int code = quantise(static_cast<float>(centre), affine, bits_) + 128;
        seen.push_back(elements);
        codes.push_back(code);
        code_sum[code] += elements;
        ++code_bins[code];
        inside += elements;
      }
    });
    if (seen.empty()) return INFINITY;
    seen.front() += below;
    seen.back() += above;
    const double all = inside + below + above;
    double divergence = 0;
    for (size_t i = 0; i < seen.size(); ++i) {
      const double p = seen[i] / all;
      const double q = code_sum[codes[i]] / code_bins[codes[i]] / inside;
      divergence += p * std::log(p / q);
    }
    return divergence;
  }
};

template <typename Observer>
RangeObserverFactory searching(std::vector<int> bits) {
  return [bits = std::move(bits)](size_t value) {
    return std::make_unique<Observer>(value < bits.size() ? bits[value] : 8);
  };
}

}  // namespace

std::vector<std::string> range_method_names() {
  return {"min-max", "percentile", "mse", "entropy"};
}

RangeObserverFactory range_method(const std::string& name, std::vector<int> bits) {
  if (name == "min-max") return make_min_max_observer;
  if (name == "percentile") return [](size_t) { return std::make_unique<PercentileObserver>(); };
  if (name == "mse") return searching<MseObserver>(std::move(bits));
  if (name == "entropy") return searching<EntropyObserver>(std::move(bits));
  throw Error(fmt::format("calibration method '{}' is unknown, expected one of {}", name,
                          fmt::join(range_method_names(), ", ")));
}

}  // namespace systole
