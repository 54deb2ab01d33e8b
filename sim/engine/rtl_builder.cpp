// SPDX-License-Identifier: Apache-2.0
// The cache of verilated cores: hash, lock, build aside, publish by rename.
#include "sim/engine/rtl_builder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "model/arch/error.h"
#include "model/arch/geometry.h"
#include "sim/engine/tool_process.h"

namespace systole {
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

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

fs::path find_cache() {
  if (const std::string own = environment("SYSTOLE_CACHE"); !own.empty()) return own;
  if (const std::string xdg = environment("XDG_CACHE_HOME"); !xdg.empty())
    return fs::path(xdg) / "systole";
  if (const std::string home = environment("HOME"); !home.empty())
    return fs::path(home) / ".cache" / "systole";
  throw Error("no place for built simulators: set SYSTOLE_CACHE, XDG_CACHE_HOME or HOME");
}

/// Where PATH has the program `tool`; empty if nowhere.
fs::path find_tool(const std::string& tool) {
  std::istringstream path(environment("PATH"));
  for (std::string directory; std::getline(path, directory, ':');) {
    const fs::path candidate = fs::path(directory) / tool;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

/// Path, size and time of the program behind `tool`: changes whenever the tool does, at the cost of
/// no process.
std::string tool_identity(const std::string& tool) {
  const fs::path path = find_tool(tool);
  struct stat info = {};
  if (path.empty() || stat(path.c_str(), &info) != 0)
    throw Error(
        fmt::format("{}: not found in PATH; the rtl engine needs verilator, g++ and make "
                    "(apt install verilator g++ make)",
                    tool));
  return fmt::format("{}:{}:{}", path.string(), info.st_size, info.st_mtime);
}

/// Holds an exclusive lock on a file for its lifetime; the kernel releases that of a dead process.
class FileLock {
 public:
  explicit FileLock(const fs::path& path)
      : fd_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    if (fd_ < 0) throw Error(fmt::format("{}: cannot be written", path.string()));
    while (flock(fd_, LOCK_EX) != 0)
      if (errno != EINTR) throw Error(fmt::format("{}: cannot be locked", path.string()));
  }
  ~FileLock() { close(fd_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  const int fd_;
};

/// A directory that disappears with its owner.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(fs::path path) : path_(std::move(path)) {
    fs::remove_all(path_);  // what a killed build has left; its lock is ours now
    fs::create_directories(path_);
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

/// The first complaint in a tool's log.
std::string first_error(const fs::path& log) {
  std::istringstream text(read_file(log));
  std::string last;
  for (std::string line; std::getline(text, line);) {
    if (line.find("rror") != std::string::npos) return line;
    if (!line.empty()) last = line;
  }
  return last;
}

/// Seconds that two cores need, from builds of 16x16, 32x32 and 64x64.
double build_seconds(const HwParams& hw) { return 20 + 0.04 * hw.rows * hw.cols; }

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

RtlBuilder::RtlBuilder() : wrapper_dir_(fs::path(SYSTOLE_SOURCE_DIR) / "sim" / "verilated") {
  const std::string own = environment("SYSTOLE_RTL_DIR");
  rtl_dir_ = own.empty() ? fs::path(SYSTOLE_SOURCE_DIR) / "rtl" : fs::absolute(own);
  cache_dir_ = fs::absolute(find_cache());
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(rtl_dir_, error))
    if (entry.path().extension() == ".sv" || entry.path().extension() == ".vlt")
      sources_.push_back(entry.path());
  if (error || sources_.empty())
    throw Error(fmt::format("{}: no RTL sources found; set SYSTOLE_RTL_DIR", rtl_dir_.string()));
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

std::vector<std::string> RtlBuilder::verilator_command(const HwParams& hw,
                                                       const RtlBuildOptions& options) const {
  std::vector<std::string> command = {
      "verilator", "--cc", "--exe", "--build", "-j", "2", "--top-module", "sys_core", "--prefix",
      "Vsys_core", "--Mdir", "obj", "-o", "core.so", "-O3", "--x-initial", "unique", "--assert",
      "--timescale-override", "1ps/1ps", "-Wno-fatal", "--output-split", "10000",
      // Verilated code gains from -O3, its one-time parts only cost build time.
      "-MAKEFLAGS", "OPT_FAST=-O3", "-MAKEFLAGS", "OPT_SLOW=-O0", "-MAKEFLAGS", "OPT_GLOBAL=-O2",
      "-CFLAGS", "-fPIC -fvisibility=hidden -DVL_USER_STOP -DVL_USER_FINISH -DVL_USER_FATAL",
      "-CFLAGS", fmt::format("-I{0} -include {0}/hooks.h", wrapper_dir_.string()), "-LDFLAGS",
      "-shared -Wl,-Bsymbolic"};
  if (options.trace) command.insert(command.end(), {"--trace-fst", "--trace-structs"});
  for (const HwParamInfo& param : kHwParams)
    command.push_back(fmt::format("-G{}={}", param.sv_name, hw.*param.member));
  for (const fs::path& source : sources_) command.push_back(source.string());
  command.push_back((wrapper_dir_ / "library.cpp").string());
  return command;
}

std::string RtlBuilder::key(const HwParams& hw, const std::vector<std::string>& command,
                            bool trace) const {
  Hash hash;
  for (const std::string& word : command) hash.add(word);
  for (const fs::path& source : sources_) hash.add(read_file(source));
  for (const char* file : {"library.cpp", "rtl_api.h", "hooks.h"})
    hash.add(read_file(wrapper_dir_ / file));
  for (const char* tool : {"verilator", "verilator_bin", "g++", "make"})
    hash.add(tool_identity(tool));
  return fmt::format("core-{}x{}{}-{}", hw.rows, hw.cols, trace ? "-trace" : "", hash.hex());
}

fs::path RtlBuilder::library(const HwParams& hw, const RtlBuildOptions& options) const {
  if (const std::string reason = check_params(hw); !reason.empty()) throw Error(reason);
  const std::vector<std::string> command = verilator_command(hw, options);
  const std::string name = key(hw, command, options.trace);
  const fs::path library = cache_dir_ / (name + ".so");
  if (fs::exists(library)) return library;

  if (hw.rows * hw.cols > kLargeArray && !options.allow_large)
    throw Error(fmt::format(
        "array {}x{}: building its RTL simulator takes about {:.0f} minutes, once; ask for "
        "it with --yes",
        hw.rows, hw.cols, build_seconds(hw) / 60));
  std::error_code error;
  fs::create_directories(cache_dir_, error);
  if (error)
    throw Error(fmt::format("{}: cannot be made: {}", cache_dir_.string(), error.message()));
  const FileLock lock(cache_dir_ / (name + ".lock"));
  if (!fs::exists(library))
    build(library, command, hw);  // else: another process has built it meanwhile
  return library;
}

void RtlBuilder::build(const fs::path& library, const std::vector<std::string>& command,
                       const HwParams& hw) const {
  const ScratchDirectory scratch(library.string() + ".build");
  const fs::path log = scratch.path() / "build.log";
  std::vector<std::string> cached = command;
  if (!find_tool("ccache").empty())  // configurations share Verilator's run-time library
    cached.insert(cached.end(), {"-MAKEFLAGS", "OBJCACHE=ccache"});
  BuildState state(scratch.path() / "obj", build_seconds(hw));
  const int status = run_tool(cached, scratch.path(), log,
                              fmt::format("building the RTL simulator of {}x{}", hw.rows, hw.cols),
                              [&](double seconds) { return state.text(seconds); });
  if (status != 0) {
    const fs::path kept = library.string() + ".log";
    std::error_code ignored;
    fs::copy_file(log, kept, fs::copy_options::overwrite_existing, ignored);
    throw Error(fmt::format("verilator failed with status {}: {} (all of it in {})", status,
                            first_error(log), kept.string()));
  }
  fs::rename(scratch.path() / "obj" / "core.so", library);
}

}  // namespace systole
