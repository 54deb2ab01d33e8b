// SPDX-License-Identifier: Apache-2.0
// The text form of requests to prune.
#include "compiler/prune/prune_spec.h"

#include <catch2/catch.hpp>

#include "model/base/error.h"

namespace systole {

TEST_CASE("requests are read with amount, sizes and pattern") {
  const prune::PruneSpec plain = prune::parse_prune("unstructured:0.8");
  CHECK(plain.kind == prune::PruneKind::kUnstructured);
  CHECK(plain.amount == 0.8);
  CHECK(plain.pattern.empty());
  const prune::PruneSpec nm = prune::parse_prune("nm:1:4@/b1/conv*");
  CHECK(nm.kind == prune::PruneKind::kNm);
  CHECK(nm.keep == 1);
  CHECK(nm.of == 4);
  CHECK(nm.pattern == "/b1/conv*");
  const prune::PruneSpec block = prune::parse_prune("block:0.5:8x4");
  CHECK(block.block_rows == 8);
  CHECK(block.block_cols == 4);
  CHECK(prune::parse_prune("block:0.5").block_rows == 0);
  using Texts = std::vector<std::string>;
  CHECK(prune::parse_prune(Texts{"nm:2:4", "kernel:0.5"}).size() == 2);
  CHECK(prune::parse_prune(Texts{"none"}).empty());
  CHECK_THROWS_AS(prune::parse_prune(Texts{"none", "nm:2:4"}), Error);
}

TEST_CASE("mistakes in a request are named") {
  const auto message = [](const std::string& text) -> std::string {
    try {
      prune::parse_prune(text);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  };
  CHECK(message("unstructured:0") == "--prune unstructured:0: amount 0 is outside (0, 1)");
  CHECK(message("unstructured:1") == "--prune unstructured:1: amount 1 is outside (0, 1)");
  CHECK(message("unstructured:nan") == "--prune unstructured:nan: amount nan is outside (0, 1)");
  CHECK(message("unstructured:half") == "--prune unstructured:half: amount 'half' is not a number");
  CHECK(message("kernel") == "--prune kernel: expected kernel:AMOUNT");
  CHECK(message("kernel:0.5:2") == "--prune kernel:0.5:2: expected kernel:AMOUNT");
  CHECK(message("nm:3:4@*") == "--prune nm:3:4@*: expected nm:2:4, nm:1:4 or nm:1:2");
  CHECK(message("block:0.5:8") == "--prune block:0.5:8: block size '8', expected ROWSxCOLS");
  CHECK(message("block:0.5:8x0") ==
        "--prune block:0.5:8x0: columns of the block '0', expected 1..65535");
  CHECK(message("vector:0.5@") ==
        "--prune vector:0.5@: the pattern of layer names behind @ is empty");
  CHECK(message("").substr(0, 28) == "--prune : unknown kind '', e");
}

}  // namespace systole
