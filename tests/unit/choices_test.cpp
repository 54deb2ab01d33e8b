// SPDX-License-Identifier: Apache-2.0
// The compiler's choices as text.
#include "compiler/choices/choices.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "model/base/error.h"

namespace systole {

using Catch::Matchers::Equals;

TEST_CASE("choices are taken out of assignments, which keep their other keys") {
  std::vector<std::string> set = {"array.rows=8", "compile.bands=false", "compile.fuse=true"};
  const choices::Choices taken = choices::take_choices(set);
  CHECK(taken == choices::Choices{.bands = false});
  CHECK(set == std::vector<std::string>{"array.rows=8"});
  CHECK(choices::to_text(taken) == "compile.bands=false");
  CHECK(choices::to_text({}) == "");
}

TEST_CASE("the last of several assignments to a choice holds") {
  std::vector<std::string> set = {"compile.fuse=false", "compile.fuse=true"};
  CHECK(choices::take_choices(set) == choices::Choices());
}

TEST_CASE("a choice is known and true or false") {
  const auto message = [](std::vector<std::string> set) -> std::string {
    try {
      choices::take_choices(set);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK_THAT(message({"compile.fuse=maybe"}),
             Equals("--set compile.fuse=maybe: compile.fuse: 'maybe', expected true or false"));
  CHECK_THAT(message({"compile.fuse"}),
             Equals("--set compile.fuse: compile.fuse: '', expected true or false"));
  CHECK_THAT(message({"compile.fus=false"}),
             Equals("--set compile.fus=false: unknown key 'compile.fus', expected one of "
                    "compile.fuse, compile.fold, compile.bands, compile.keep_on_chip, "
                    "compile.prefetch, did you mean 'compile.fuse'?"));
}

TEST_CASE("the documentation says of each choice what it switches off") {
  std::ifstream page(SYSTOLE_SOURCE_DIR "/docs/lowering.md");
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  for (const choices::ChoiceInfo& choice : choices::kChoices) {
    INFO(choice.key);
    CHECK(choices::Choices().*choice.member);
    CHECK(text.find(fmt::format("\n| `{}` | `true` | {} |\n", choice.key, choice.off)) !=
          std::string::npos);
  }
}

}  // namespace systole
