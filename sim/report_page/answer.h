// SPDX-License-Identifier: Apache-2.0
// What a report says in words: sentences, each with the figures that it names.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace systole::report_page {

using Json = nlohmann::ordered_json;

/// A sentence, and the values of the source that its figures are, or are made of, by their place
/// there as a JSON pointer: {"/totals/cycles": 9578}.
struct Sentence {
  std::string text;
  Json figures = Json::object();
};

/// The most important first.
using Answer = std::vector<Sentence>;

/// [{"text": ..., "figures": ...}, ...].
Json to_json(const Answer& answer);

/// Figures of `source` by their JSON pointers, noted as they are asked for.
class Figures {
 public:
  explicit Figures(const Json& source) : source_(source) {}
  /// Throws Json::exception if there is none.
  const Json& at(const std::string& pointer);
  int64_t integer(const std::string& pointer) { return at(pointer).get<int64_t>(); }
  double real(const std::string& pointer) { return at(pointer).get<double>(); }
  std::string text(const std::string& pointer) { return at(pointer).get<std::string>(); }
  /// The sentence with all figures that were asked for since the last one.
  Sentence sentence(std::string text);

 private:
  const Json& source_;
  Json noted_ = Json::object();
};

/// "12.3 %" of a share.
std::string percent_text(double share);
/// "1.42 times", with three digits.
std::string times_text(double factor);
/// A number with four significant digits, no trailing zeros.
std::string number_text(double value);
std::string cycles_text(int64_t cycles);

}  // namespace systole::report_page
