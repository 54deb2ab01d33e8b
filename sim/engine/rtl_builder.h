// SPDX-License-Identifier: Apache-2.0
// Verilates and compiles the RTL for any legal parameters into a shared library in the user's
// cache.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/isa/isa.h"

namespace systole {

struct RtlBuildOptions {
  bool trace = false;        ///< a library that can write waveforms (slower)
  bool allow_large = false;  ///< also build arrays that take many minutes
};

/// Builds libraries of `sys_core` and keeps them under a hash of everything that goes into them:
/// RTL sources, parameters, flags, wrapper, tools. Builds of one configuration by several processes
/// wait for each other; a library appears in the cache whole or not at all.
class RtlBuilder {
 public:
  /// The RTL of $SYSTOLE_RTL_DIR or of the source tree; the cache in $SYSTOLE_CACHE, or else
  /// "systole" in $XDG_CACHE_HOME or ~/.cache.
  RtlBuilder();

  /// The library for `hw`, built if the cache lacks it. Throws Error: illegal parameters, a large
  /// array without allow_large, missing tools (naming them), RTL that does not compile (with the
  /// tool's words).
  std::filesystem::path library(const HwParams& hw, const RtlBuildOptions& options) const;

 private:
  std::vector<std::string> verilator_command(const HwParams& hw,
                                             const RtlBuildOptions& options) const;
  std::string key(const HwParams& hw, const std::vector<std::string>& command, bool trace) const;
  void build(const std::filesystem::path& library, const std::vector<std::string>& command,
             const HwParams& hw) const;

  std::filesystem::path rtl_dir_;
  std::filesystem::path wrapper_dir_;
  std::filesystem::path cache_dir_;
  std::vector<std::filesystem::path> sources_;  ///< packages first
};

}  // namespace systole
