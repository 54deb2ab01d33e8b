// SPDX-License-Identifier: Apache-2.0
// dlopen of a verilated core.
#include "sim/engine/rtl_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "model/base/error.h"

namespace systole::engine {

const verilated::RtlApi& load_rtl_library(const std::filesystem::path& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Error(fmt::format("{}: {}", path.string(), dlerror()));
  using ApiFunction = const verilated::RtlApi* (*)();
  const auto api = reinterpret_cast<ApiFunction>(dlsym(library, "systole_rtl_api"));
  if (api == nullptr) throw Error(fmt::format("{}: not a simulator of the RTL", path.string()));
  return *api();
}

}  // namespace systole::engine
