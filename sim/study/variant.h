// SPDX-License-Identifier: Apache-2.0
// What a study compares: networks, each at a precision and after a pruning.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "compiler/prune/prune_spec.h"
#include "compiler/quant/precision.h"

namespace systole::study {

/// Widths by a name.
struct StudyPrecision {
  std::string name;
  quant::PrecisionPolicy policy;
  std::filesystem::path file = {};  ///< of the policy; empty: `policy` is widths alone
};

/// Requests that are fulfilled one after the other.
struct StudyPruning {
  std::string name = "none";
  std::vector<prune::PruneSpec> specs;
};

/// A network to study.
struct StudyNetwork {
  std::filesystem::path file;
  bool own_widths = false;  ///< it states its weights as integers: nothing is left to choose
  bool calibrated = true;   ///< some of its scales come from calibration
  uint64_t classes = 0;     ///< elements of its first output
};

/// One network at one precision after one pruning.
struct StudyVariant {
  StudyNetwork network;
  StudyPrecision precision;
  StudyPruning pruning;
};

/// What the user lists; entries "int8", "W4A8" (weights and activations of all layers but the first
/// and the last) or the name of a policy file, POLICY.yaml. Throws Error "--precisions TEXT:
/// reason", also for an entry that is given twice.
std::vector<StudyPrecision> parse_study_precisions(const std::vector<std::string>& texts);

/// Entries "none" or KIND:AMOUNT[@PATTERN], several joined by "+". Throws Error likewise.
std::vector<StudyPruning> parse_study_prunings(const std::vector<std::string>& texts);

/// The network after each pruning at each precision, precisions fastest; then each of `beside` at
/// each precision, as it is. A network with widths of its own has the one precision "own".
std::vector<StudyVariant> study_variants(const StudyNetwork& network,
                                         const std::vector<StudyPrecision>& precisions,
                                         const std::vector<StudyPruning>& prunings,
                                         const std::vector<StudyNetwork>& beside);

}  // namespace systole::study
