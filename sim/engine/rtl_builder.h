// SPDX-License-Identifier: Apache-2.0
// Verilates and compiles the RTL for any legal parameters into a shared library in the user's
// cache.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/isa/isa.h"
#include "sim/engine/engine.h"

namespace systole::engine {

struct RtlBuildOptions {
  bool trace = false;                       ///< a library that can write waveforms
  bool debug = false;                       ///< a library that shows its registers
  bool quick = false;                       ///< built in half the time, simulates a tenth as fast
  bool allow_large = false;                 ///< also build arrays that take many minutes
  std::optional<double> lock_seconds = {};  ///< to wait for another's build; none: several builds
};

/// Seconds that a build takes on two cores, about.
double build_seconds(const isa::HwParams& hw);

/// Builds libraries of `sys_core` and keeps them under a hash of everything that goes into them:
/// RTL sources, parameters, flags, wrapper, tools. Builds of one configuration by several processes
/// wait for each other; a library appears in the cache whole or not at all, and one that is damaged
/// or foreign is built anew. The cache must belong to the user: what is in it will be executed.
class RtlBuilder {
 public:
  /// The RTL of $SYSTOLE_RTL_DIR or of data_folder(); the cache in $SYSTOLE_CACHE, or else
  /// "systole" in $XDG_CACHE_HOME or ~/.cache.
  RtlBuilder();

  /// The library for `hw`, built if the cache lacks it; one that can write waveforms does where
  /// none are wanted, and a quick build is not made where there is another. Throws Error: illegal
  /// parameters, a large array without allow_large, missing tools (naming them), RTL that does not
  /// compile (with the tool's words), a cache of somebody else's, a lock that is not released.
  std::filesystem::path library(const isa::HwParams& hw, const RtlBuildOptions& options) const;

  /// Whether the cache has it.
  bool has(const isa::HwParams& hw) const;

 private:
  struct Kind {
    bool trace = false, quick = false, debug = false;
  };
  /// Works in a folder that holds copies of all sources: no path of this machine goes into it.
  std::vector<std::filesystem::path> wrapper_files(Kind kind) const;
  std::vector<std::string> verilator_command(const isa::HwParams& hw, Kind kind) const;
  std::string key(const isa::HwParams& hw, Kind kind) const;
  std::filesystem::path place(const isa::HwParams& hw, Kind kind) const;
  /// What the cache has for `hw`, whole.
  std::optional<std::filesystem::path> find(const isa::HwParams& hw, Kind kind) const;
  bool is_whole(const std::filesystem::path& library) const;
  void build(const std::filesystem::path& library, const isa::HwParams& hw, Kind kind) const;

  std::filesystem::path rtl_, wrapper_, cache_dir_;
  std::vector<std::filesystem::path> sources_;  ///< names, packages first
};

/// The engine on a library that is built as `options` say (engine.h).
std::unique_ptr<Engine> make_rtl_engine(const arch::ArchConfig& arch,
                                        const RtlBuildOptions& options);

}  // namespace systole::engine
