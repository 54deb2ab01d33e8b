// SPDX-License-Identifier: Apache-2.0
// The engine `rtl`: the verilated core on the platform.
#include <fmt/format.h>

#include "model/arch/geometry.h"
#include "model/base/error.h"
#include "sim/engine/engine.h"
#include "sim/engine/rtl_builder.h"
#include "sim/engine/rtl_core.h"
#include "sim/engine/rtl_library.h"
#include "sim/engine/wave_check.h"
#include "sim/platform/platform.h"

namespace systole::engine {
namespace {

class RtlEngine : public Engine {
 public:
  RtlEngine(const arch::ArchConfig& arch, const verilated::RtlApi& api) : arch_(arch), api_(api) {}
  const char* name() const override { return "rtl"; }

  platform::RunResult run(const program::Program& program, platform::DramImage& dram,
                          const platform::RunOptions& options) override {
    if (!options.wave_file.empty() && api_.open_wave == nullptr)
      throw Error("a waveform was asked of a simulator that was built without");
    platform::RunResult result =
        platform::run_platform(arch_, program, dram, options, [&](const sc_core::sc_time& period) {
          return std::make_unique<RtlCore>(
              "core", api_, period, arch::Geometry(arch_.hw).axi_bytes, options.reset_seed,
              WaveWindow{options.wave_file, options.wave_from, options.wave_to});
        });
    if (!options.wave_file.empty() && !is_whole_waveform(options.wave_file))
      throw Error("the waveform cannot be written: it was cut short, expected room on the disk");
    return result;
  }

 private:
  const arch::ArchConfig arch_;
  const verilated::RtlApi& api_;
};

}  // namespace

std::unique_ptr<Engine> make_rtl_engine(const arch::ArchConfig& arch, bool trace,
                                        bool allow_large) {
  const RtlBuilder builder;
  while (true) {  // again if somebody empties the cache between the two
    const auto library = builder.library(arch.hw, {.trace = trace, .allow_large = allow_large});
    if (const verilated::RtlApi* api = load_rtl_library(library))
      return std::make_unique<RtlEngine>(arch, *api);
  }
}

}  // namespace systole::engine
