// SPDX-License-Identifier: Apache-2.0
// Moves go step by step where something is watched, and at once where nothing is.
#include "sim/debug/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "model/base/error.h"
#include "sim/debug/show.h"

namespace systole::debug {
namespace {

constexpr const char* kInterrupted = "interrupted\n";

}  // namespace

Session::Session(Subject subject, const MakeTarget& make_target, std::function<bool()> interrupted)
    : subject_(std::move(subject)),
      words_(subject_.program),
      map_(subject_.tensors != nullptr ? *subject_.tensors : program::tensors_of(subject_.program)),
      tensors_(map_),
      footprints_(subject_.program),
      whereabouts_(subject_.program, tensors_, footprints_),
      around_{subject_, words_, tensors_, footprints_, whereabouts_},
      target_(make_target(subject_)),
      interrupted_(std::move(interrupted)) {}

std::string Session::here() const { return place_in_run(*target_, around_); }

/// The first cycle behind now that a condition names, or `most`.
Cycle Session::next_cycle_stop(Cycle most, const Stop* extra) const {
  const auto consider = [&](const Stop& stop) {
    const auto* at = std::get_if<AtCycle>(&stop.condition());
    if (at != nullptr && at->cycle > target_->now().cycle) most = std::min(most, at->cycle);
  };
  for (const auto& [number, stop] : stops_) consider(*stop);
  if (extra != nullptr) consider(*extra);
  return most;
}

/// A line for each condition that is met; all of them look.
std::string Session::check_stops(Stop* extra) {
  std::string text;
  for (const auto& [number, stop] : stops_)
    if (const auto what = stop->met(*target_))
      text += fmt::format("breakpoint {}: {}\n", number, *what);
  if (extra != nullptr)
    if (const auto what = extra->met(*target_)) text += *what + "\n";
  return text;
}

/// Forwards to cycle `most`, or to the end, in strides that leave time to be interrupted.
void Session::go_quickly(Cycle most) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kShort = std::chrono::milliseconds(20);
  Cycle stride = 1 << 12;
  while (!target_->now().over() && target_->now().cycle < most && !is_interrupted()) {
    const auto begin = Clock::now();
    target_->go_to(target_->now().cycle + std::min(most - target_->now().cycle, stride));
    if (Clock::now() - begin < kShort) stride = std::min(2 * stride, kNever / 4);
  }
}

/// Forwards to cycle `most`, to the end, until `done`, or to a breakpoint, of which it tells.
std::string Session::travel(Cycle most, const Done& done, Stop* extra) {
  if (stops_.empty() && extra == nullptr && !done) {
    go_quickly(most);
    return is_interrupted() ? kInterrupted : "";
  }
  for (const auto& [number, stop] : stops_) stop->arm(*target_);
  if (extra != nullptr) extra->arm(*target_);
  std::string text;
  while (!target_->now().over() && target_->now().cycle < most && text.empty() &&
         !(done && done())) {
    if (is_interrupted()) return kInterrupted;
    target_->step(next_cycle_stop(most, extra));
    text = check_stops(extra);
  }
  return text;
}

std::string Session::step(uint64_t cycles) {
  const std::string text =
      travel(target_->now().cycle + std::min(cycles, kNever - target_->now().cycle));
  return text + here();
}

std::string Session::step_instructions(uint64_t count) {
  const size_t before = target_->retired().size();
  std::string text = travel(kNever, [&] { return target_->retired().size() - before >= count; });
  const auto& retired = target_->retired();
  for (size_t i = before; i < retired.size() && i < before + 10; ++i)
    text += fmt::format("{} has ended in {}: cycles {} to {}\n", words_.instruction(retired[i].pc),
                        isa::unit_name(retired[i].unit), retired[i].start, retired[i].end);
  if (retired.size() > before + 10)
    text += fmt::format("and {} more\n", retired.size() - before - 10);
  return text + here();
}

std::string Session::back(uint64_t cycles) {
  const Cycle now = target_->now().cycle;
  target_->go_to(now > cycles ? now - cycles : 0);
  return here();
}

std::string Session::back_instructions(uint64_t count) {
  const auto& retired = target_->retired();
  target_->go_to(count > retired.size() ? 0 : retired[retired.size() - count].end);
  return here();
}

std::string Session::go_to(Cycle cycle) {
  target_->go_to(cycle);
  return here();
}

std::string Session::run() {
  const std::string text = travel(kNever);
  return text + here();
}

std::string Session::run_to(const Condition& condition) {
  Stop stop(condition, around_);
  std::string text = travel(kNever, {}, &stop);
  if (text.empty()) text = fmt::format("{} was not met\n", condition_text(condition, words_));
  return text + here();
}

/// Goes to a cycle before `cycle` from which all breakpoints can be watched.
Cycle Session::begin_before(Cycle cycle) {
  const auto can_begin = [&](const auto& numbered) {
    return numbered.second->can_begin(target_->now());
  };
  do {
    cycle = target_->near_before(cycle);
    target_->go_to(cycle);
  } while (cycle > 0 && !std::all_of(stops_.begin(), stops_.end(), can_begin));
  return cycle;
}

std::string Session::reverse() {
  if (stops_.empty()) throw Error("reverse-continue: there is no breakpoint to go back to");
  const Cycle end = target_->now().cycle;
  for (Cycle part = end; part > 0;) {
    const Cycle first = begin_before(part);
    Cycle found = 0;
    std::string text;
    // A stop in the first cycle of a part is the part's before it: it needs the step that led
    // there.
    while (target_->now().cycle < part && !target_->now().over()) {
      const std::string met = travel(part);
      const Cycle cycle = target_->now().cycle;
      if (is_interrupted()) {
        target_->go_to(end);
        throw Error("reverse-continue: interrupted");
      }
      if (met.empty() || cycle >= end) continue;
      found = cycle;
      text = met;
    }
    if (!text.empty()) {
      target_->go_to(found);
      return text + here();
    }
    part = first;
  }
  target_->go_to(0);
  return "no breakpoint stops the run before\n" + here();
}

int Session::add(Condition condition) {
  stops_.emplace(next_number_, std::make_unique<Stop>(std::move(condition), around_));
  return next_number_++;
}

void Session::remove(int number) {
  if (stops_.erase(number) == 0)
    throw Error(fmt::format("breakpoint {}: there is none of that number", number));
}

std::string Session::list() const {
  std::string text;
  for (const auto& [number, stop] : stops_)
    text += fmt::format("breakpoint {}: {}\n", number, condition_text(stop->condition(), words_));
  return text.empty() ? "no breakpoints\n" : text;
}

}  // namespace systole::debug
