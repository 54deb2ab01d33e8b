// SPDX-License-Identifier: Apache-2.0
// The methods of choosing the range of a tensor, by name.
#pragma once

#include <string>
#include <vector>

#include "compiler/quant/calibrate.h"

namespace systole::quant {

/// Names for the command line, the default first: "min-max", "percentile", "mse", "entropy".
std::vector<std::string> range_method_names();

/// Makes the observers of a method:
///   min-max     every element is inside
///   percentile  all but the 0.01 % of the elements that lie furthest below and above
///   mse         the fraction of the min-max range with the least squared error of its codes
///   entropy     the threshold of magnitude whose codes lose the least information, by the
///               Kullback-Leibler divergence (Migacz, "8-bit Inference with TensorRT", GTC 2017),
///               of those whose squared error is within a quarter of the least
/// `bits`: of the codes of each value, by ValueId; values beyond it have 8. Throws Error for an
/// unknown name.
RangeObserverFactory range_method(const std::string& name, std::vector<int> bits = {});

}  // namespace systole::quant
