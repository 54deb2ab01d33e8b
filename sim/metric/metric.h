// SPDX-License-Identifier: Apache-2.0
// The metrics that have a name: what an item's output is worth, against labels or against float32.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "sim/metric/figure.h"

namespace systole::metric {

enum class Metric {
  kTop1,        ///< the largest element is that of the label
  kTop5,        ///< one of the five largest is
  kToken,       ///< the same as top-1 of each token that has a label
  kExact,       ///< of all tokens that have one
  kPerplexity,  ///< of the probabilities that the softmax of logits gives such tokens
  kMeanError,   ///< mean of the absolute differences from float32, over elements, then items
  kCosine,      ///< of the angle to float32, mean over items
  kSnr,         ///< float32's sum of squares over that of the differences from it, in dB
};

const std::map<std::string, Metric>& metrics();
std::string name_of(Metric metric);

/// Whether labels tell what is right; else float32 does.
bool needs_labels(Metric metric);
/// Whether the figure is the share of what is right.
bool is_share(Metric metric);

/// Throws Error unless the labels of `data` are those that `metric` needs of outputs of `shape`,
/// that of one item. `file`: the data set's.
void check_labels(Metric metric, const data::Dataset& data, const std::vector<int64_t>& shape,
                  const std::string& file);

/// Throws Error if `output`, of an item with as many labels as the first of `data`, is not what
/// `metric` takes: perplexity logits, no probabilities.
void check_output(Metric metric, const data::Dataset& data, const std::vector<float>& output);

/// Of a metric that needs labels, which were checked: `output` of item `item`. Of kPerplexity the
/// negative logarithm.
Score score(Metric metric, const data::Dataset& data, size_t item,
            const std::vector<float>& output);
/// Of the others: `given` against that of float32. Of kSnr signal over noise.
Score score(Metric metric, const std::vector<float>& exact, const std::vector<float>& given);
/// Of scores of `metric`; in dB of kSnr.
Figure figure_of(Metric metric, const Scores& scores);
/// `after` less `before` as change_of tells it; not of kSnr.
Figure change_of(Metric metric, const Scores& before, const Scores& after);

}  // namespace systole::metric
