// SPDX-License-Identifier: Apache-2.0
// Two kernels: one tells the time and is run again to go back, the other moves data as far as they
// are asked for.
#include <algorithm>
#include <memory>

#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "model/core/core_kernel.h"
#include "model/core/datapath.h"
#include "model/isa/units.h"
#include "sim/debug/dram.h"
#include "sim/debug/target.h"

namespace systole::debug {
namespace {

using core::CoreKernel;

/// The kernel with what it works on.
class KernelRun {
 public:
  KernelRun(const Subject& subject, bool functional, Cycle limit)
      : dram_(subject.arch, subject.image),
        data_(functional ? std::make_unique<core::Datapath>(subject.arch.hw) : nullptr),
        kernel_(subject.arch.hw, dram_, data_.get(), &log_, subject.program.code_addr,
                static_cast<uint32_t>(subject.program.code.size()),
                {.cycle_limit = limit, .watchdog_cycles = subject.watchdog_cycles}) {
    kernel_.keep_registers(&kept_);
  }

  bool running() const { return kernel_.outcome() == CoreKernel::Outcome::kRunning; }
  /// Runs the active cycles before `cycle`.
  void run_before(Cycle cycle) {
    while (running() && kernel_.next_cycle() < cycle) {
      stepped_ = kernel_.next_cycle();
      kernel_.step();
    }
    reached_ = std::max(reached_, cycle);
  }
  Cycle reached() const { return reached_; }
  core::Registers registers_in(Cycle cycle) const {
    return cycle == stepped_ ? kept_ : kernel_.registers(cycle);
  }

  Dram& dram() { return dram_; }
  const core::Datapath& data() const { return *data_; }
  CoreKernel& kernel() { return kernel_; }
  core::RunLog& log() { return log_; }

 private:
  Dram dram_;
  const std::unique_ptr<core::Datapath> data_;
  core::RunLog log_;
  core::Registers kept_;
  CoreKernel kernel_;
  Cycle stepped_ = kNever;
  Cycle reached_ = 0;
};

class ModelTarget : public Target {
 public:
  explicit ModelTarget(const Subject& subject) : subject_(subject) {
    if (const std::string reason = arch::check_params(subject.arch.hw); !reason.empty())
      throw Error(reason);
    restart();
  }

  const Moment& now() const override { return now_; }
  void step(Cycle most) override {
    if (now_.over() || most <= now_.cycle) return;
    arrive(std::min(most, timed_->kernel().next_cycle()));
  }
  void go_to(Cycle cycle) override {
    if (cycle < now_.cycle) restart();
    if (cycle > now_.cycle && !now_.over()) arrive(cycle);
  }
  Cycle near_before(Cycle) const override { return 0; }

  const std::vector<core::RetireEvent>& retired() const override { return timed_->log().retired; }
  std::array<uint64_t, isa::kCounters> counters() override {
    if (now_.cycle == 0) return {};
    KernelRun run(subject_, false, now_.over() ? 0 : now_.cycle);
    run.run_before(kNever);
    return run.kernel().counters(now_.cycle);
  }

  std::vector<uint8_t> dram(uint64_t addr, size_t count) override {
    return data_now().dram().bytes(addr, count);
  }
  std::vector<uint8_t> ub(uint64_t byte, size_t count) override {
    const auto* first = reinterpret_cast<const uint8_t*>(data_now().data().word(0)) + byte;
    return {first, first + count};
  }
  std::vector<int32_t> acc(uint64_t row) override {
    const int32_t* first = data_now().data().acc_row(row);
    return {first, first + subject_.arch.hw.cols};
  }

 private:
  void restart() {
    timed_ = std::make_unique<KernelRun>(subject_, false, 0);
    ordered_ = 0;
    now_ = {};
    arrive(0);
  }

  /// `cycle` is not before now.
  void arrive(Cycle cycle) {
    const CoreKernel& kernel = timed_->kernel();
    timed_->run_before(cycle == kNever ? cycle : cycle + 1);
    if (!timed_->running() && cycle >= kernel.next_cycle()) {
      cycle = kernel.next_cycle();
      now_.ending = kernel.outcome() == CoreKernel::Outcome::kWatchdog ? Ending::kWatchdog
                    : kernel.fault() != isa::Fault::kNone              ? Ending::kFault
                                                                       : Ending::kFinished;
    }
    now_.cycle = cycle;
    now_.registers = timed_->registers_in(cycle);
    for (const isa::Unit unit : isa::kEveryUnit)
      now_.causes[static_cast<size_t>(unit)] =
          now_.has_causes() ? kernel.cause(unit) : isa::Cause::kIdle;
    put_in_order();
  }

  /// What ended in one cycle stands in the log in the order of port priority.
  void put_in_order() {
    auto& retired = timed_->log().retired;
    std::sort(retired.begin() + static_cast<ptrdiff_t>(ordered_), retired.end(),
              [](const core::RetireEvent& a, const core::RetireEvent& b) {
                return std::pair(a.end, a.unit) < std::pair(b.end, b.unit);
              });
    ordered_ = retired.size();
  }

  /// With the step of now too: it moves what has ended in the cycle before, and of the instructions
  /// that begin after it nothing.
  KernelRun& data_now() {
    const Cycle before = now_.cycle + 1;
    if (data_ == nullptr || data_->reached() > before)
      data_ = std::make_unique<KernelRun>(subject_, true, 0);
    data_->run_before(before);
    data_->dram().settle(now_.cycle);
    return *data_;
  }

  const Subject subject_;
  std::unique_ptr<KernelRun> timed_, data_;
  size_t ordered_ = 0;  ///< of the retired instructions
  Moment now_;
};

}  // namespace

std::unique_ptr<Target> make_model_target(const Subject& subject) {
  return std::make_unique<ModelTarget>(subject);
}

}  // namespace systole::debug
