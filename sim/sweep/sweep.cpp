// SPDX-License-Identifier: Apache-2.0
// Claims points, hands them to workers, puts what they give into the database, makes rows of that.
#include "sim/sweep/sweep.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <set>

#include "model/base/error.h"
#include "sim/energy/table.h"
#include "sim/process/worker_pool.h"
#include "sim/sweep/accuracy.h"
#include "sim/sweep/evaluations.h"
#include "sim/sweep/exclusion.h"
#include "sim/sweep/front_half.h"
#include "sim/sweep/groups.h"
#include "sim/sweep/identity.h"
#include "sim/sweep/limits.h"
#include "sim/sweep/row.h"
#include "sim/sweep/run_point.h"

namespace systole::sweep {
namespace {

using Clock = std::chrono::steady_clock;
using Row = nlohmann::ordered_json;

constexpr std::chrono::milliseconds kLook{200};  // at points that others work on

/// What is run once: a configuration, and the points that are of it.
struct Task {
  results::Configuration configuration;
  std::vector<size_t> points;
  bool retry = false;  ///< it failed before, and is to be run again
  int kills = 0;
  std::string front;  ///< front_key, once it is started
  size_t needs = 0;   ///< the generation in which it can be run
  Clock::time_point start;
};

/// `figures`: what a worker gave that came to its end.
results::Outcome outcome_of(const process::WorkerResult& result, nlohmann::json figures,
                            Clock::duration time) {
  results::Outcome outcome;
  outcome.finished = result.ok;
  outcome.seconds = std::chrono::duration<double>(time).count();
  outcome.peak_kib = result.peak_kib;
  if (result.ok) {
    outcome.layers = std::move(figures["layers"]);
    outcome.totals = std::move(figures["totals"]);
  } else {
    outcome.reason = result.reason();
  }
  return outcome;
}

}  // namespace

struct SweepCache::Kept {
  FrontHalves halves;
  Identifier identifier;
  energy::EnergyTables tables;
  std::set<std::string> proved;  ///< front halves that a worker has made
  Clock::duration inserting{};
  PointValues values;
};

SweepCache::SweepCache() : kept_(std::make_unique<Kept>()) {}

SweepCache::~SweepCache() = default;

namespace {

class Runner {
 public:
  Runner(const SweepSpec& spec, const SweepOptions& options, results::Store& store,
         const std::function<void(const Row&, bool)>& added, SweepCache& cache)
      : halves_(cache.kept().halves),
        identifier_(cache.kept().identifier),
        tables_(cache.kept().tables),
        proved_(cache.kept().proved),
        inserting_(cache.kept().inserting),
        values_(cache.kept().values),
        spec_(spec),
        options_(options),
        store_(store),
        added_(added),
        evaluations_(store),
        rows_(spec.points.size()) {
    std::map<std::string, size_t> known;
    for (size_t i = 0; i < spec.points.size(); ++i) {
      results::Configuration configuration = identifier_.configuration(spec.points[i]);
      const auto [task, fresh] = known.try_emplace(configuration.identity, tasks_.size());
      if (fresh) {
        evaluations_.add(tasks_.size(), configuration.evaluation);
        tasks_.push_back({std::move(configuration), {}, false, 0, {}, 0, {}});
      }
      tasks_[task->second].points.push_back(i);
    }
  }

  SweepRows run() {
    take_known();
    process::Work work;
    work.next = [this] { return next(); };
    work.task = [this](size_t i) { return run(i).dump(); };
    work.done = [this](size_t i, const process::WorkerResult& result) { done(i, result); };
    work.meanwhile = [this] { store_.claims().renew(); };
    work.generation = [this] { return generation_; };
    work.needs = [this](size_t i) { return i < tasks_.size() ? tasks_[i].needs : 0; };
    for (;;) {
      process::run_workers(work, options_.jobs);
      if (elsewhere_.empty()) break;
      store_.claims().renew();
      usleep(std::chrono::microseconds(kLook).count());
    }
    std::vector<Row> groups = put_groups();
    store_.claims().close(std::chrono::duration<double>(inserting_).count());
    return {std::move(rows_), std::move(groups)};
  }

 private:
  enum class Claim { kOurs, kDone, kElsewhere };

  const SweepPoint& point_of(size_t task) const { return spec_.points[tasks_[task].points[0]]; }

