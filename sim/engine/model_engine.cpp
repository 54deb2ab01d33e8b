// SPDX-License-Identifier: Apache-2.0
// The engine `model`: the event-driven core on the platform.
#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "model/core/model_core.h"
#include "sim/engine/engine.h"
#include "sim/platform/platform.h"

namespace systole {
namespace {

class ModelEngine : public Engine {
 public:
  explicit ModelEngine(const ArchConfig& arch) : arch_(arch) {}
  const char* name() const override { return "model"; }

  RunResult run(const Program& program, DramImage& dram, const RunOptions& options) override {
    MacsByTag switching;
    const bool count = options.functional && options.count_switching;
    RunResult result = run_platform(arch_, program, dram, options, [&](sc_core::sc_time period) {
      return std::make_unique<ModelCore>("core", arch_.hw, period, options.functional,
                                         count ? &switching : nullptr);
    });
    if (count) result.switching_macs = std::move(switching);
    return result;
  }

 private:
  const ArchConfig arch_;
};

}  // namespace

std::unique_ptr<Engine> make_model_engine(const ArchConfig& arch) {
  if (const std::string reason = check_params(arch.hw); !reason.empty()) throw Error(reason);
  return std::make_unique<ModelEngine>(arch);
}

}  // namespace systole
