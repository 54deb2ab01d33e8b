// SPDX-License-Identifier: Apache-2.0
// The memory side of a DMA engine's read port: grants, latencies and gaps between beats at random.
#pragma once

#include <deque>

#include "model/isa/any_instruction.h"
#include "tests/rtl/bench.h"

namespace systole::bench {

/// An instruction without waits and signals, as it stands in memory.
inline std::vector<uint32_t> instruction_words(const isa::AnyInstruction& fields) {
  const isa::Words words = encode(fields);
  return {words.begin(), words.end()};
}

/// Serves the ports req, grant, req_addr, req_len, r_valid, r_last, r_beat, r_data of `Dut` from
/// `memory`. In a cycle: drive(), the bench's own inputs, settle(), answer(), settle(), read
/// outputs, tick().
template <class Dut, int kAxiBytes, int kBeats>
class ReadPort {
 public:
  ReadPort(Bench<Dut>& bench, const std::vector<uint8_t>& memory) : b_(bench), memory_(memory) {
    b_->grant_i = b_->r_valid_i = b_->r_last_i = 0;
  }

  /// Puts the next beat, or none, on the port.
  void drive() {
    b_->grant_i = 0;
    b_->r_valid_i = !asked_.empty() && b_.pick(0, 2) != 0;
    b_->r_last_i = 0;
    if (!b_->r_valid_i) return;
    const auto [addr, len] = asked_.front();
    const uint64_t at = addr + static_cast<uint64_t>(beat_) * kAxiBytes;
    poke(b_->r_data_i, std::span(memory_).subspan(at, kAxiBytes));
    b_->r_beat_i = static_cast<uint8_t>(at / kAxiBytes % kBeats);
    b_->r_last_i = beat_ == len;
    if (beat_++ == len) asked_.pop_front(), beat_ = 0;
  }

  /// Grants a request, or lets it wait.
  void answer() {
    if (!b_->req_o || b_.pick(0, 2) == 0) return;
    b_->grant_i = 1;
    bytes_asked += b_->req_bytes_o;
    asked_.push_back({b_->req_addr_o, b_->req_len_o});
  }

  uint64_t bytes_asked = 0;

 private:
  struct Burst {
    uint32_t addr;
    int len;  ///< beats - 1
  };
  Bench<Dut>& b_;
  const std::vector<uint8_t>& memory_;
  std::deque<Burst> asked_;
  int beat_ = 0;
};

}  // namespace systole::bench
