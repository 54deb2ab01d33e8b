// SPDX-License-Identifier: Apache-2.0
// What `--prune KIND:AMOUNT[@PATTERN]` asks for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systole::prune {

enum class PruneKind {
  kUnstructured,        ///< the least magnitudes of a layer
  kGlobalUnstructured,  ///< the least magnitudes of all layers
  kNm,                  ///< all but the `keep` largest of every `of` consecutive input channels
  kBlock,               ///< weight tiles, or blocks of a stated size
  kVector,              ///< rows of weight tiles
  kKernel,              ///< kernels: one input channel of one output channel
  kChannel,             ///< output channels; the network shrinks
  kLowRank,             ///< a layer becomes two
  kCodebook,            ///< a layer's weights take few values
};

/// What tells how much a channel matters.
enum class ChannelCriterion { kL1, kL2, kGamma, kActivation };

struct PruneSpec {
  std::string text;  ///< as given, for messages
  PruneKind kind = PruneKind::kUnstructured;
  double amount = 0;                       ///< share that goes, in (0, 1)
  int keep = 0, of = 0;                    ///< N:M
  int64_t block_rows = 0, block_cols = 0;  ///< input and output channels; 0: as a weight tile
  ChannelCriterion criterion = ChannelCriterion::kL1;
  int values = 0;       ///< codebook
  std::string pattern;  ///< of layer names (*, ? and [...] as in a shell); empty: the default
};

/// Reads KIND:AMOUNT[@PATTERN] (docs/pruning.md). Throws Error "--prune TEXT: reason".
PruneSpec parse_prune(const std::string& text);
/// The same of each; "none" alone is no request.
std::vector<PruneSpec> parse_prune(const std::vector<std::string>& texts);
/// Reads "none", or requests that are joined by "+" and fulfilled one after the other. Throws Error
/// "OWNER TEXT: reason".
std::vector<PruneSpec> parse_joined_prune(const std::string& text,
                                          const std::string& owner = "--prune");

}  // namespace systole::prune
