// SPDX-License-Identifier: Apache-2.0
// The cache of verilated cores: hash, check, lock, build aside, publish by rename.
#include "sim/engine/rtl_builder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "model/arch/geometry.h"
#include "model/base/data_folder.h"
#include "model/base/error.h"
#include "sim/engine/environment.h"
#include "sim/engine/library_cache.h"
#include "sim/engine/library_seal.h"
#include "sim/process/tool.h"

namespace systole::engine {
namespace fs = std::filesystem;
namespace {

constexpr int kLargeArray = 64 * 64;  ///< processing elements that build within a few minutes

/// 64-bit FNV-1a over everything that is added.
class Hash {
 public:
  void add(const std::string& text) {
    for (const char c : text) mix(static_cast<uint8_t>(c));
    mix(0);  // "ab"+"c" is not "a"+"bc"
  }
  std::string hex() const { return fmt::format("{:016x}", state_); }

 private:
  void mix(uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3u; }
  uint64_t state_ = 0xcbf29ce484222325u;
};

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(fmt::format("{}: cannot be read", path.string()));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Path, size and time of the program behind `tool`: changes whenever the tool does, at the cost of
/// no process.
std::string tool_identity(const std::string& tool) {
  const fs::path path = process::find_tool(tool);
  struct stat info = {};
  if (path.empty() || stat(path.c_str(), &info) != 0)
    throw Error(
        fmt::format("{}: not found in PATH; the rtl engine needs verilator, g++ and make "
                    "(apt install verilator g++ make zlib1g-dev)",
                    tool));
  return fmt::format("{}:{}:{}", path.string(), info.st_size, info.st_mtime);
}

/// An empty directory that disappears with its owner.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(fs::path path) : path_(std::move(path)) {
    std::error_code error;
    fs::remove_all(path_, error);  // what a killed build has left; its lock is ours now
    fs::create_directories(path_, error);
    if (!fs::is_directory(path_, error))
      throw Error(fmt::format("{}: cannot be made: {}", path_.string(), error.message()));
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const fs::path& path() const { return path_; }

 private:
  const fs::path path_;
};

/// Verilator's makefiles take the other characters apart: blanks above all.
bool make_can_work_in(const fs::path& path) {
  return std::all_of(path.native().begin(), path.native().end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c < 0 ||
           std::string_view("/._+-,@~").find(c) != std::string_view::npos;
  });
}

/// Where to build `library`: beside it, or in a temporary directory if its path is none for make.
fs::path scratch_for(const fs::path& library) {
  if (make_can_work_in(library)) return library.string() + ".build";
  std::error_code error;
  fs::path parent = fs::temp_directory_path(error);
  if (error || !make_can_work_in(parent)) parent = "/tmp";
  std::string name = (parent / "systole-build-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw Error(fmt::format(
        "{}: has a blank or another character that Verilator's makefiles cannot work with, and {} "
        "cannot be used in its place: {}; set SYSTOLE_CACHE",
        library.parent_path().string(), parent.string(), std::strerror(errno)));
  return name;
}

void copy_into(const fs::path& file, const fs::path& scratch) {
  std::error_code error;
  fs::copy_file(file, scratch / file.filename(), error);
  if (error)
    throw Error(fmt::format("{}: cannot be copied to {}: {}", file.string(), scratch.string(),
                            error.message()));
}

/// What is compiled together with the verilated core.
constexpr const char* kWrapperFiles[] = {"library.cpp", "rtl_api.h", "hooks.h", "story.h"};
/// What is shown of the RTL; it comes before the sources.
constexpr const char* kShown = "debug.vlt";

/// Moves a finished library into the cache, whole or not at all.
void publish(const fs::path& built, const fs::path& library) {
  std::error_code error;
  fs::rename(built, library, error);
  if (error == std::errc::cross_device_link) {
    const fs::path copy = library.string() + ".part";  // nobody else's: the lock is ours
    fs::copy_file(built, copy, fs::copy_options::overwrite_existing, error);
    if (!error) fs::rename(copy, library, error);
    std::error_code ignored;
    if (error) fs::remove(copy, ignored);
  }
  if (error)
    throw Error(fmt::format("{}: cannot be written: {}", library.string(), error.message()));
}

/// The first complaint in a tool's log.
std::string first_error(const fs::path& log) {
  std::error_code error;
  if (!fs::exists(log, error)) return "its log could not be written";
  std::istringstream text(read_file(log));
  std::string last;
  for (std::string line; std::getline(text, line);) {
    if (line.find("rror") != std::string::npos) return line;
    if (!line.empty()) last = line;
  }
  return last;
}

