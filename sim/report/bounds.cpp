// SPDX-License-Identifier: Apache-2.0
// Adds bytes and compares bounds.
#include "sim/report/bounds.h"

#include <algorithm>

namespace systole::report {

DramBytes& DramBytes::operator+=(const DramBytes& other) {
  weights += other.weights;
  params += other.params;
  activations_read += other.activations_read;
  activations_written += other.activations_written;
  instructions += other.instructions;
  return *this;
}

Cycle Bounds::largest() const { return std::max({mxu, vpu, memory}); }

Bounds::Kind Bounds::largest_kind() const {
  if (mxu == largest()) return Kind::kMxu;
  return memory == largest() ? Kind::kMemory : Kind::kVpu;
}

const char* Bounds::largest_name() const {
  switch (largest_kind()) {
    case Kind::kMxu:
      return "mxu";
    case Kind::kVpu:
      return "vpu";
    case Kind::kMemory:
      break;
  }
  return "memory";
}

}  // namespace systole::report
