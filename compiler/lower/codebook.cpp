// SPDX-License-Identifier: Apache-2.0
// Collects the values of a layer's weights.
#include "compiler/lower/codebook.h"

#include <algorithm>
#include <set>

namespace systole::lower {

std::optional<Codebook> codebook_of(const graph::QGraph& graph, const graph::QConv& conv) {
  constexpr size_t kWorthwhile = 4 * arch::kCodebookBytes;  // weights
  const graph::QTensor& in = graph.tensors.at(static_cast<size_t>(conv.in));
  const graph::QTensor& out = graph.tensors.at(static_cast<size_t>(conv.out));
  if (conv.weight_type.bits() != 8 || conv.weights.size() < kWorthwhile) return std::nullopt;
  std::set<int8_t> values;
  const bool depthwise = conv.group == in.c && conv.group == out.c;
  if (conv.group > 1 && !depthwise) values.insert(0);  // between the groups
  for (const int8_t weight : conv.weights)
    if (values.insert(weight); values.size() > arch::kCodebookBytes) return std::nullopt;
  Codebook book{};
  std::copy(values.begin(), values.end(), book.begin());
  return book;
}

}  // namespace systole::lower
