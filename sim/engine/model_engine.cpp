// SPDX-License-Identifier: Apache-2.0
// The engine `model`: the event-driven core on the platform.
#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "model/core/model_core.h"
#include "sim/engine/engine.h"
#include "sim/platform/platform.h"

namespace systole::engine {
namespace {

class ModelEngine : public Engine {
 public:
  explicit ModelEngine(const arch::ArchConfig& arch) : arch_(arch) {}
  const char* name() const override { return "model"; }

  platform::RunResult run(const program::Program& program, platform::DramImage& dram,
                          const platform::RunOptions& options) override {
    core::MacsByTag switching;
    const bool count = options.functional && options.count_switching;
    platform::RunResult result =
        platform::run_platform(arch_, program, dram, options, [&](const sc_core::sc_time& period) {
          return std::make_unique<core::ModelCore>("core", arch_.hw, period, options.functional,
                                                   count ? &switching : nullptr);
        });
    if (count) result.switching_macs = std::move(switching);
    return result;
  }

 private:
  const arch::ArchConfig arch_;
};

}  // namespace

std::unique_ptr<Engine> make_model_engine(const arch::ArchConfig& arch) {
  if (const std::string reason = arch::check_params(arch.hw); !reason.empty()) throw Error(reason);
  return std::make_unique<ModelEngine>(arch);
}

}  // namespace systole::engine
