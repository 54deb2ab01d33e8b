// SPDX-License-Identifier: Apache-2.0
// The command `serve`: what is no message is told, with the byte where it begins.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/errors/command.h"

namespace systole {
namespace {

const std::string kExpected =
    "expected the length in four bytes, little-endian, at most 67108864, then so much JSON";

/// The messages of an answer, in order.
std::vector<nlohmann::json> messages_of(const std::string& out) {
  std::vector<nlohmann::json> all;
  for (size_t at = 0; at + 4 <= out.size();) {
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length |= size_t{static_cast<uint8_t>(out[at + i])} << (8 * i);
    all.push_back(nlohmann::json::parse(out.substr(at + 4, length)));
    at += 4 + length;
  }
  return all;
}

TEST_CASE("text without a length before it is answered, and ends with an error") {
  const Workplace place;
  const CommandResult result = place.shell("printf '{\"do\": \"archs\"}' | $SYSTOLE serve --stdio");
  CHECK(result.exit_code == 2);
  CHECK(
      result.err ==
      "systole: --stdio: byte 0: the stream ends after 11 of the 1868833403 bytes of a message, " +
          kExpected + "\n");
  const auto messages = messages_of(result.out);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].contains("hello"));
  CHECK(messages[1]["id"].is_null());
  CHECK(messages[1]["error"]["code"] == 2);
  CHECK(messages[1]["error"]["message"] ==
        "--stdio: byte 0: a message of 1868833403 bytes, " + kExpected);
}

TEST_CASE("a message of no JSON is answered, whoever is gone by then") {
  const Workplace place;
  const CommandResult result =
      place.shell("printf '\\005\\000\\000\\000{{{{{' | $SYSTOLE serve --stdio");
  CHECK(result.exit_code == 0);
  CHECK(result.err == "");
  const auto messages = messages_of(result.out);
  REQUIRE(messages.size() == 2);
  CHECK_THAT(messages[1]["error"]["message"].get<std::string>(),
             Catch::StartsWith("message: ") && Catch::Contains("column 2"));
}

TEST_CASE("a stream that ends within a message is told by the byte where that begins") {
  const Workplace place;
  const auto ends = [&](const std::string& bytes, const std::string& message) {
    CAPTURE(bytes);
    const CommandResult result = place.shell("printf '" + bytes + "' | $SYSTOLE serve --stdio");
    CHECK(result.exit_code == 2);
    CHECK(result.err == "systole: --stdio: " + message + ", " + kExpected + "\n");
  };
  ends("\\005", "byte 0: the stream ends after 1 byte");
  ends("\\005\\000\\000", "byte 0: the stream ends after 3 bytes");
  ends("\\005\\000\\000\\000", "byte 0: the stream ends after 0 of the 5 bytes of a message");
  ends("\\002\\000\\000\\000{}\\011\\000\\000\\000{\"id\"",
       "byte 6: the stream ends after 5 of the 9 bytes of a message");
}

TEST_CASE("a stream that is whole, empty or no stream") {
  const Workplace place;
  for (const char* input : {"</dev/null", "<&-"}) {
    const CommandResult result = place.shell(std::string("$SYSTOLE serve --stdio ") + input);
    CAPTURE(input, result.err);
    CHECK(result.exit_code == (std::string(input) == "<&-" ? 2 : 0));
  }
  const CommandResult folder = place.shell("$SYSTOLE serve --stdio < .");
  CHECK(folder.exit_code == 2);
  CHECK(folder.err == "systole: --stdio: byte 0: cannot be read: Is a directory\n");
}

}  // namespace
}  // namespace systole
