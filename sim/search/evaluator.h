// SPDX-License-Identifier: Apache-2.0
// Measures choices of widths: accuracy by the bit-exact executor, costs by a simulated run.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "model/arch/arch.h"
#include "sim/energy/table.h"
#include "sim/search/point.h"
#include "sim/search/requantiser.h"

namespace systole::search {

struct EvaluatorOptions {
  arch::ArchConfig arch;
  int64_t batch = 1;  ///< of the simulated run; accuracy does not depend on it
  std::optional<energy::EnergyTable> table;  ///< none: energy is not estimated
  int jobs = 1;                              ///< processes at once
};

/// Results do not depend on `jobs`.
class Evaluator {
 public:
  /// All arguments outlive this. `calibration` has labels.
  Evaluator(const Requantiser& network, const SearchSpace& space, const data::Dataset& calibration,
            const EvaluatorOptions& options)
      : network_(network), space_(space), calibration_(calibration), options_(options) {}

  /// Calibration items that the float32 network classifies as their labels say.
  uint64_t float32_right() const;
  /// Compiles `choice`; throws the Error, if it cannot be, with its exit code.
  void check(const Choice& choice) const;
  /// The figures of each choice over the calibration data, or why it has none. `done` is called as
  /// each ends.
  std::vector<SearchPoint> measure(const std::vector<Choice>& choices,
                                   const std::function<void()>& done) const;
  /// How many items of `data` each choice classifies as their labels say; the first figure is that
  /// of the float32 network. Throws Error.
  std::vector<uint64_t> right(const std::vector<Choice>& choices, const data::Dataset& data,
                              const std::function<void()>& done) const;

 private:
  Figures figures(const Choice& choice) const;
  /// Calls `use` with the network as `choice` has it, for each of `batches`.
  void with_plans(const Choice& choice, const std::vector<int64_t>& batches,
                  const std::function<void(pipeline::NetworkPlan)>& use) const;

  const Requantiser& network_;
  const SearchSpace& space_;
  const data::Dataset& calibration_;
  const EvaluatorOptions options_;
};

}  // namespace systole::search