/// How far a build in the directory `objects` is: Verilator writes the C++ files, then they are
/// compiled one by one.
class BuildState {
 public:
  BuildState(fs::path objects, double expected_seconds)
      : objects_(std::move(objects)), expected_(expected_seconds) {}

  std::string text(double seconds) {
    size_t files = 0, compiled = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(objects_, error)) {
      const fs::path name = entry.path().filename();
      if (!name.string().starts_with("Vsys_core")) continue;
      files += name.extension() == ".cpp";
      compiled += name.extension() == ".o";
    }
    if (compiled == 0) translated_ = seconds;
    std::string state = fmt::format("{:.0f} s", seconds);
    double left = expected_ - seconds;
    if (compiled > 0) state += fmt::format(", {} of {} files compiled", compiled, files);
    if (compiled > 1 && compiled <= files) {  // the first tells when compilation began
      const double rate = static_cast<double>(compiled - 1) / (seconds - translated_);
      state += fmt::format(", {:.1f} files/s", rate);
      left = static_cast<double>(files - compiled) / rate;
    }
    return left > 0 ? state + fmt::format(", about {:.0f} s to go", left) : state;
  }

 private:
  const fs::path objects_;
  const double expected_;
  double translated_ = 0;  ///< the last time at which no file was compiled
};

}  // namespace

// From builds of 16x16, 32x32 and 64x64.
double build_seconds(const isa::HwParams& hw) { return 20 + 0.04 * hw.rows * hw.cols; }

RtlBuilder::RtlBuilder() {
  const std::string own = environment("SYSTOLE_RTL_DIR");
  const fs::path data = data_folder();
  wrapper_ = data / "sim" / "verilated";
  rtl_ = own.empty() ? data / "rtl" : fs::absolute(own);
  cache_dir_ = find_library_cache();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(rtl_, error))
    if (entry.path().extension() == ".sv" || entry.path().extension() == ".vlt")
      sources_.push_back(entry.path().filename());
  if (error || sources_.empty())
    throw Error(fmt::format("{}: no RTL sources found; set SYSTOLE_RTL_DIR", rtl_.string()));
  // Waivers apply to what follows them, packages are used by what follows them, all by the ISA's
  // first.
  const auto rank = [](const fs::path& p) {
    const std::string name = p.filename().string();
    return p.extension() == ".vlt"     ? 0
           : name == "sys_isa_pkg.sv"  ? 1
           : name.ends_with("_pkg.sv") ? 2
                                       : 3;
  };
  std::sort(sources_.begin(), sources_.end(), [&](const fs::path& a, const fs::path& b) {
    return std::pair(rank(a), a) < std::pair(rank(b), b);
  });
}

std::vector<std::string> RtlBuilder::verilator_command(const isa::HwParams& hw, Kind kind) const {
  std::vector<std::string> command = {
      "verilator", "--cc", "--exe", "--build", "-j", "2", "--top-module", "sys_core", "--prefix",
      "Vsys_core", "--Mdir", "obj", "-o", "core.so", "-O3", "--x-initial", "unique", "--assert",
      "--timescale-override", "1ps/1ps", "-Wno-fatal", "--output-split", "10000",
      // Verilated code gains from -O3, its one-time parts only cost build time.
      "-MAKEFLAGS", kind.quick ? "OPT_FAST=-O0" : "OPT_FAST=-O3", "-MAKEFLAGS", "OPT_SLOW=-O0",
      "-MAKEFLAGS", "OPT_GLOBAL=-O2", "-CFLAGS",
      "-fPIC -fvisibility=hidden -DVL_USER_STOP -DVL_USER_FINISH -DVL_USER_FATAL",
      // The compiler works in obj.
      "-CFLAGS", "-I.. -include ../hooks.h", "-LDFLAGS", "-shared -Wl,-Bsymbolic"};
  if (kind.trace) command.insert(command.end(), {"--trace-fst", "--trace-structs"});
  if (kind.trace || kind.debug)
    command.insert(command.end(), {"--savable", "-CFLAGS", "-DSYSTOLE_SAVABLE"});
  if (kind.debug) command.insert(command.end(), {"-CFLAGS", "-DSYSTOLE_DEBUG", kShown});
  for (const isa::HwParamInfo& param : isa::kHwParams)
    command.push_back(fmt::format("-G{}={}", param.sv_name, hw.*param.member));
  for (const fs::path& source : sources_) command.push_back(source.string());
  command.emplace_back("library.cpp");
  return command;
}

