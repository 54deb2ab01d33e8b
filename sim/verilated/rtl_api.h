/* SPDX-License-Identifier: Apache-2.0 */
/* The C interface between a verilated core (a shared library) and the engine that drives it. */
#pragma once

#include <cstddef>
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

/// Texts by number. Number 0 of layers, opcodes and tensors: none.
struct WaveTexts {
  const char* const* texts = nullptr;
  uint32_t count = 0;
};
/// An instruction of the program: its unit, and the numbers of its texts.
struct WaveInstruction {
  uint32_t unit, opcode, layer;
};
/// Addresses from `from` to before `to`, and the number of their text.
struct WaveRange {
  uint64_t from, to;
  uint32_t text;
};
/// What the waveform tells in words: for each unit its cause, and layer and opcode of its newest
/// instruction; and what stands where in DRAM the core asks for a burst.
struct WaveStory {
  WaveTexts units, causes, opcodes, layers, tensors;
  const WaveInstruction* code = nullptr;  ///< by program counter
  uint32_t code_size = 0;
  const WaveRange* ranges = nullptr;  ///< the first that holds an address counts
  uint32_t ranges_count = 0;
};

/// What a waveform holds.
struct WaveOptions {
  const WaveStory* story = nullptr;   ///< null: none; outlives the core
  const WaveTexts* scopes = nullptr;  ///< null: all signals; else those of these scopes, as
                                      ///< "LEVELS SCOPE SCOPE ...", with their sub-scopes to
                                      ///< that depth
  double cycle_ps = 1000;             ///< of the clock
};

/// A variable of the RTL in memory, little-endian.
struct RtlVariable {
  const uint8_t* bytes = nullptr;  ///< null: there is none of that name
  uint32_t element_bytes = 0;      ///< from one element of an array to the next
  uint32_t elements = 0;           ///< 1 if it is no array
};

/// Takes the next `size` bytes of a state.
using ByteSink = void (*)(void* context, const uint8_t* bytes, size_t size);

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
  bool (*open_wave)(void* core, const char* path, const WaveOptions* options);
  /// As settle, and records the cycle from `cycle` clock periods on: the edge, and the fall half a
  /// period later.
  const char* (*settle_traced)(void* core, uint64_t cycle);
  /// Gives the state of all registers, memories and ports to `sink`, part by part (builds with
  /// waveforms and for debugging; null otherwise).
  void (*save)(void* core, ByteSink sink, void* context);
  /// Sets the state that `save` of this same library gave.
  const char* (*restore)(void* core, const uint8_t* bytes, size_t size);
  /// Where `name` of `scope`, as "sys_core.u_wb", stands; it stays there (builds for debugging;
  /// null otherwise).
  RtlVariable (*variable)(void* core, const char* scope, const char* name);
  void (*destroy)(void* core);
};

}  // namespace systole::verilated

/// The library's only symbol.
extern "C" __attribute__((visibility("default"))) const systole::verilated::RtlApi*
systole_rtl_api();
