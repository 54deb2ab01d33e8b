// SPDX-License-Identifier: Apache-2.0
// The AXI4 manager port of a verilated core, answered by a TLM-2.0 memory in exact cycles
// (docs/timing.md).
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <tlm>
#include <vector>

#include "model/core/core_module.h"
#include "sim/engine/state_bytes.h"
#include "sim/platform/dram_image.h"
#include "sim/verilated/rtl_api.h"

namespace systole::engine {

/// A memory that answers one burst at a time. Call order is (cycle, read before write).
class BurstMemory {
 public:
  virtual ~BurstMemory() = default;
  virtual int bus_bytes() const = 0;
  /// Dates a read burst and fetches its bytes into `data` (resized).
  virtual memory::BurstTiming read(Cycle cycle, uint32_t addr, int beats,
                                   std::vector<uint8_t>& data) = 0;
  /// Dates a write burst; its bytes follow by `store`.
  virtual memory::BurstTiming open_write(Cycle cycle, uint32_t addr, int beats) = 0;
  /// Returns whether the memory took them.
  virtual bool store(uint32_t addr, std::vector<uint8_t>& data, std::vector<uint8_t>& enables) = 0;
};

/// The memory behind a socket.
class BurstClient : public BurstMemory {
 public:
  using Socket = tlm_utils::simple_initiator_socket<core::CoreModule>;
  BurstClient(Socket& socket, int bus_bytes);
  ~BurstClient() override { payload_.clear_extension(&extension_); }
  BurstClient(const BurstClient&) = delete;
  BurstClient& operator=(const BurstClient&) = delete;

  int bus_bytes() const override { return bus_bytes_; }
  memory::BurstTiming read(Cycle cycle, uint32_t addr, int beats,
                           std::vector<uint8_t>& data) override;
  memory::BurstTiming open_write(Cycle cycle, uint32_t addr, int beats) override;
  bool store(uint32_t addr, std::vector<uint8_t>& data, std::vector<uint8_t>& enables) override;
  /// Reads what stands in memory now, beside all timing.
  void peek(uint64_t addr, std::span<uint8_t> bytes);

 private:
  void prepare(tlm::tlm_command command, uint32_t addr, std::vector<uint8_t>* data, size_t length);
  memory::BurstTiming transport(Cycle cycle, int beats);

  Socket& socket_;
  const int bus_bytes_;
  tlm::tlm_generic_payload payload_;
  core::BurstExtension extension_;
};

/// A burst whose beats are evenly spaced between the first and the last.
struct BeatSchedule {
  memory::BurstTiming timing;
  int beats = 1;
  int next = 0;  ///< beat that has not crossed yet

  Cycle cycle() const {
    const Cycle span = timing.last - timing.first;
    return beats == 1
               ? timing.first
               : timing.first + static_cast<Cycle>(next) * span / static_cast<Cycle>(beats - 1);
  }
};

/// AR and R. `drive` sets the inputs of cycle `now` from the outputs that stand since its clock
/// edge.
class AxiReadPort {
 public:
  AxiReadPort(const verilated::RtlPins& pins, BurstMemory& memory, core::RunLog& log)
      : pins_(pins), memory_(memory), log_(log) {}
  void drive(Cycle now);
  /// No valid, no ready: the core does not run.
  void rest();
  /// The bytes of the burst that `drive` is about to ask the memory for; empty if there is none.
  platform::ByteRange next_burst() const;
  void save(StateWriter& out) const;
  void restore(StateReader& in);

 private:
  struct Burst {
    BeatSchedule beat;
    std::vector<uint8_t> data;
  };
  void ask(Cycle now);

  const verilated::RtlPins& pins_;
  BurstMemory& memory_;
  core::RunLog& log_;
  bool asked_ = false;  ///< the burst on AR is known to the memory
  Cycle accept_ = 0;
  std::deque<Burst> bursts_;
};

/// AW, W and B. `collect` takes the data that the core shows in the cycle, once its inputs have
/// settled.
class AxiWritePort {
 public:
  AxiWritePort(const verilated::RtlPins& pins, BurstMemory& memory, core::RunLog& log)
      : pins_(pins), memory_(memory), log_(log) {}
  void drive(Cycle now);
  void collect(Cycle now);
  void rest();
  void save(StateWriter& out) const;
  void restore(StateReader& in);
  /// Hears of all bytes that come into memory; may be empty.
  std::function<void(platform::ByteRange)> on_write;

 private:
  struct Burst {
    BeatSchedule beat;
    uint32_t addr = 0;
    std::vector<uint8_t> data;
    std::vector<uint8_t> enables;
  };
  void ask(Cycle now);
  void store(Burst& burst);

  const verilated::RtlPins& pins_;
  BurstMemory& memory_;
  core::RunLog& log_;
  bool asked_ = false;
  Cycle accept_ = 0;
  std::deque<Burst> bursts_;
  bool respond_ = false;  ///< B follows in the next cycle
  bool respond_error_ = false;
};

}  // namespace systole::engine
