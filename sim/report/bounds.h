// SPDX-License-Identifier: Apache-2.0
// Bytes by class and lower bounds in cycles, of a layer or of a network.
#pragma once

#include <cstdint>

#include "model/core/events.h"

namespace systole::report {

/// AXI payload bytes by class.
struct DramBytes {
  int64_t weights = 0, params = 0, activations_read = 0, activations_written = 0, instructions = 0;
  int64_t total() const {
    return weights + params + activations_read + activations_written + instructions;
  }
  DramBytes& operator+=(const DramBytes& other);
};

/// Lower bounds in cycles of one layer or of the network.
struct Bounds {
  enum class Kind { kMxu, kVpu, kMemory };

  Cycle mxu = 0, vpu = 0, memory = 0;
  Cycle largest() const;
  Kind largest_kind() const;
  /// "mxu", "vpu" or "memory".
  const char* largest_name() const;
};

}  // namespace systole::report
