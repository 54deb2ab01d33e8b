// SPDX-License-Identifier: Apache-2.0
// Expressions: what they come to, what is wrong with them and where.
#include "sim/expression/expression.h"

#include <catch2/catch.hpp>
#include <map>

namespace systole::expression {
namespace {

const std::vector<std::string> kKeys = {"array.rows", "array.cols", "area_mm2", "none"};

std::optional<double> value(const std::string& key) {
  const std::map<std::string, double> values = {
      {"array.rows", 8}, {"array.cols", 32}, {"area_mm2", 2.5}};
  const auto found = values.find(key);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

std::optional<double> number(const std::string& text) {
  return Expression::parse(text, Kind::kNumber, kKeys).number(value);
}
std::optional<bool> truth(const std::string& text) {
  return Expression::parse(text, Kind::kTruth, kKeys).truth(value);
}

/// "OFFSET: message" of what is wrong.
std::string wrong(const std::string& text, Kind kind = Kind::kTruth) {
  try {
    Expression::parse(text, kind, kKeys);
  } catch (const SyntaxError& error) {
    return std::to_string(error.offset) + ": " + error.message();
  }
  return "nothing";
}

TEST_CASE("expressions come to what arithmetic says") {
  CHECK(number("1 + 2 * 3 - 4 / 2") == 5);
  CHECK(number("2 - 3 - 4") == -5);
  CHECK(number("16 / 4 / 2") == 2);
  CHECK(number("-(1 + 2) * -array.rows") == 24);
  CHECK(number("array.rows*array.cols") == 256);
  CHECK(number("min(array.rows, 5, 7) + max(1, array.cols)") == 37);
  CHECK(number("1.5e2") == 150);
  CHECK(number("1 / 0") == std::nullopt);
  CHECK(number("none + 1") == std::nullopt);
}

TEST_CASE("bounds decide a condition where all values between them agree") {
  const auto within = [](const std::string& text) {
    return Expression::parse(text, Kind::kTruth, kKeys)
        .truth_within([](const std::string& key) -> Interval {
          if (key == "array.rows") return {8, 16};
          if (key == "array.cols") return {-1, 2};
          if (key == "area_mm2") return {2.5, 2.5};
          return {};
        });
  };
  CHECK(within("array.rows >= 8") == true);
  CHECK(within("array.rows > 8") == std::nullopt);
  CHECK(within("array.rows <= 7.9") == false);
  CHECK(within("array.rows * array.cols <= 32") == true);  // from -16 to 32
  CHECK(within("array.rows * array.cols < -16") == false);
  CHECK(within("10 - array.rows >= 3") == false);  // from -6 to 2
  CHECK(within("-array.rows > -8") == false);
  CHECK(within("16 / array.rows >= 1") == true);
  CHECK(within("16 / array.cols < 0") == std::nullopt);  // through 0
  CHECK(within("min(array.rows, area_mm2) == 2.5") == true);
  CHECK(within("max(array.rows, array.cols, 9) < 9") == false);
  CHECK(within("area_mm2 != 2.5") == false);
  CHECK(within("none <= 1") == std::nullopt);
  CHECK(within("none <= 1 and array.rows > 16") == false);
  CHECK(within("none <= 1 or not array.rows > 16") == true);
  CHECK(within("none * 0 <= 1") == std::nullopt);
}

TEST_CASE("conditions bind not before and, and before or") {
  CHECK(truth("array.rows * array.cols <= 256") == true);
  CHECK(truth("array.rows > 8 or area_mm2 < 3 and array.cols == 32") == true);
  CHECK(truth("(array.rows > 8 or area_mm2 < 3) and array.cols != 32") == false);
  CHECK(truth("not array.rows > 8 and area_mm2 >= 2.5") == true);
  CHECK(truth("not (array.rows > 7 and area_mm2 >= 2.5)") == false);
  // A missing value matters where it decides.
  CHECK(truth("none < 1") == std::nullopt);
  CHECK(truth("none < 1 and array.rows == 9") == false);
  CHECK(truth("none < 1 or array.rows == 8") == true);
  CHECK(truth("not none < 1") == std::nullopt);
}

TEST_CASE("a condition falls into the parts that and joins, each with its text") {
  const auto parts = Expression::parse("array.rows <= 4 and (area_mm2 < 2 or none > 1) and 1 < 2",
                                       Kind::kTruth, kKeys)
                         .conjuncts();
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].text() == "array.rows <= 4");
  CHECK(parts[0].excess(value) == 1.0);  // 8 where 4 is the most
  CHECK(parts[1].text() == "(area_mm2 < 2 or none > 1)");
  CHECK(parts[1].excess(value) == std::nullopt);
  CHECK(parts[1].keys() == std::set<std::string>{"area_mm2", "none"});
  CHECK(parts[2].text() == "1 < 2");
  CHECK(parts[2].excess(value) == std::nullopt);  // it holds
  CHECK(Expression::parse("array.cols >= 64", Kind::kTruth, kKeys).excess(value) == 0.5);
}

TEST_CASE("what is wrong with an expression is told with its place") {
  CHECK(wrong("array.rows <= ") == "14: found the end, expected a number or a key");
  CHECK(wrong("array.rows < = 4") == "13: found '=', expected a number, a key or an operator");
  CHECK(wrong("array.row <= 4") ==
        "0: found 'array.row', expected a key, did you mean 'array.rows'?");
  CHECK(wrong("array.rows <= 4 array.cols") ==
        "16: found 'array.cols', expected 'and', 'or' or the "
        "end");
  CHECK(wrong("1 <= array.rows <= 4") == "16: found '<=', expected 'and', 'or' or the end");
  CHECK(wrong("(array.rows <= 4") == "16: found the end, expected ')'");
  CHECK(wrong("array.rows * 4") ==
        "0: found a number, expected a condition, such as a comparison "
        "with <=");
  CHECK(wrong("array.rows <= 4", Kind::kNumber) == "0: found a condition, expected a number");
  CHECK(wrong("1 + (2 < 3)", Kind::kNumber) == "4: found a condition, expected a number");
  CHECK(wrong("array.rows and 1 < 2") ==
        "0: found a number, expected a condition, such as a comparison with <=");
  CHECK(wrong("min(1 2)", Kind::kNumber) == "6: found '2', expected ',' or ')'");
  CHECK(wrong("max 3", Kind::kNumber) == "4: found '3', expected '('");
  CHECK(wrong("1.2.3", Kind::kNumber) == "0: found '1.2.3', expected a number");
  CHECK(wrong("and 1 < 2") == "0: found 'and', expected a number or a key");
  CHECK(wrong("2 ** 3", Kind::kNumber) == "3: found '*', expected a number or a key");
  CHECK(wrong("", Kind::kNumber) == "0: found the end, expected a number or a key");
  CHECK(wrong("2 % 3", Kind::kNumber) == "2: found '%', expected a number, a key or an operator");
  CHECK(wrong(std::string(200, '('), Kind::kNumber) ==
        "100: found '(', expected less that is nested");
}

}  // namespace
}  // namespace systole::expression
