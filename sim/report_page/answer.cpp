// SPDX-License-Identifier: Apache-2.0
// Words figures.
#include "sim/report_page/answer.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/report/format.h"

namespace systole::report_page {

Json to_json(const Answer& answer) {
  Json json = Json::array();
  for (const Sentence& sentence : answer)
    json.push_back({{"text", sentence.text}, {"figures", sentence.figures}});
  return json;
}

const Json& Figures::at(const std::string& pointer) {
  const Json& value = source_.at(Json::json_pointer(pointer));
  noted_[pointer] = value;
  return value;
}

Sentence Figures::sentence(std::string text) {
  Sentence made{std::move(text), std::move(noted_)};
  noted_ = Json::object();
  return made;
}

std::string percent_text(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string times_text(double factor) {
  return fmt::format("{} times", factor < 10 ? fmt::format("{:.2f}", factor) : number_text(factor));
}

std::string number_text(double value) {
  return std::abs(value) < 10'000 ? fmt::format("{:.4g}", value)
                                  : cycles_text(static_cast<int64_t>(std::llround(value)));
}

std::string cycles_text(int64_t cycles) {
  return (cycles < 0 ? "-" : "") + report::with_commas(static_cast<uint64_t>(std::abs(cycles)));
}

}  // namespace systole::report_page
