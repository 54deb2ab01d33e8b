// SPDX-License-Identifier: Apache-2.0
// The AXI4-Lite port of a verilated core: one register access at a time.
#pragma once

#include <cstdint>

#include "sim/verilated/rtl_api.h"

namespace systole::engine {

/// `begin` an access, then in every clock cycle `drive` after the edge and `observe` once the
/// inputs have settled, until `observe` says that it is done.
class AxiLitePort {
 public:
  explicit AxiLitePort(const verilated::RtlPins& pins) : pins_(pins) {}

  void begin(bool write, uint32_t addr, uint32_t data);
  void drive();
  /// Whether the access was completed in this cycle.
  bool observe();
  /// No access is under way.
  bool idle() const { return !active_; }
  uint32_t data() const { return data_; }
  bool error() const { return error_; }

 private:
  bool observe_write();
  bool observe_read();

  const verilated::RtlPins& pins_;
  bool active_ = false;
  bool write_ = false;
  bool address_open_ = false;  ///< AW or AR is not accepted yet
  bool data_open_ = false;     ///< W is not accepted yet
  uint16_t addr_ = 0;
  uint32_t data_ = 0;
  bool error_ = false;
};

}  // namespace systole::engine