std::vector<fs::path> RtlBuilder::wrapper_files(Kind kind) const {
  std::vector<fs::path> files;
  for (const char* file : kWrapperFiles) files.push_back(wrapper_ / file);
  if (kind.debug) files.push_back(wrapper_ / kShown);
  return files;
}

std::string RtlBuilder::key(const isa::HwParams& hw, Kind kind) const {
  Hash hash;
  for (const std::string& word : verilator_command(hw, kind)) hash.add(word);
  for (const fs::path& source : sources_) hash.add(read_file(rtl_ / source));
  for (const fs::path& file : wrapper_files(kind)) hash.add(read_file(file));
  for (const char* tool : {"verilator", "verilator_bin", "g++", "make"})
    hash.add(tool_identity(tool));
  return fmt::format("core-{}x{}{}{}-{}", hw.rows, hw.cols, kind.trace ? "-trace" : "",
                     kind.debug ? "-debug" : "", hash.hex());
}

bool RtlBuilder::is_whole(const fs::path& library) const {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(library, error))) return false;
  require_own(library);
  return has_seal(library, library.stem().string());
}

fs::path RtlBuilder::place(const isa::HwParams& hw, Kind kind) const {
  return cache_dir_ / (key(hw, kind) + ".so");
}

std::optional<fs::path> RtlBuilder::find(const isa::HwParams& hw, Kind kind) const {
  std::error_code error;
  if (!fs::exists(cache_dir_, error)) return std::nullopt;
  require_own(cache_dir_);
  // With waveforms first: it is as fast, and leaves snapshots.
  for (const bool quick : {false, true})
    for (const bool trace : {true, false}) {
      if ((quick && !kind.quick) || (kind.trace && !trace)) continue;
      if (fs::path library = place(hw, {trace, quick, kind.debug}); is_whole(library))
        return library;
    }
  return std::nullopt;
}

bool RtlBuilder::has(const isa::HwParams& hw) const { return find(hw, {}).has_value(); }

fs::path RtlBuilder::library(const isa::HwParams& hw, const RtlBuildOptions& options) const {
  if (const std::string reason = arch::check_params(hw); !reason.empty()) throw Error(reason);
  const Kind kind{options.trace, options.quick, options.debug};
  if (const auto known = find(hw, kind)) return *known;
  fs::path library = place(hw, kind);
  if (hw.rows * hw.cols > kLargeArray && !options.allow_large)
    throw Error(fmt::format(
        "array {}x{}: building its RTL simulator takes about {:.0f} minutes, once; ask for "
        "it with --yes",
        hw.rows, hw.cols, build_seconds(hw) / 60));
  make_library_cache(cache_dir_);
  require_own(cache_dir_);
  constexpr double kPatience = 600;  // and several times what a build takes
  const FileLock lock(fs::path(library).replace_extension(".lock"),
                      options.lock_seconds.value_or(kPatience + 5 * build_seconds(hw)));
  if (!is_whole(library)) build(library, hw, kind);  // else: another has built it meanwhile
  return library;
}

void RtlBuilder::build(const fs::path& library, const isa::HwParams& hw, Kind kind) const {
  const ScratchDirectory scratch(scratch_for(library));
  for (const fs::path& source : sources_) copy_into(rtl_ / source, scratch.path());
  for (const fs::path& file : wrapper_files(kind)) copy_into(file, scratch.path());
  const fs::path log = scratch.path() / "build.log";
  std::vector<std::string> command = verilator_command(hw, kind);
  if (!process::find_tool("ccache").empty())  // configurations share Verilator's run-time library
    command.insert(command.end(), {"-MAKEFLAGS", "OBJCACHE=ccache"});
  BuildState state(scratch.path() / "obj", build_seconds(hw));
  const int status =
      process::run_tool(command, scratch.path(), log,
                        fmt::format("building the RTL simulator of {}x{}", hw.rows, hw.cols),
                        [&](double seconds) { return state.text(seconds); });
  if (status != 0) {
    const fs::path kept = library.string() + ".log";
    std::error_code ignored;
    fs::copy_file(log, kept, fs::copy_options::overwrite_existing, ignored);
    const std::string why = first_error(log);
    const bool zlib = why.find("zlib.h") != std::string::npos;
    throw Error(fmt::format("verilator failed with status {}: {}{} (all of it in {})", status, why,
                            zlib ? "; waveforms need zlib1g-dev" : "", kept.string()));
  }
  const fs::path built = scratch.path() / "obj" / "core.so";
  seal_library(built, library.stem().string());
  publish(built, library);
}

}  // namespace systole::engine
