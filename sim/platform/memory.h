// SPDX-License-Identifier: Apache-2.0
// DRAM as a TLM-2.0 target: the bytes, the legal addresses, and a timing model that dates the
// beats.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "model/core/core_module.h"
#include "model/memory/memory_timing.h"
#include "sim/platform/dram_image.h"

namespace systole::platform {

/// Serves one burst a call: `b_transport` needs a BurstExtension, in call order of its cycles. It
/// dates the burst; a read gets its bytes at once, those of a write are in memory after the cycle
/// of its last beat (no data pointer: dates only). It does not wait and leaves the delay alone.
/// `transport_dbg` moves bytes only, at once. Both honour byte enables. A burst with a byte at or
/// beyond `size_bytes` answers with an error: nothing is written, zeros are read. The image grows
/// when a byte beyond its end is written; there it reads as zero.
class Memory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Memory> socket;

  Memory(const sc_core::sc_module_name& name, std::unique_ptr<memory::MemoryTiming> timing,
         uint64_t size_bytes, DramImage& image);

  /// What the timing model did so far.
  memory::MemoryStats stats() const { return timing_->stats(); }
  /// The run ends after `cycles` cycles: a write that was not over by then is not in memory.
  void end(Cycle cycles);
  /// Brings the timing model to where these bursts, all that it was asked for, have left it; the
  /// image holds what they wrote, all of it in `written`.
  void resume(const std::vector<core::DramEvent>& bursts, ByteRange written);
  /// Holds every byte that was written so far.
  ByteRange written() const { return written_; }

 private:
  void b_transport(tlm::tlm_generic_payload& burst, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& burst);
  bool in_range(const tlm::tlm_generic_payload& burst) const;
  /// A burst that is dated but not over.
  struct Write {
    Cycle last;  ///< cycle of its last beat
    uint64_t addr;
    std::vector<uint8_t> data, enables;  ///< enables: empty for all
  };

  void read(tlm::tlm_generic_payload& burst) const;
  void write(uint64_t addr, const uint8_t* data, size_t length, const uint8_t* enables,
             size_t period);
  /// Writes the bursts whose last beat was before cycle `now`.
  void settle(Cycle now);

  const std::unique_ptr<memory::MemoryTiming> timing_;
  const uint64_t size_bytes_;
  DramImage& image_;
  ByteRange written_;
  std::deque<Write> under_way_;  ///< in order of their last beats
};

}  // namespace systole::platform
