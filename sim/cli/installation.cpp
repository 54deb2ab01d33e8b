// SPDX-License-Identifier: Apache-2.0
// Looks for tools in PATH and runs them with --version; asks the system about folders.
#include "sim/cli/installation.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>

#include "model/arch/arch.h"
#include "model/arch/ddr.h"
#include "model/base/data_folder.h"
#include "model/base/error.h"
#include "sim/cli/output.h"
#include "sim/debug/line_reader.h"
#include "sim/energy/table.h"
#include "sim/engine/cache_contents.h"
#include "sim/engine/library_cache.h"
#include "sim/nsga2/nsga2.h"
#include "sim/process/tool.h"
#include "sim/report/format.h"
#include "sim/report_page/assets.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRtl = "--engine rtl, cosim, verify and waveforms";

/// What `command` of a shell prints to standard output.
std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
      popen(fmt::format("({}) 2>/dev/null </dev/null", command).c_str(), "r"), pclose);
  if (!pipe) return "";
  std::string text;
  char buffer[4096];
  for (size_t bytes; (bytes = fread(buffer, 1, sizeof buffer, pipe.get())) > 0;)
    text.append(buffer, bytes);
  return text;
}

/// The first figures with a dot in `text`; "" if there are none.
std::string version_in(const std::string& text) {
  static const std::regex kVersion("[0-9]+\\.[0-9][0-9.]*");
  std::smatch found;
  return std::regex_search(text, found, kVersion) ? found.str() : "";
}

Part tool(const std::string& name, bool needed, const std::string& serves,
          const std::string& remedy) {
  Part part{name, false, needed, "not in PATH", serves, remedy};
  const fs::path path = process::find_tool(name);
  if (path.empty()) return part;
  part.found = true;
  part.detail = fmt::format("{:<9} {}", version_in(output_of(name + " --version")),
                            report::printable(path.string()));
  return part;
}

/// A header that verilated RTL is compiled with.
Part zlib() {
  Part part{"zlib.h", false, true, "g++ does not find it", "waveforms", "apt install zlib1g-dev"};
  if (process::find_tool("g++").empty()) return part;
  const std::string macros = output_of("echo '#include <zlib.h>' | g++ -dM -E -x c++ -");
  const size_t at = macros.find("#define ZLIB_VERSION");
  part.found = at != std::string::npos;
  if (part.found) part.detail = version_in(macros.substr(at));
  return part;
}

Part built_in(const std::string& name, bool found, const std::string& serves,
              const std::string& remedy) {
  return {name, found, false, found ? "built in" : "not in this build", serves, remedy};
}

Part data() {
  Part part{"data", false, true, "", "everything", "install again, or set SYSTOLE_DATA"};
  try {
    const fs::path folder = data_folder();
    part.detail = fmt::format("{}: {} architectures, {} memories, {} tables of energies",
                              report::printable(folder.string()), arch::list_archs().size(),
                              arch::ddr_preset_names().size(), energy::list_energy_tables().size());
    part.found = !arch::list_archs().empty();
  } catch (const Error& error) {
    part.detail = error.what();
  }
  return part;
}

/// `folder`, or the nearest above it that is there.
fs::path nearest_existing(fs::path folder) {
  std::error_code error;
  while (!fs::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

/// "20.1 GiB free", and whether somebody may write there and finds room for a build.
std::pair<std::string, bool> room_in(const fs::path& folder) {
  constexpr uintmax_t kLeast = uintmax_t{64} << 20;  // of a build of 16x16
  const fs::path there = nearest_existing(folder);
  std::error_code error;
  const auto space = fs::space(there, error);
  if (error) return {error.message(), false};
  const bool writable = access(there.c_str(), W_OK | X_OK) == 0;
  const double gib = static_cast<double>(space.available) / (uint64_t{1} << 30);
  return {fmt::format("{:.1f} GiB free{}", gib, writable ? "" : ", cannot be written"),
          writable && space.available >= kLeast};
}

Part cache() {
  Part part{"cache", false, true, "", kRtl, "set SYSTOLE_CACHE to a folder of your own with room"};
  try {
    const fs::path folder = engine::find_library_cache();
    uint64_t bytes = 0;
    const auto libraries = engine::cached_libraries(folder);
    for (const engine::CachedLibrary& library : libraries) bytes += library.bytes;
    const auto [room, enough] = room_in(folder);
    part.detail =
        fmt::format("{}: {} libraries, {}, {}", report::printable(folder.string()),
                    libraries.size(), report::bytes_text(static_cast<int64_t>(bytes)), room);
    std::error_code error;
    if (fs::exists(folder, error)) engine::require_own(folder);
    part.found = enough && (!fs::exists(folder, error) || fs::is_directory(folder, error));
  } catch (const Error& error) {
    part.detail = error.what();
  }
  return part;
}

Part temporary() {
  const fs::path folder = place_of_scratch();
  const auto [room, enough] = room_in(folder);
  return {"temporary",
          enough,
          true,
          fmt::format("{}: {}", report::printable(folder.string()), room),
          "output to pipes and devices, builds",
          "set TMPDIR to a folder with room"};
}

}  // namespace

std::vector<Part> look_at_installation() {
  return {
      data(),
      tool("verilator", true, kRtl, "apt install verilator"),
      tool("g++", true, kRtl, "apt install g++"),
      tool("make", true, kRtl, "apt install make"),
      zlib(),
      tool("ccache", false, "RTL builds that share what they have in common", "apt install ccache"),
      tool("gtkwave", false, "views of waveforms", "apt install gtkwave"),
      built_in("pagmo", nsga2::has_nsga2(), "optimise, but for --exact",
               "apt install libpagmo-dev, and build again"),
      built_in("echarts", !report_page::plotting_js().empty(), "pages of report",
               "tools/install_deps.sh --report, and build again"),
      built_in("libedit", debug::has_line_editing(), "history and completion in debug",
               "apt install libedit-dev, and build again"),
      tool("node", false, "report --svg and --png", "apt install nodejs"),
      tool("rsvg-convert", false, "report --png", "apt install librsvg2-bin"),
      tool("sbatch", false, "sweep --slurm", "apt install slurm-client"),
      cache(),
      temporary(),
  };
}

}  // namespace systole::cli
