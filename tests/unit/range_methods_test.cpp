// SPDX-License-Identifier: Apache-2.0
// The methods of choosing ranges, on distributions of which the answer is known.
#include "compiler/quant/range_methods.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "compiler/quant/histogram.h"
#include "compiler/quant/quantise.h"
#include "model/base/error.h"

namespace systole {
namespace {

quant::ValueRange range_of(const std::string& method, const std::vector<float>& elements) {
  const auto observer = quant::range_method(method)(0);
  observer->observe(elements);
  return observer->range();
}

/// 100,000 elements of a normal distribution and one far away.
std::vector<float> with_outlier(float outlier) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> elements(100'000);
  for (float& e : elements) e = normal(random);
  elements.push_back(outlier);
  return elements;
}

}  // namespace

TEST_CASE("a histogram counts every element once, whatever their order") {
  std::vector<float> elements = {0, 0, 1e-3f, -1e-3f, 5, -700, 3, 699, 0};
  const auto bins = [&] {
    quant::Histogram histogram;
    for (const float e : elements) histogram.add(e);
    std::vector<std::pair<double, uint64_t>> found;
    histogram.for_each([&](double centre, uint64_t n) { found.emplace_back(centre, n); });
    CHECK(histogram.least() == -700);
    CHECK(histogram.greatest() == 699);
    CHECK(histogram.reach() == 0.25);  // 2,048 bins of 0.5 reach beyond 700
    return found;
  };
  const auto forwards = bins();
  // Bins: [-700], [-1e-3], [0, 0, 0, 1e-3], [3], [5], [699].
  CHECK(forwards == std::vector<std::pair<double, uint64_t>>{
                        {-699.75, 1}, {-0.25, 1}, {0.25, 4}, {3.25, 1}, {5.25, 1}, {699.25, 1}});
  std::reverse(elements.begin(), elements.end());
  CHECK(bins() == forwards);
}

TEST_CASE("min-max covers an outlier, percentiles and the least squared error leave it out") {
  const auto elements = with_outlier(1000);
  CHECK(range_of("min-max", elements).hi == 1000);
  // One element in 10,000 may be outside: 3.72 standard deviations of a normal distribution.
  const quant::ValueRange percentile = range_of("percentile", elements);
  CHECK(percentile.hi == Approx(3.7).margin(0.5));
  CHECK(percentile.lo == Approx(-3.7).margin(0.5));
  // One element in 100,001 says little, but the square of what is cut from it counts.
  CHECK(range_of("mse", elements).hi < 1000);
}

TEST_CASE("no method cuts a uniform distribution by more than a few codes") {
  std::vector<float> elements(256 * 40);
  for (size_t i = 0; i < elements.size(); ++i) elements[i] = static_cast<float>(i % 256) / 16;
  for (const std::string& method : quant::range_method_names()) {
    INFO(method);
    const quant::ValueRange range = range_of(method, elements);
    CHECK(range.lo == 0);
    CHECK(range.hi >= 15.5f);
    CHECK(range.hi <= 15.9375f);
  }
}

/// `count` elements at each of `levels` levels in [0, 1].
std::vector<float> grey(int levels, int count) {
  std::vector<float> elements;
  for (int i = 0; i < levels * count; ++i)
    elements.push_back(static_cast<float>(i % levels) / static_cast<float>(levels - 1));
  return elements;
}

TEST_CASE("no method cuts a few levels that the codes hold without loss") {
  for (const std::string& method : quant::range_method_names()) {
    INFO(method);
    for (const int levels : {2, 3, 16}) {
      INFO(levels);
      const quant::ValueRange range = range_of(method, grey(levels, 20));
      CHECK(range.lo == 0);
      CHECK(range.hi >= 0.996f);  // 1, or the end of its bin
      CHECK(range.hi <= 1);
    }
  }
}

TEST_CASE("entropy has nearly the least squared error, at each width of the codes") {
  const auto elements = with_outlier(12);
  for (const int bits : {8, 4, 2}) {
    INFO(bits);
    const auto error = [&](const quant::ValueRange& range) {
      const quant::Affine affine = quant::affine_of(range, bits);
      double sum = 0;
      for (const float e : elements) {
        const double off = affine.scale * (quant::quantise(e, affine, bits) - affine.zero) - e;
        sum += off * off;
      }
      return sum;
    };
    const auto range = [&](const char* method) {
      const auto observer = quant::range_method(method, {bits})(0);
      observer->observe(elements);
      return observer->range();
    };
    // At most a quarter more, and what the bins blur.
    CHECK(error(range("entropy")) <= 1.3 * error(range("mse")));
  }
}

TEST_CASE("nothing but zeros has an empty range with every method") {
  for (const std::string& method : quant::range_method_names()) {
    const quant::ValueRange range = range_of(method, {0, 0, 0});
    CHECK(range.lo == 0);
    CHECK(range.hi == 0);
  }
}

TEST_CASE("an unknown method is named with those there are") {
  CHECK_THROWS_WITH(
      quant::range_method("max"),
      "calibration method 'max' is unknown, expected one of min-max, percentile, mse, "
      "entropy");
}

}  // namespace systole
