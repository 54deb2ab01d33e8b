// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <cstdint>

#include "model/isa/compute_instructions.h"
#include "model/isa/dma_instructions.h"
#include "model/isa/words.h"

namespace systole::isa {

/// The fields that every instruction has. `opcode` is raw.
struct Header {
  uint8_t opcode = 0;  ///< High nibble: unit. Low nibble: operation.
  uint16_t tag = 0;  ///< Free label (the compiler's layer number); appears in the retire log.
  uint16_t wait = 0;  ///< Wait set: bit p takes one token from semaphore (p, this unit).
  uint16_t signal = 0;  ///< Signal set: bit c gives one token to semaphore (this unit, c) when the instruction ends.
  bool operator==(const Header&) const = default;
  static constexpr Header decode([[maybe_unused]] const Words& w) {
    Header r;
    r.opcode = static_cast<uint8_t>(get_bits(w, 0, 0, 8));
    r.tag = static_cast<uint16_t>(get_bits(w, 0, 16, 16));
    r.wait = static_cast<uint16_t>(get_bits(w, 1, 0, 16));
    r.signal = static_cast<uint16_t>(get_bits(w, 1, 16, 16));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 0, 0, 8, static_cast<uint32_t>(opcode));
    set_bits(w, 0, 16, 16, static_cast<uint32_t>(tag));
    set_bits(w, 1, 0, 16, static_cast<uint32_t>(wait));
    set_bits(w, 1, 16, 16, static_cast<uint32_t>(signal));
  }
};

}  // namespace systole::isa
