// SPDX-License-Identifier: Apache-2.0
// A line is written at once, so that readers see whole ones.
#include "sim/sweep/shard_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>

#include "model/base/error.h"
#include "sim/process/descriptor.h"

namespace systole::sweep {
namespace {

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 && name[0] != 0 ? name : "-";
}

std::optional<ShardState> state_of(const std::string& line) {
  std::istringstream words(line);
  ShardState state;
  if (!(words >> state.time >> state.name >> state.done >> state.total >> state.failed >>
        state.rate >> state.host >> state.process))
    return std::nullopt;
  std::getline(words >> std::ws, state.reason);
  return state;
}

}  // namespace

void append_state(const std::filesystem::path& file, ShardState state) {
  for (char& c : state.reason)
    if (c == '\n') c = ' ';
  const std::string line =
      fmt::format("{} {} {} {} {} {:.4g} {} {}{}{}\n", std::time(nullptr), state.name, state.done,
                  state.total, state.failed, state.rate, host_name(), getpid(),
                  state.reason.empty() ? "" : " ", state.reason);
  const process::Descriptor to(open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (to.get() < 0 || !process::write_all(to.get(), line.data(), line.size()))
    throw Error(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
}

std::optional<ShardState> last_state(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::optional<ShardState> last;
  for (std::string line; std::getline(stream, line) && !stream.eof();)
    if (auto state = state_of(line)) last = std::move(state);
  return last;
}

}  // namespace systole::sweep
