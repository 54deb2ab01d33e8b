// SPDX-License-Identifier: Apache-2.0
// The clock cycle of a verilated core, cut where its inputs have settled: there it stands still.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "model/isa/units.h"
#include "sim/debug/dram.h"
#include "sim/debug/rtl_state.h"
#include "sim/debug/target.h"
#include "sim/engine/axi_bridge.h"
#include "sim/engine/axi_lite_port.h"
#include "sim/engine/rtl_builder.h"
#include "sim/engine/rtl_library.h"
#include "sim/engine/state_bytes.h"

namespace systole::debug {
namespace {

constexpr int kRetiringUnits = isa::kUnits - 1;  ///< all but fetch
constexpr int kCsrTimeout = 1000;                ///< clocks
constexpr size_t kMostSnapshotBytes = size_t{256} << 20;
constexpr Cycle kFirstInterval = 512;  ///< from one snapshot to the next

uint64_t packed(const uint8_t* array, int index, size_t bytes) {
  uint64_t value = 0;
  std::memcpy(&value, array + bytes * static_cast<size_t>(index), bytes);
  return value;
}

class RtlTarget : public Target {
 public:
  RtlTarget(const Subject& subject, const verilated::RtlApi& api)
      : subject_(subject), api_(api), dram_(subject.arch, subject.image), csr_(pins_) {
    unlogged_.enabled = false;
    const char* failure = nullptr;
    core_ = api_.create(0, &pins_, &failure);
    if (core_ == nullptr) throw Error(fmt::format("rtl reset: {}", failure), ExitCode::kStopped);
    state_.emplace(api_, core_, subject.arch.hw);
    read_port_.emplace(pins_, dram_, unlogged_);
    write_port_.emplace(pins_, dram_, unlogged_);
    start();
    keep_snapshot();
    arrive();
    describe();
  }
  ~RtlTarget() override {
    if (core_ != nullptr) api_.destroy(core_);
  }
  RtlTarget(const RtlTarget&) = delete;
  RtlTarget& operator=(const RtlTarget&) = delete;

  const Moment& now() const override { return now_; }
  void step(Cycle most) override {
    if (!now_.over() && most > now_.cycle) pass();
    describe();
  }
  void go_to(Cycle cycle) override {
    if (cycle < now_.cycle) restore(*std::prev(first_after(cycle)));
    while (!now_.over() && now_.cycle < cycle) pass();
    describe();
  }
  Cycle near_before(Cycle cycle) const override {
    return cycle == 0 ? 0 : std::prev(first_after(cycle - 1))->cycle;
  }

  const std::vector<core::RetireEvent>& retired() const override { return retired_; }
  std::array<uint64_t, isa::kCounters> counters() override { return state_->counters(now_.cycle); }
  std::vector<uint8_t> dram(uint64_t addr, size_t count) override {
    return dram_.bytes(addr, count);
  }
  std::vector<uint8_t> ub(uint64_t byte, size_t count) override { return state_->ub(byte, count); }
  std::vector<int32_t> acc(uint64_t row) override { return state_->acc(row); }

 private:
  /// The core after the rising edge that begins `cycle`, before its inputs are set.
  struct Snapshot {
    Cycle cycle;
    Cycle stalled;
    std::shared_ptr<const engine::AxiLitePort> csr;
    std::vector<uint8_t> state;
  };

  std::vector<Snapshot>::const_iterator first_after(Cycle cycle) const {
    return std::upper_bound(snapshots_.begin(), snapshots_.end(), cycle,
                            [](Cycle c, const Snapshot& snapshot) { return c < snapshot.cycle; });
  }

  /// Programs the core and starts it, up to the edge that begins cycle 0.
  void start() {
    write_csr(isa::Csr::kProgramBase, subject_.program.code_addr);
    write_csr(isa::Csr::kProgramLength, static_cast<uint32_t>(subject_.program.code.size()));
    csr_->begin(true, static_cast<uint32_t>(isa::Csr::kControl), 1);
    for (int clock = 0; *pins_.running == 0; ++clock) {
      if (clock == kCsrTimeout) throw Error("rtl: START does not start it", ExitCode::kStopped);
      clock_at_rest();
    }
  }
  void write_csr(isa::Csr reg, uint32_t value) {
    csr_->begin(true, static_cast<uint32_t>(reg), value);
    for (int clock = 0; !csr_->idle(); ++clock) {
      if (clock == kCsrTimeout) throw Error("rtl: no answer on AXI4-Lite", ExitCode::kStopped);
      clock_at_rest();
    }
  }
  void clock_at_rest() {
    read_port_->rest();
    write_port_->rest();
    csr_->drive();
    check(api_.settle(core_));
    csr_->observe();
    check(api_.edge(core_));
  }
  static void check(const char* failure) {
    if (failure != nullptr) throw Error(fmt::format("rtl: {}", failure), ExitCode::kStopped);
  }

  /// Sets the inputs of the cycle that has begun.
  void arrive() {
    now_.cycle = *pins_.cycle;
    dram_.settle(now_.cycle);
    try {
      read_port_->drive(now_.cycle);  // a read is asked before a write of the same cycle
      write_port_->drive(now_.cycle);
      csr_->drive();
      note(api_.settle(core_));
    } catch (const sc_core::sc_report& report) {
      note(report.get_msg());
    }
    described_ = false;
  }

