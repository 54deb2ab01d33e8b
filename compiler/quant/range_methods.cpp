// SPDX-License-Identifier: Apache-2.0
// Percentile, least squared error and least divergence over a histogram.
#include "compiler/quant/range_methods.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "compiler/quant/histogram.h"
#include "compiler/quant/quantise.h"
#include "model/base/error.h"

namespace systole::quant {
namespace {

constexpr double kTail = 1e-4;       // of the elements, on either side
constexpr int kFractions = 100;      // of the min-max range that are tried
constexpr int kCodes = 256;          // at most
constexpr double kMoreError = 1.25;  // than the least squared error, by entropy

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

/// Of the codes of `range`, over all elements.
double squared_error(const Histogram& histogram, ValueRange range, int bits) {
  const Affine affine = affine_of(range, bits);
  double sum = 0;
  histogram.for_each([&](double centre, uint64_t elements) {
    const int code = quantise(static_cast<float>(centre), affine, bits);
    const double off = double{affine.scale} * (code - affine.zero) - centre;
    sum += off * off * static_cast<double>(elements);
  });
  return sum;
}

/// Tries parts of the min-max range, the widest first.
class SearchObserver : public HistogramObserver {
 public:
  explicit SearchObserver(int bits) : bits_(bits) {}

 protected:
  ValueRange whole() const { return {histogram_.least(), histogram_.greatest()}; }
  double error(ValueRange range) const { return squared_error(histogram_, range, bits_); }

  const int bits_;  ///< of a code
};

class MseObserver : public SearchObserver {
 public:
  using SearchObserver::SearchObserver;
  ValueRange range() const override {
    ValueRange best = whole();
    double least = INFINITY;
    for (int step = kFractions; step > 0; --step) {
      const float part = static_cast<float>(step) / kFractions;
      const ValueRange tried{whole().lo * part, whole().hi * part};
      const double loss = error(tried);
      if (loss >= least) continue;
      least = loss;
      best = tried;
    }
    return best;
  }
};

/// The threshold whose codes lose the least information. As in the source: what lies outside counts
/// for the outermost bins of the reference, but is not seen by the codes; no candidate has fewer
/// bins than codes, which would lose nothing because there is nothing to tell apart; and zeros,
/// which every range holds exactly, do not count. Unlike there, thresholds that cost more squared
/// error than kMoreError times the least are left out.
class EntropyObserver : public SearchObserver {
 public:
  using SearchObserver::SearchObserver;
  ValueRange range() const override {
    std::vector<ValueRange> tried;
    std::vector<double> errors;
    const float furthest = std::max(-whole().lo, whole().hi);
    const double narrowest = (1 << bits_) * 2 * histogram_.reach();
    for (int step = kFractions; step > 0; --step) {
      const float threshold = furthest * static_cast<float>(step) / kFractions;
      const ValueRange part{std::max(whole().lo, -threshold), std::min(whole().hi, threshold)};
      if (step < kFractions && part.hi - part.lo < narrowest) break;
      tried.push_back(part);
      errors.push_back(error(part));
    }
    const double allowed = kMoreError * *std::min_element(errors.begin(), errors.end());
    ValueRange best = whole();
    double least = INFINITY;
    for (size_t i = 0; i < tried.size(); ++i) {
      if (errors[i] > allowed) continue;
      const double loss = divergence(tried[i]);
      if (loss >= least) continue;
      least = loss;
      best = tried[i];
    }
    return best;
  }

 private:
  /// A bin inside a range.
  struct Bin {
    double elements;  ///< of the reference, so with those outside
    int code;
  };

  double divergence(ValueRange range) const {
    const Affine affine = affine_of(range, bits_);
    std::vector<Bin> bins;
    double code_sum[kCodes] = {};  // of the elements of a code that are truly inside
    int code_bins[kCodes] = {};
    double below = 0, above = 0, inside = 0;
    histogram_.for_each_but_zeros([&](double centre, double elements) {
      if (centre < range.lo) {
        below += elements;
      } else if (centre > range.hi) {
        above += elements;
      } else {
        const int code = quantise(static_cast<float>(centre), affine, bits_) + 128;
        bins.push_back({elements, code});
        code_sum[code] += elements;
        ++code_bins[code];
        inside += elements;
      }
    });
    if (bins.empty()) return INFINITY;
    bins.front().elements += below;
    bins.back().elements += above;
    const double all = inside + below + above;
    double sum = 0;
    for (const Bin& bin : bins) {
      const double p = bin.elements / all;
      const double q = code_sum[bin.code] / code_bins[bin.code] / inside;
      sum += p * std::log(p / q);
    }
    return sum;
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

RangeObserverFactory range_method(const std::string& way, std::vector<int> bits) {
  const std::string name = way.substr(0, way.find('+'));  // steps are done before
  if (name == "min-max") return make_min_max_observer;
  if (name == "percentile") return [](size_t) { return std::make_unique<PercentileObserver>(); };
  if (name == "mse") return searching<MseObserver>(std::move(bits));
  if (name == "entropy") return searching<EntropyObserver>(std::move(bits));
  throw Error(fmt::format("calibration method '{}' is unknown, expected one of {}", name,
                          fmt::join(range_method_names(), ", ")));
}

}  // namespace systole::quant
