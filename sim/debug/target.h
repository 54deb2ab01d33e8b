// SPDX-License-Identifier: Apache-2.0
// A run that stands still in a cycle, on either engine: where it is, what it holds, and how it goes
// on or back.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "model/core/events.h"
#include "model/core/registers.h"
#include "model/isa/counter_ids.h"
#include "model/program/program.h"
#include "model/program/tensor_map.h"
#include "sim/platform/dram_image.h"

namespace systole::debug {

enum class Ending : uint8_t {
  kNone,      ///< it goes on
  kFinished,  ///< without a fault
  kFault,
  kWatchdog,  ///< no unit has made progress for too long
  kBroken     ///< an assertion of the RTL has failed
};

/// The run in `cycle`: all cycles before it are over. What the cycle's decisions are made on, and
/// what every unit spends it for.
struct Moment {
  Cycle cycle = 0;
  Ending ending = Ending::kNone;  ///< if not kNone, `cycle` is the one after the last
  core::Registers registers;
  std::array<isa::Cause, isa::kUnits> causes{};  ///< idle unless has_causes()
  std::string broken;                            ///< kBroken: what the RTL says

  bool over() const { return ending != Ending::kNone; }
  /// Whether units still stand somewhere.
  bool has_causes() const { return ending != Ending::kFinished && ending != Ending::kFault; }
  isa::Cause cause(isa::Unit unit) const { return causes[static_cast<size_t>(unit)]; }
  const core::FrontRegisters& front(isa::Unit unit) const {
    return registers.fronts[static_cast<size_t>(unit)];
  }
};

class Target {
 public:
  virtual ~Target() = default;

  virtual const Moment& now() const = 0;
  /// To the next cycle in which anything of now() may be different, but not beyond `most`. Nothing
  /// happens once the run is over.
  virtual void step(Cycle most) = 0;
  /// Forwards or backwards, or to the end if that is earlier.
  virtual void go_to(Cycle cycle) = 0;
  /// A cycle before `cycle` to which it is quick to go; 0 for 0.
  virtual Cycle near_before(Cycle cycle) const = 0;

  /// The instructions that have ended before now, by (end, unit).
  virtual const std::vector<core::RetireEvent>& retired() const = 0;
  /// Of the cycles before now.
  virtual std::array<uint64_t, isa::kCounters> counters() = 0;

  /// What the memories hold after the cycles before now. An instruction that has not ended may have
  /// written a part of its results; the model writes them early and in one go. UB: bytes from
  /// word * W + lane on. ACC: a row of COLS sums.
  virtual std::vector<uint8_t> dram(uint64_t addr, size_t count) = 0;
  virtual std::vector<uint8_t> ub(uint64_t byte, size_t count) = 0;
  virtual std::vector<int32_t> acc(uint64_t row) = 0;
};

/// What is debugged. `program`, `arch` and `tensors` outlive the target.
struct Subject {
  const program::Program& program;
  const arch::ArchConfig& arch;
  platform::DramImage image;  ///< DRAM as the run begins with it
  Cycle watchdog_cycles = 10000;
  const program::TensorMap* tensors = nullptr;  ///< null: nothing but the program tells of them
};

/// The engine `model`, from reset: goes back by running again.
std::unique_ptr<Target> make_model_target(const Subject& subject);

struct RtlTargetOptions {
  bool quick = false;        ///< RTL that is built sooner and simulates slower
  bool allow_large = false;  ///< also arrays above 64x64
};
/// The engine `rtl`, from reset: goes back to snapshots that it leaves on its way. Builds a library
/// that shows its registers unless the cache has it. Throws Error.
std::unique_ptr<Target> make_rtl_target(const Subject& subject, const RtlTargetOptions& options);

}  // namespace systole::debug
