// SPDX-License-Identifier: Apache-2.0
// A line every few seconds, and one at the end.
#include "sim/cli/shard_report.h"

#include "sim/sweep/shard_state.h"

namespace systole::cli {
namespace {

constexpr std::chrono::seconds kPause{2};

}  // namespace

ShardReport::ShardReport(std::filesystem::path file, size_t total)
    : file_(std::move(file)), total_(total) {
  tell("running");
}

void ShardReport::add(bool failed, bool fresh) {
  ++done_;
  failed_ += failed;
  fresh_ += fresh;
  if (Clock::now() - told_ >= kPause) tell("running");
}

void ShardReport::finish() { tell("finished"); }
void ShardReport::fail(const std::string& reason) { tell("failed", reason); }

void ShardReport::tell(const std::string& name, const std::string& reason) {
  told_ = Clock::now();
  if (file_.empty()) return;
  const double seconds = std::chrono::duration<double>(told_ - start_).count();
  sweep::ShardState state;
  state.name = name;
  state.done = done_;
  state.total = total_;
  state.failed = failed_;
  state.rate = fresh_ > 0 ? static_cast<double>(fresh_) / seconds : 0;
  state.reason = reason;
  sweep::append_state(file_, state);
}

}  // namespace systole::cli
