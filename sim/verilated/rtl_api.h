/* SPDX-License-Identifier: Apache-2.0 */
/* The C interface between a verilated core (a shared library) and the engine that drives it. */
#pragma once

#include <cstdint>

namespace systole::verilated {

/// Where the ports of sys_core stand in memory. Ports whose width depends on the parameters are
/// byte pointers, little-endian. The engine writes inputs and reads outputs in place.
struct RtlPins {
  // Clock and reset.
  uint8_t *clk, *rst_n;
  uint8_t* hold;  ///< 0 after create
  // AXI4-Lite subordinate.
  uint8_t *s_awvalid, *s_wvalid, *s_wstrb, *s_bready, *s_arvalid, *s_rready;
  uint16_t *s_awaddr, *s_araddr;
  uint32_t* s_wdata;
  const uint8_t *s_awready, *s_wready, *s_bvalid, *s_bresp, *s_arready, *s_rvalid, *s_rresp;
  const uint32_t* s_rdata;
  // AXI4 manager, read.
  const uint8_t *m_arvalid, *m_arlen;
  const uint32_t* m_araddr;
  uint8_t *m_arready, *m_rvalid, *m_rdata, *m_rresp, *m_rlast;
  // AXI4 manager, write.
  const uint8_t *m_awvalid, *m_awlen, *m_wvalid, *m_wdata, *m_wstrb, *m_wlast;
  const uint32_t* m_awaddr;
  uint8_t *m_awready, *m_wready, *m_bvalid, *m_bresp;
  // Observation.
  const uint8_t *running, *progress, *retire_valid;
  const uint64_t* cycle;
  const uint8_t *retire_pc, *retire_start, *unit_pc;
  const uint32_t* unit_cause;
};

/// What the library offers. Functions that evaluate return null, or the text of a failed assertion.
struct RtlApi {
  /// Makes the core with registers at random values drawn from `seed`, fills `pins`, and resets it.
  /// Null if it fails; `error` then points to the text.
  void* (*create)(uint64_t seed, RtlPins* pins, const char** error);
  /// The cycle's inputs are set: settles the combinational logic and brings the clock low.
  const char* (*settle)(void* core);
  /// The rising edge: the outputs of the next cycle stand on the pins.
  const char* (*edge)(void* core);
  /// Opens the waveform (trace builds; null otherwise). False if the file cannot be written.
  bool (*open_wave)(void* core, const char* path);
  /// As settle, and records the cycle from `time_ps` on: the edge at `time_ps`, the fall half a ns
  /// later.
  const char* (*settle_traced)(void* core, uint64_t time_ps);
  void (*destroy)(void* core);
};

}  // namespace systole::verilated

/// The library's only symbol.
extern "C" __attribute__((visibility("default"))) const systole::verilated::RtlApi*
systole_rtl_api();
