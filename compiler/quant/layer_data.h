// SPDX-License-Identifier: Apache-2.0
// What the calibration data shows of the inputs of layers, besides their ranges.
#pragma once

#include <optional>
#include <utility>

#include "compiler/quant/bias_correction.h"
#include "compiler/quant/input_products.h"

namespace systole::quant {

struct LayerData {
  std::optional<InputMeans> means;        ///< if biases are corrected
  std::optional<InputProducts> products;  ///< if weights are rounded with error feedback

  bool any() const { return means || products; }
  /// As of both. This must outlive it.
  RangeObserverFactory watched(RangeObserverFactory method) {
    if (products) method = products->watched(std::move(method));
    return means ? means->watched(std::move(method)) : method;
  }
};

}  // namespace systole::quant
