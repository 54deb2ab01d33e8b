// SPDX-License-Identifier: Apache-2.0
// What is done between pruning and rounding so that rounding costs less, step by step.
#pragma once

#include <string>
#include <vector>

namespace systole::quant {

/// By the names of --calib-steps; they are done in this order.
struct CalibrationSteps {
  bool equalise = false;         ///< compiler/quant/equalise.h: equalise_weights
  bool channel_ranges = false;   ///< the same: equalise_ranges
  bool gptq = false;             ///< compiler/quant/input_products.h
  bool bias_correction = false;  ///< compiler/quant/bias_correction.h

  bool any() const { return equalise || channel_ranges || gptq || bias_correction; }
  bool operator==(const CalibrationSteps&) const = default;
};

/// "equalise", "channel-ranges", "gptq", "bias-correction".
std::vector<std::string> calibration_step_names();
/// Their names, in their order.
std::vector<std::string> names_of(const CalibrationSteps& steps);
/// Throws Error "`what` NAME: ..." for an unknown name.
CalibrationSteps parse_steps(const std::string& what, const std::vector<std::string>& names);

/// A method of choosing ranges and steps in one word, "mse+equalise+bias-correction".
struct CalibrationWay {
  std::string method = "min-max";
  CalibrationSteps steps;
};
std::string way_text(const CalibrationWay& way);
/// Throws Error "`what`: ..." for an unknown method or step.
CalibrationWay parse_way(const std::string& what, const std::string& text);

/// The way `text` with the steps `names` too. Throws Error "`what` NAME: ..." for an unknown one.
std::string with_steps(const std::string& text, const std::string& what,
                       const std::vector<std::string>& names);

}  // namespace systole::quant