  /// In a worker, which has what was prepared for it.
  nlohmann::json run(size_t task) {
    if (task >= tasks_.size())
      return evaluate(point_of(evaluations_.task_of(task - tasks_.size())));
    evaluations_.check(task);
    const SweepPoint& point = point_of(task);
    const arch::ArchConfig arch = machines().config(point);
    const FrontHalf& half = halves_.find(front_key(point, arch), point, arch);
    if (spec_.has_limits()) {
      const PointBounds bounds = point_bounds(half.plan, arch, point.repeat);
      if (nlohmann::json failed = failed_by(task, bounds); !failed.is_null())
        return {{"excluded", {{"cycles", bounds.cycles}, {"failed", std::move(failed)}}}};
    }
    nlohmann::json outcome =
        run_point(point, arch, half, tables_.find(point.energy_table), options_.detail);
    evaluations_.add_to(task, outcome["totals"]);
    return outcome;
  }

  nlohmann::json evaluate(const SweepPoint& point) {
    return accuracy_of(point, machines().config(point));
  }

  Machines& machines() { return identifier_.machines(); }

  /// The limits that `bounds` fail, for each point of a task; null if one may meet its limits. What
  /// others are compared with runs whatever it takes.
  nlohmann::json failed_by(size_t task, const PointBounds& bounds) {
    auto all = nlohmann::json::array();
    for (const size_t i : tasks_[task].points) {
      if (spec_.is_baseline(i)) return {};
      const auto failed = limits_beyond(spec_.limits_of(i), spec_.points[i], bounds, values_);
      if (failed.empty()) return {};
      all.emplace_back(failed_limits_json(failed));
    }
    return all;
  }

  /// Makes the front half of a task here, for its worker and those of later tasks to inherit, if
  /// another worker has been through it: whatever it might do to this process it has not done
  /// there. A worker that is alone keeps what it made.
  void prepare(size_t index) {
    Task& task = tasks_[index];
    try {
      const SweepPoint& point = point_of(index);
      const arch::ArchConfig arch = machines().config(point);
      task.front = front_key(point, arch);
      if (options_.jobs > 1 && proved_.contains(task.front)) {
        if (!halves_.contains(task.front)) ++generation_;
        halves_.find(task.front, point, arch);
        prepared_in_.try_emplace(task.front, generation_);
      }
    } catch (const Error&) {  // the worker will say so
    }
    if (evaluations_.ended() > evaluated_) {  // workers that are there do not know of it
      evaluated_ = evaluations_.ended();
      evaluated_in_ = ++generation_;
    }
    const auto prepared = prepared_in_.find(task.front);
    task.needs = std::max(evaluated_in_, prepared == prepared_in_.end() ? 0 : prepared->second);
  }

  /// What the database has needs no worker.
  void take_known() {
    for (size_t i = 0; i < tasks_.size(); ++i) {
      const auto stored = store_.find(tasks_[i].configuration.identity);
      tasks_[i].retry = stored && !stored->finished && options_.retry_failed;
      if (stored && stored->is_enough(options_.detail) && !tasks_[i].retry)
        add_rows(i, *stored, false);
      else
        queue_.push_back(i);
    }
  }

  std::optional<size_t> next() {
    look_elsewhere();
    for (size_t at = 0; at < queue_.size();) {
      const size_t task = queue_[at];
      std::optional<size_t> evaluation;
      if (!evaluations_.is_there(task, evaluation)) {
        if (evaluation) return tasks_.size() + *evaluation;
        ++at;  // of those behind it some may need nothing, or something else
        continue;
      }
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(at));
      const Claim found = claim(task);
      if (found == Claim::kOurs) {
        prepare(task);
        return task;
      }
      if (found == Claim::kElsewhere) elsewhere_.push_back(task);
    }
    return std::nullopt;
  }

  /// Others may have ended, with or without a result.
  void look_elsewhere() {
    if (!queue_.empty() || elsewhere_.empty() || Clock::now() - looked_ < kLook) return;
    looked_ = Clock::now();
    queue_.assign(elsewhere_.begin(), elsewhere_.end());
    elsewhere_.clear();
  }

  Claim claim(size_t index) {
    Task& task = tasks_[index];
    results::Transaction claiming(store_.connection());
    const auto stored = store_.find(task.configuration.identity);
    const bool again = stored && !stored->finished && task.retry;
    if (stored && stored->is_enough(options_.detail) && !again) {
      claiming.commit();
      add_rows(index, *stored, false);
      return Claim::kDone;
    }
    if (!store_.claims().take(task.configuration.identity)) return Claim::kElsewhere;
    claiming.commit();
    task.start = Clock::now();
    return Claim::kOurs;
  }

