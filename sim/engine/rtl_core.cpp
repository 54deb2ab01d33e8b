// SPDX-License-Identifier: Apache-2.0
// The clock cycle of a verilated core: drive, settle, observe, edge.
#include "sim/engine/rtl_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "model/base/error.h"
#include "model/isa/causes.h"
#include "model/isa/units.h"

namespace systole::engine {
namespace {

constexpr int kRetiringUnits = isa::kUnits - 1;  ///< all but fetch
constexpr Cycle kProgressInterval = 1 << 14;
constexpr int kCsrTimeout = 1000;  ///< clocks; a register answers within a few

constexpr uint32_t cause_of(uint32_t causes, isa::Unit unit) {
  return causes >> (4 * static_cast<int>(unit)) & 15;
}

/// All units idle.
constexpr uint32_t idle_causes() {
  uint32_t causes = 0;
  for (const isa::Unit unit : isa::kEveryUnit)
    causes |= static_cast<uint32_t>(isa::Cause::kIdle) << (4 * static_cast<int>(unit));
  return causes;
}

/// The 48-bit little-endian number `index` of a packed array.
Cycle packed48(const uint8_t* array, int index) {
  Cycle value = 0;
  std::memcpy(&value, array + 6 * index, 6);
  return value;
}

uint32_t packed32(const uint8_t* array, int index) {
  uint32_t value = 0;
  std::memcpy(&value, array + 4 * index, 4);
  return value;
}

}  // namespace

RtlCore::RtlCore(const sc_core::sc_module_name& name, const verilated::RtlApi& api,
                 const sc_core::sc_time& period, int bus_bytes, RtlRun run)
    : core::CoreModule(name, period),
      api_(api),
      wave_(std::move(run.wave)),
      keeper_(run.keeper),
      memory_client_(memory, bus_bytes),
      read_port_(pins_, memory_client_, log),
      write_port_(pins_, memory_client_, log),
      csr_port_(pins_),
      causes_(idle_causes()) {
  const char* failure = nullptr;
  core_ = api_.create(run.reset_seed, &pins_, &failure);
  if (core_ == nullptr) throw Error(fmt::format("rtl reset: {}", failure), ExitCode::kStopped);
  log = std::move(run.log);
  if (run.from != nullptr) restore(*run.from);
  if (keeper_ != nullptr)
    write_port_.on_write = [this](platform::ByteRange bytes) { keeper_->note_write(bytes); };
  if (!wave_.file.empty()) open_wave();
  using Transport = void (CoreModule::*)(tlm::tlm_generic_payload&, sc_core::sc_time&);
  csr.register_b_transport(this, static_cast<Transport>(&RtlCore::access_csr));
  SC_HAS_PROCESS(RtlCore);
  SC_METHOD(tick);
}

RtlCore::~RtlCore() {
  if (core_ != nullptr) api_.destroy(core_);
}

void RtlCore::check(const char* failure) const {
  if (failure != nullptr)
    SC_REPORT_ERROR("rtl", fmt::format("cycle {}: {}", cycles_, failure).c_str());
}

void RtlCore::open_wave() {
  verilated::WaveOptions options;
  options.cycle_ps = wave_.cycle_ps;
  if (!wave_.all) options.scopes = &view_scopes();
  if (wave_.words) options.story = &story_.fill(*wave_.words);
  if (api_.open_wave == nullptr || !api_.open_wave(core_, wave_.file.c_str(), &options))
    throw Error(fmt::format("{}: cannot be written", wave_.file));
}

/// All that is not in DRAM, in the memory's timing or in the logs. Between clock edges nothing of
/// SystemC's is under way: the host waits for the end.
std::vector<uint8_t> RtlCore::state() {
  StateWriter out;
  out.value(cycles_);
  out.value(stalled_);
  out.value(retired_);
  out.value(causes_);
  read_port_.save(out);
  write_port_.save(out);
  api_.save(
      core_,
      [](void* writer, const uint8_t* bytes, size_t size) {
        static_cast<StateWriter*>(writer)->bytes(bytes, size);
      },
      &out);
  return out.take();
}

void RtlCore::restore(const Snapshot& from) {
  StateReader in(from.state);
  in.value(cycles_);
  in.value(stalled_);
  in.value(retired_);
  in.value(causes_);
  read_port_.restore(in);
  write_port_.restore(in);
  const std::span<const uint8_t> rest = in.rest();
  if (const char* failure = api_.restore(core_, rest.data(), rest.size()))
    throw Error(fmt::format("a snapshot cannot be restored: {}", failure), ExitCode::kStopped);
}

void RtlCore::keep_snapshot(Cycle now) {
  if (!csr_port_.idle() || !keeper_->due(now, read_port_.next_burst())) return;
  keeper_->take(
      now, log, [this] { return state(); },
      [this](DramPage& page) {
        memory_client_.peek(uint64_t{page.number} * kSnapshotPage, page.bytes);
      });
}

void RtlCore::tick() {
  const bool cut_off = hit_watchdog || hit_limit;  // the clock goes on, for the host to read
  const bool running = *pins_.running != 0 && !cut_off;
  const Cycle now = *pins_.cycle;
  if (running && keeper_ != nullptr) keep_snapshot(now);
  *pins_.hold = cut_off;
  if (running) {
    read_port_.drive(now);  // a read is asked before a write of the same cycle
    write_port_.drive(now);
  } else {
    read_port_.rest();
    write_port_.rest();
  }
  csr_port_.drive();
  settle(running, now);
  if (running) observe(now);
  if (csr_port_.observe()) csr_done_.notify();
  check(api_.edge(core_));
  if (running) end_of_run(now);
  next_trigger(clock_period);
}

void RtlCore::settle(bool running, Cycle now) {
  const bool traced = running && !wave_.file.empty() && now >= wave_.from && now <= wave_.to;
  check(traced ? api_.settle_traced(core_, now) : api_.settle(core_));
}

void RtlCore::observe(Cycle now) {
  cycles_ = now + 1;
  write_port_.collect(now);
  stalled_ = *pins_.progress != 0 ? 0 : stalled_ + 1;
  const unsigned valid = *pins_.retire_valid;
  if (valid != 0) {
    retired_ += static_cast<uint64_t>(std::popcount(valid));
    for (int i = 0; i < kRetiringUnits && log.enabled; ++i)
      if ((valid >> i & 1) != 0)
        log.retired.push_back({packed32(pins_.retire_pc, i), static_cast<isa::Unit>(i + 1), 0,
                               packed48(pins_.retire_start, i), now});
  }
  if (log.enabled && *pins_.unit_cause != causes_) log_causes(now);
  if (now % kProgressInterval == 0 && progress) progress(now, retired_);
}

void RtlCore::log_causes(Cycle now) {
  const uint32_t causes = *pins_.unit_cause;
  for (const isa::Unit unit : isa::kEveryUnit) {
    const uint32_t cause = cause_of(causes, unit);
    if (cause != cause_of(causes_, unit))
      log.causes[static_cast<size_t>(unit)].push_back({now, cause});
  }
  causes_ = causes;
}

/// Notices the end of the run after its cycle `now`.
void RtlCore::end_of_run(Cycle now) {
  const bool finished = *pins_.running == 0;
  if (!finished) {
    hit_watchdog = stalled_ == std::max<Cycle>(watchdog_cycles, 1);
    hit_limit = !hit_watchdog && now + 1 == cycle_limit;
  }
  // A delta later: a host that gets the answer to START in this very cycle does not wait yet.
  if (finished || hit_watchdog || hit_limit) ended.notify(sc_core::SC_ZERO_TIME);
}

std::string RtlCore::dump_text() const {
  std::string text;
  for (const isa::Unit unit : isa::kEveryUnit) {
    const auto cause = static_cast<isa::Cause>(cause_of(*pins_.unit_cause, unit));
    text += fmt::format("{:<6} {:<12} newest instruction {}\n", isa::unit_name(unit),
                        isa::cause_name(cause), packed32(pins_.unit_pc, static_cast<int>(unit)));
  }
  return text;
}

void RtlCore::access_csr(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  uint32_t value = 0;
  if (payload.get_data_length() != 4) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  std::memcpy(&value, payload.get_data_ptr(), 4);
  csr_port_.begin(payload.is_write(), static_cast<uint32_t>(payload.get_address()), value);
  sc_core::wait(kCsrTimeout * clock_period, csr_done_);
  if (!csr_done_.triggered()) SC_REPORT_ERROR("rtl", "no answer on AXI4-Lite");
  value = csr_port_.data();
  std::memcpy(payload.get_data_ptr(), &value, 4);
  payload.set_response_status(csr_port_.error() ? tlm::TLM_GENERIC_ERROR_RESPONSE
                                                : tlm::TLM_OK_RESPONSE);
}

}  // namespace systole::engine
