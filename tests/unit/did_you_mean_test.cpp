// SPDX-License-Identifier: Apache-2.0
// Which word is near enough to be meant.
#include "model/base/did_you_mean.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace systole {
namespace {

const std::vector<std::string> kEngines = {"model", "rtl", "both"};

TEST_CASE("two letters exchanged are one mistake, as one that is added, missing or replaced") {
  CHECK(nearest_word("rlt", kEngines) == "rtl");
  CHECK(nearest_word("modle", kEngines) == "model");
  CHECK(nearest_word("modell", kEngines) == "model");
  CHECK(nearest_word("mdel", kEngines) == "model");
  CHECK(nearest_word("nodel", kEngines) == "model");
  CHECK(nearest_word("fpga", kEngines).empty());
  CHECK(nearest_word("ltr", kEngines).empty());  // two mistakes in three letters
}

TEST_CASE("a part of a name is enough, if it is not a few letters by chance") {
  const std::vector<std::string> layers = {"/conv1/Conv", "/layer3/conv2/Conv", "/fc/Gemm"};
  CHECK(nearest_word("layer3", layers) == "/layer3/conv2/Conv");
  CHECK(nearest_word("conv2", layers) == "/layer3/conv2/Conv");
  CHECK(nearest_word("emm", layers).empty());
  CHECK(nearest_word("/fc", layers) == "/fc/Gemm");  // the beginning of one
}

TEST_CASE("of many words the first are told, and how many more there are") {
  CHECK(expected_one_of("fpga", kEngines) == "expected one of model, rtl, both");
  CHECK(expected_one_of("rlt", kEngines) ==
        "expected one of model, rtl, both, did you mean 'rtl'?");
  std::vector<std::string> layers;
  for (int i = 1; i <= 18; ++i) layers.push_back(fmt::format("c{}", i));
  CHECK(expected_one_of("conv", layers) ==
        "expected one of c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16 "
        "and 2 more");
}

}  // namespace
}  // namespace systole
