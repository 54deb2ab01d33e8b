// SPDX-License-Identifier: Apache-2.0
// docs/operators.md names the operators that the importer takes, all of them and no others.
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>

#include "compiler/onnx/importer.h"

namespace systole::test {

TEST_CASE("the page of operators lists what the importer takes") {
  std::ifstream page(SYSTOLE_SOURCE_DIR "/docs/operators.md");
  REQUIRE(page);
  std::set<std::string> listed;
  const std::regex name("`([A-Za-z]+)`");
  for (std::string line; std::getline(page, line) && line != "## What is refused";) {
    if (line.rfind("| `", 0) != 0) continue;
    const std::string first = line.substr(1, line.find('|', 1) - 1);
    for (std::sregex_iterator it(first.begin(), first.end(), name), end; it != end; ++it)
      CHECK(listed.insert((*it)[1]).second);
  }
  const std::vector<std::string> taken = importer::supported_operators();
  CHECK(listed == std::set<std::string>(taken.begin(), taken.end()));
}

}  // namespace systole::test