  void done(size_t index, const process::WorkerResult& result) {
    if (index >= tasks_.size()) return evaluations_.end(index - tasks_.size(), result);
    Task& task = tasks_[index];
    if (result.killed && ++task.kills < kMostAttempts) {
      queue_.push_back(index);
      return;
    }
    if (result.ok) proved_.insert(task.front);
    nlohmann::json answer = result.ok ? nlohmann::json::parse(result.text) : nlohmann::json();
    if (answer.contains("excluded")) return exclude(index, answer.at("excluded"));
    const Clock::time_point start = Clock::now();
    store_.put(task.configuration, options_.detail,
               outcome_of(result, std::move(answer), start - task.start));
    const results::StoredPoint stored = store_.find(task.configuration.identity).value();
    inserting_ += Clock::now() - start;
    add_rows(index, stored, true);
  }

  void add_rows(size_t index, const results::StoredPoint& stored, bool fresh) {
    std::vector<results::FailedLimit> marks;
    std::vector<Row> rows;
    for (const size_t i : tasks_[index].points) {
      std::vector<results::FailedLimit> failed;
      if (stored.finished)
        failed = failed_limits(spec_.limits_of(i), spec_.points[i], stored.figures, values_);
      rows.push_back(sweep_row(spec_, i, stored, failed));
      marks.insert(marks.end(), failed.begin(), failed.end());
    }
    store_.mark(tasks_[index].configuration.identity, marks);
    for (Row& row : rows) {
      added_(row, fresh);
      const auto i = row.at("point").get<size_t>();
      rows_[i] = std::move(row);
    }
  }

  /// What the limits of this sweep exclude is no result: another sweep may want it.
  void exclude(size_t index, const nlohmann::json& excluded) {
    const Task& task = tasks_[index];
    store_.claims().release(task.configuration.identity);
    for (size_t k = 0; k < task.points.size(); ++k) {
      const size_t i = task.points[k];
      rows_[i] = excluded_row(spec_, i, excluded.at("cycles").get<double>(),
                              failed_limits_of(excluded.at("failed").at(k)));
      added_(rows_[i], true);
    }
  }

  /// Of a workload, whose points all are there now.
  std::vector<Row> put_groups() {
    std::vector<Row> groups = group_rows(spec_, rows_);
    std::vector<std::string> points(rows_.size());
    for (const Task& task : tasks_)
      for (const size_t i : task.points) points[i] = task.configuration.identity;
    std::vector<results::Group> stored;
    for (size_t i = 0; i < groups.size(); ++i)
      if (groups[i].at("status") != "excluded")
        stored.push_back(stored_group(spec_, i, groups[i], points));
    if (!stored.empty()) results::put_groups(store_, stored);
    return groups;
  }

  FrontHalves& halves_;
  Identifier& identifier_;
  energy::EnergyTables& tables_;
  std::set<std::string>& proved_;
  Clock::duration& inserting_;
  PointValues& values_;
  const SweepSpec& spec_;
  const SweepOptions& options_;
  results::Store& store_;
  const std::function<void(const Row&, bool)>& added_;
  std::vector<Task> tasks_;
  Evaluations evaluations_;                    ///< number i is found as task tasks_.size() + i
  size_t generation_ = 0;                      ///< of what workers inherit
  size_t evaluated_ = 0;                       ///< evaluations that had ended
  size_t evaluated_in_ = 0;                    ///< the generation since they had
  std::map<std::string, size_t> prepared_in_;  ///< that of each front half
  std::deque<size_t> queue_, elsewhere_;
  Clock::time_point looked_ = Clock::now();
  std::vector<Row> rows_;
};

}  // namespace

SweepRows run_sweep(const SweepSpec& spec, const SweepOptions& options, results::Store& store,
                    const std::function<void(const Row& row, bool fresh)>& added,
                    SweepCache& cache) {
  return Runner(spec, options, store, added, cache).run();
}

SweepRows run_sweep(const SweepSpec& spec, const SweepOptions& options, results::Store& store,
                    const std::function<void(const Row& row, bool fresh)>& added) {
  SweepCache cache;
  return run_sweep(spec, options, store, added, cache);
}

}  // namespace systole::sweep
