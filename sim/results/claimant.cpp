// SPDX-License-Identifier: Apache-2.0
// Asks the kernel by /proc.
#include "sim/results/claimant.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>

namespace systole::results {
namespace {

std::string first_line(const std::string& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

/// Ticks from the machine's start to the process's; nothing if it is not there or has ended.
std::optional<int64_t> start_of(const std::string& process) {
  const std::string line = first_line("/proc/" + process + "/stat");
  const size_t name_end = line.rfind(')');  // names may hold anything
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  constexpr int kState = 3, kStart = 22;  // proc(5)
  for (int i = kState; i <= kStart; ++i) {
    fields >> field;
    if (i == kState && (field == "Z" || field == "X")) return std::nullopt;
  }
  return fields ? std::optional<int64_t>(std::stoll(field)) : std::nullopt;
}

double now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "?";
}

}  // namespace

Claimant this_claimant() {
  return {host_name(), first_line("/proc/sys/kernel/random/boot_id"), getpid(),
          start_of("self").value_or(0), now()};
}

bool is_alive(const Claimant& claimant, const Claimant& observer) {
  if (claimant.host != observer.host) return observer.renewed - claimant.renewed < kLeaseSeconds;
  return claimant.boot == observer.boot &&
         start_of(std::to_string(claimant.process)) == claimant.started;
}

}  // namespace systole::results
