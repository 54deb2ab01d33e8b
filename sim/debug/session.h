// SPDX-License-Identifier: Apache-2.0
// A debugging session: a run, its breakpoints, and moves through it in both directions.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/debug/footprints.h"
#include "sim/debug/stops.h"
#include "sim/debug/target.h"

namespace systole::debug {

class Session {
 public:
  using MakeTarget = std::function<std::unique_ptr<Target>(const Subject&)>;
  /// `interrupted`: asked now and then under way; true ends the move where it is. May be empty.
  Session(Subject subject, const MakeTarget& make_target, std::function<bool()> interrupted = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Target& target() { return *target_; }
  const Surroundings& around() const { return around_; }

  // Moves. Each tells what has stopped the run, and where it stands now. Once
  // the run is over, those forwards change nothing.
  std::string step(uint64_t cycles);
  std::string step_instructions(uint64_t count);
  std::string back(uint64_t cycles);
  std::string back_instructions(uint64_t count);
  std::string go_to(Cycle cycle);
  /// To the next breakpoint, or the end.
  std::string run();
  /// The same, and to `condition` if that is met before.
  std::string run_to(const Condition& condition);
  /// To where the last breakpoint before now stops a run.
  std::string reverse();

  /// Sets a breakpoint; returns its number.
  int add(Condition condition);
  /// Throws Error if there is none of that number.
  void remove(int number);
  void remove_all() { stops_.clear(); }
  std::string list() const;
  bool has_breakpoints() const { return !stops_.empty(); }

 private:
  using Done = std::function<bool()>;
  std::string travel(Cycle most, const Done& done = {}, Stop* extra = nullptr);
  void go_quickly(Cycle most);
  std::string check_stops(Stop* extra);
  Cycle begin_before(Cycle cycle);
  bool is_interrupted() const { return interrupted_ && interrupted_(); }
  Cycle next_cycle_stop(Cycle most, const Stop* extra) const;
  std::string here() const;

  const Subject subject_;
  const ProgramWords words_;
  const program::TensorMap map_;
  const Tensors tensors_;
  Footprints footprints_;
  Whereabouts whereabouts_;
  const Surroundings around_;
  const std::unique_ptr<Target> target_;
  const std::function<bool()> interrupted_;
  std::map<int, std::unique_ptr<Stop>> stops_;
  int next_number_ = 1;
};

}  // namespace systole::debug
