// SPDX-License-Identifier: Apache-2.0
// In place of pagmo where it is not installed.
#ifndef SYSTOLE_HAS_PAGMO
#include "model/base/error.h"
#include "sim/nsga2/nsga2.h"

namespace systole::nsga2 {

bool has_nsga2() { return false; }

Nsga2::Nsga2(const std::vector<uint32_t>& /*choices*/, uint64_t /*seed*/) {
  throw Error(
      "optimise: this program was built without pagmo, expected Debian's libpagmo-dev (apt-get "
      "install libpagmo-dev) and a new build");
}

Nsga2::~Nsga2() = default;

std::vector<Genes> Nsga2::breed(const std::vector<Genes>& /*parents*/,
                                const std::vector<front::Costs>& /*costs*/) {
  return {};
}

std::vector<size_t> Nsga2::best(const std::vector<front::Costs>& /*costs*/, size_t /*count*/) {
  return {};
}

}  // namespace systole::nsga2
#endif