  /// To the next cycle.
  void pass() {
    const Cycle cycle = now_.cycle;
    try {
      write_port_->collect(cycle);
    } catch (const sc_core::sc_report& report) {
      return note(report.get_msg());
    }
    csr_->observe();
    log_retired(cycle);
    stalled_ = *pins_.progress != 0 ? 0 : stalled_ + 1;
    note(api_.edge(core_));
    described_ = false;
    if (now_.over()) return;
    now_.cycle = cycle + 1;
    if (*pins_.running == 0) {
      now_.ending =
          state_->registers().fault != isa::Fault::kNone ? Ending::kFault : Ending::kFinished;
    } else if (stalled_ == std::max<Cycle>(subject_.watchdog_cycles, 1)) {
      now_.ending = Ending::kWatchdog;
    } else {
      if (now_.cycle >= snapshots_.back().cycle + interval_) keep_snapshot();
      arrive();
    }
  }

  void log_retired(Cycle cycle) {
    const unsigned valid = *pins_.retire_valid;
    for (int i = 0; valid >> i != 0; ++i)
      if (i < kRetiringUnits && (valid >> i & 1) != 0) {
        const auto pc = static_cast<uint32_t>(packed(pins_.retire_pc, i, 4));
        retired_.push_back({pc, static_cast<isa::Unit>(i + 1), tag_of(pc),
                            packed(pins_.retire_start, i, 6), cycle});
      }
  }
  uint16_t tag_of(uint32_t pc) const {
    const auto& code = subject_.program.code;
    return pc < code.size() ? isa::Header::decode(code[pc]).tag : uint16_t{0};
  }

  void note(const char* failure) {
    if (failure == nullptr) return;
    now_.ending = Ending::kBroken;
    now_.broken = failure;
    described_ = false;
  }

  /// Fills what nobody needs of the cycles that are passed by.
  void describe() {
    if (described_) return;
    described_ = true;
    now_.registers = state_->registers();
    for (const isa::Unit unit : isa::kEveryUnit) {
      const auto u = static_cast<size_t>(unit);
      now_.causes[u] = now_.has_causes()
                           ? static_cast<isa::Cause>(*pins_.unit_cause >> (4 * u) & 15)
                           : isa::Cause::kIdle;
    }
  }

  void keep_snapshot() {
    engine::StateWriter out;
    read_port_->save(out);
    write_port_->save(out);
    api_.save(
        core_,
        [](void* writer, const uint8_t* bytes, size_t size) {
          static_cast<engine::StateWriter*>(writer)->bytes(bytes, size);
        },
        &out);
    snapshots_.push_back(
        {*pins_.cycle, stalled_, std::make_shared<const engine::AxiLitePort>(*csr_), out.take()});
    if (snapshots_.size() * snapshots_.back().state.size() < kMostSnapshotBytes) return;
    interval_ *= 2;  // every other one of those after the first
    std::vector<Snapshot> kept;
    for (size_t i = 0; i < snapshots_.size(); i += 2) kept.push_back(std::move(snapshots_[i]));
    snapshots_ = std::move(kept);
  }

  void restore(const Snapshot& from) {
    const Cycle cycle = from.cycle;
    engine::StateReader in(from.state);
    read_port_.emplace(pins_, dram_, unlogged_);
    write_port_.emplace(pins_, dram_, unlogged_);
    read_port_->restore(in);
    write_port_->restore(in);
    csr_.emplace(*from.csr);
    stalled_ = from.stalled;
    const std::span<const uint8_t> rest = in.rest();
    if (const char* failure = api_.restore(core_, rest.data(), rest.size()))
      throw Error(fmt::format("a snapshot cannot be restored: {}", failure), ExitCode::kStopped);
    snapshots_.erase(first_after(cycle), snapshots_.end());
    dram_.rewind(cycle);
    while (!retired_.empty() && retired_.back().end >= cycle) retired_.pop_back();
    now_.ending = Ending::kNone;
    now_.broken.clear();
    arrive();
  }

  const Subject subject_;
  const verilated::RtlApi& api_;
  Dram dram_;
  void* core_ = nullptr;
  verilated::RtlPins pins_{};
  core::RunLog unlogged_;
  std::optional<RtlState> state_;
  std::optional<engine::AxiReadPort> read_port_;
  std::optional<engine::AxiWritePort> write_port_;
  std::optional<engine::AxiLitePort> csr_;
  std::vector<core::RetireEvent> retired_;
  std::vector<Snapshot> snapshots_;
  Cycle interval_ = kFirstInterval;
  Cycle stalled_ = 0;  ///< cycles in a row without progress
  Moment now_;
  bool described_ = false;
};

}  // namespace

std::unique_ptr<Target> make_rtl_target(const Subject& subject, const RtlTargetOptions& options) {
  const engine::RtlBuilder builder;
  engine::RtlBuildOptions how;
  how.debug = true;
  how.quick = options.quick;
  how.allow_large = options.allow_large;
  while (true) {  // again if somebody empties the cache between the two
    const auto library = builder.library(subject.arch.hw, how);
    if (const verilated::RtlApi* api = engine::load_rtl_library(library))
      return std::make_unique<RtlTarget>(subject, *api);
  }
}

}  // namespace systole::debug
