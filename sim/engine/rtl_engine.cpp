// SPDX-License-Identifier: Apache-2.0
// The engine `rtl`: the verilated core on the platform.
#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "sim/engine/engine.h"
#include "sim/engine/rtl_builder.h"
#include "sim/engine/rtl_core.h"
#include "sim/engine/rtl_library.h"
#include "sim/engine/snapshot_store.h"
#include "sim/engine/wave_check.h"
#include "sim/platform/platform.h"

namespace systole::engine {
namespace {

/// The snapshots of a run: what it begins with, and what it leaves.
class RunSnapshots {
 public:
  RunSnapshots(const std::filesystem::path& library, const arch::ArchConfig& arch,
               const program::Program& program, const platform::DramImage& dram,
               const platform::RunOptions& options)
      : file_(options.snapshots.file.empty()
                  ? snapshot_file(library, arch, program, dram, options.reset_seed)
                  : std::filesystem::path(options.snapshots.file)) {
    if (auto set = read_snapshots(file_)) set_ = std::move(*set);
    if (const Snapshot* from = set_.before(options.snapshots.resume_at)) from_ = *from;
    reached_ = set_.reached;
    if (!options.snapshots.leave || reached_ == kNever) return;
    const SnapshotPlan plan = snapshot_plan(program, options.snapshots.interval);
    const bool goes_on = from_ && from_->cycle == set_.snapshots.back().cycle;
    if (goes_on)
      keeper_.emplace(plan, set_);
    else if (!from_)
      keeper_.emplace(plan, SnapshotSet{});
  }

  const Snapshot* from() const { return from_ ? &*from_ : nullptr; }
  core::RunLog log() const { return from_ ? log_at(set_, *from_) : core::RunLog{}; }
  void restore(platform::DramImage& dram) const {
    if (!from_) return;
    restore_dram(set_, *from_, dram);
    std::error_code ignored;  // it only tells when it was used
    std::filesystem::last_write_time(file_, std::filesystem::file_time_type::clock::now(), ignored);
  }
  SnapshotKeeper* keeper() { return keeper_ ? &*keeper_ : nullptr; }

  /// Writes what is new, if the run came further than those before.
  void leave(const platform::RunResult& result) {
    if (!keeper_ || !keeper_->has_new()) return;
    const bool whole = result.status == platform::RunStatus::kFinished ||
                       result.status == platform::RunStatus::kFault;
    if (!whole && result.cycles <= reached_) return;
    core::RunLog log;
    log.retired = result.retired;
    log.dram = result.dram;
    log.causes = result.causes;
    const SnapshotSet all = keeper_->finish(whole ? kNever : result.cycles, std::move(log));
    if (write_snapshots(file_, all)) limit_snapshots(file_.parent_path(), file_);
  }

 private:
  const std::filesystem::path file_;
  SnapshotSet set_;
  std::optional<Snapshot> from_;
  std::optional<SnapshotKeeper> keeper_;
  Cycle reached_ = 0;
};

class RtlEngine : public Engine {
 public:
  RtlEngine(const arch::ArchConfig& arch, const verilated::RtlApi& api,
            std::filesystem::path library)
      : arch_(arch), api_(api), library_(std::move(library)) {}
  const char* name() const override { return "rtl"; }

  platform::RunResult run(const program::Program& program, platform::DramImage& dram,
                          const platform::RunOptions& options) override {
    if (!options.wave_file.empty() && api_.open_wave == nullptr)
      throw Error("a waveform was asked of a simulator that was built without");
    const bool can_save = api_.save != nullptr && options.keep_logs;
    std::optional<RunSnapshots> snapshots;
    if (can_save && options.snapshots.any())
      snapshots.emplace(library_, arch_, program, dram, options);
    platform::RunResult result = simulate(program, dram, options, snapshots);
    if (!options.wave_file.empty() && !is_whole_waveform(options.wave_file))
      throw Error("the waveform cannot be written: it was cut short, expected room on the disk");
    if (!options.wave_file.empty()) clear_waveform_date(options.wave_file);
    if (!snapshots) return result;
    if (snapshots->from() != nullptr) result.began_at = snapshots->from()->cycle;
    snapshots->leave(result);
    return result;
  }

 private:
  platform::RunResult simulate(const program::Program& program, platform::DramImage& dram,
                               const platform::RunOptions& options,
                               std::optional<RunSnapshots>& snapshots) {
    RtlRun run;
    run.reset_seed = options.reset_seed;
    run.wave = {options.wave_file,     options.wave_from, options.wave_to,
                1e6 / arch_.clock_mhz, options.wave_all,  options.wave_words};
    std::optional<platform::Resumption> resumption;
    if (snapshots) {
      run.keeper = snapshots->keeper();
      run.from = snapshots->from();
      run.log = snapshots->log();
      snapshots->restore(dram);
    }
    const core::RunLog before = run.log;
    if (run.from != nullptr)
      resumption.emplace(platform::Resumption{before.dram, run.from->written});
    return platform::run_platform(
        arch_, program, dram, options,
        [&](const sc_core::sc_time& period) {
          return std::make_unique<RtlCore>("core", api_, period, arch::Geometry(arch_.hw).axi_bytes,
                                           std::move(run));
        },
        resumption ? &*resumption : nullptr);
  }

  const arch::ArchConfig arch_;
  const verilated::RtlApi& api_;
  const std::filesystem::path library_;
};

}  // namespace

std::unique_ptr<Engine> make_rtl_engine(const arch::ArchConfig& arch,
                                        const RtlBuildOptions& options) {
  const RtlBuilder builder;
  while (true) {  // again if somebody empties the cache between the two
    const auto library = builder.library(arch.hw, options);
    if (const verilated::RtlApi* api = load_rtl_library(library))
      return std::make_unique<RtlEngine>(arch, *api, library);
  }
}

std::unique_ptr<Engine> make_rtl_engine(const arch::ArchConfig& arch, bool trace,
                                        bool allow_large) {
  return make_rtl_engine(arch, {.trace = trace, .allow_large = allow_large});
}

}  // namespace systole::engine
