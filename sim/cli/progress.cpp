// SPDX-License-Identifier: Apache-2.0
// Draws the progress line.
#include "sim/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "sim/cli/streams.h"
#include "sim/report/format.h"

namespace systole::cli {

Progress::Progress(std::string what, std::string unit, uint64_t total)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      visible_(isatty(STDERR_FILENO)),
      reached_(what_, unit_, total_) {}

Progress::~Progress() { wipe(); }

void Progress::wipe() {
  if (drawn_) print_err("\r\x1b[K");
  drawn_ = false;
}

void Progress::update(uint64_t done, double fraction) {
  using namespace std::chrono_literals;
  reached_.update(done);
  const auto now = Clock::now();
  if (!visible_ || now - shown_ < 200ms) return;
  shown_ = now;
  drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = static_cast<double>(done) / seconds;
  std::string line = fmt::format(
      "{}: {} {}, {} {}/s", what_, report::with_commas(done), unit_,
      rate < 10 ? fmt::format("{:.2f}", rate) : report::with_commas(static_cast<uint64_t>(rate)),
      unit_);
  if (!remark_.empty()) line += ", " + remark_;
  if (total_ > 0) fraction = static_cast<double>(done) / static_cast<double>(total_);
  if (fraction > 0 && fraction <= 1)
    line += fmt::format(", {:.0f} %, {} to go", 100 * fraction,
                        report::duration_text(seconds / fraction - seconds));
  print_err("\r\x1b[K{}", line);
  std::fflush(stderr);
}

void Progress::update_of(uint64_t done, uint64_t total) {
  total_ = total;
  reached_.set_total(total);
  update(done);
}

session::Watcher ShownProgress::watcher() {
  return [this](const session::Advance& advance) {
    if (!progress_ || task_ != advance.task || advance.done == 0) {
      task_ = advance.task;
      progress_.emplace(advance.task, advance.unit, advance.total);
    }
    if (advance.total > 0)
      progress_->update_of(advance.done, advance.total);
    else
      progress_->update(advance.done, advance.fraction);
  };
}

}  // namespace systole::cli
