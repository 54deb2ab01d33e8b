// SPDX-License-Identifier: Apache-2.0
// A network that is compiled and run with data, and held to its executor.
#pragma once

#include <catch2/catch.hpp>

#include "sim/session/network_run.h"

namespace systole {

struct SoundRun {
  session::CompiledNetwork compiled;
  session::NetworkRun run;
};

/// Runs what `request` asks for on `engine`; outputs are the executor's, and engines agree.
inline SoundRun run_soundly(const session::NetworkRequest& request, const arch::ArchConfig& arch,
                            const std::string& engine) {
  SoundRun ran{session::compile_network(request, arch), {}};
  session::NetworkRunOptions options;
  options.simulate.engine = engine;
  ran.run =
      session::run_network(ran.compiled, arch, session::load_data(request, ran.compiled), options);
  CHECK(ran.run.wrong == "");
  CHECK(ran.run.divergence == "");
  REQUIRE(ran.run.sound());
  return ran;
}

}  // namespace systole
