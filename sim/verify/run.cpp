// SPDX-License-Identifier: Apache-2.0
// Lot after lot: build, run points in processes of their own, compare with what is stored.
#include "sim/verify/run.h"

#include <chrono>

#include "model/base/error.h"
#include "sim/engine/rtl_builder.h"
#include "sim/process/worker_pool.h"
#include "sim/results/compared_database.h"
#include "sim/results/store.h"
#include "sim/sweep/run_point.h"
#include "sim/sweep/stored_point.h"

namespace systole::verify {
namespace {

using Clock = std::chrono::steady_clock;

// Those of the table of energies, whose events are compared, and accuracy, which no engine tells.
constexpr const char* kNotRun[] = {
    "energy_per_inference_uj", "average_power_mw", "area_mm2", "top1", "top1_error", "images"};

nlohmann::json run_again(const Item& item, const char* engine) {
  const results::Configuration& configuration = item.stored.configuration;
  const arch::ArchConfig arch = sweep::arch_of(configuration.machine);
  const sweep::SweepPoint point = sweep::point_of(configuration, item.network);
  return sweep::run_point(point, arch, sweep::make_front_half(point, arch),
                          energy::load_energy_table(point.energy_table), item.stored.detail,
                          {.engine = engine});
}

/// A run as a database would give it again.
results::Compared as_stored(const results::StoredConfiguration& stored, nlohmann::json figures) {
  results::Outcome outcome;
  outcome.finished = true;
  outcome.layers = std::move(figures["layers"]);
  outcome.totals = std::move(figures["totals"]);
  results::Store store("", "");
  store.put(stored.configuration, stored.detail, outcome);
  return results::load_compared(store.connection(), 1);
}

void keep_measured(results::Compared& result) {
  result.configuration.clear();
  for (const char* figure : kNotRun) result.totals.erase(figure);
}

class Runner {
 public:
  Runner(results::Connection& database, const Plan& plan, const Request& request,
         const std::function<void(const Verdict&)>& told)
      : database_(database), plan_(plan), request_(request), told_(told) {}

  Tally run() {
    for (const Lot& lot : plan_.lots) {
      if (!fits(lot.build_seconds + lot.items[0].seconds)) {
        tally_.left += lot.items.size();
        continue;
      }
      if (lot.on_rtl) engine::RtlBuilder().library(lot.hw, {});
      run(lot);
    }
    return tally_;
  }

 private:
  /// Whether so many seconds are left; the first point is always run.
  bool fits(double seconds) const {
    if (request_.budget_seconds == 0 || !started_) return true;
    const std::chrono::duration<double> spent = Clock::now() - start_;
    return spent.count() + seconds <= request_.budget_seconds;
  }

  void run(const Lot& lot) {
    std::vector<Clock::time_point> starts(lot.items.size());
    size_t next = 0;
    process::Work work;
    work.next = [&]() -> std::optional<size_t> {
      if (next == lot.items.size() || !fits(lot.items[next].seconds)) return std::nullopt;
      started_ = true;
      starts[next] = Clock::now();
      return next++;
    };
    work.task = [&](size_t i) { return run_again(lot.items[i], lot.engine()).dump(); };
    work.done = [&](size_t i, const process::WorkerResult& result) {
      if (result.killed)
        throw Error("a point's process was killed: " + result.text, ExitCode::kStopped);
      const std::chrono::duration<double> time = Clock::now() - starts[i];
      judge(lot, lot.items[i], result, time.count());
    };
    process::run_workers(work, request_.jobs);
    tally_.left += lot.items.size() - next;
  }

  void judge(const Lot& lot, const Item& item, const process::WorkerResult& result,
             double seconds) {
    results::Compared stored = results::load_compared(database_, item.point.id);
    Verdict verdict{item, lot.engine(), stored.name, false, {}, {}};
    results::Check check{item.point.id, lot.engine(), false, {}, {}, seconds};
    if (result.ok) {
      nlohmann::json figures = nlohmann::json::parse(result.text);
      check.cycles = figures.at("totals").at("figures").at("cycles").get<int64_t>();
      results::Compared again = as_stored(item.stored, std::move(figures));
      keep_measured(stored);
      keep_measured(again);
      again.name = stored.name;
      verdict.difference = results::difference(stored, again);
      verdict.equal = verdict.difference.empty();
      if (!verdict.equal) check.difference = results::to_json(verdict.difference).dump();
    } else {
      verdict.reason = result.reason();
      check.difference = verdict.reason;
    }
    check.equal = verdict.equal;
    ++(verdict.equal ? tally_.equal : tally_.differ);
    results::put_check(database_, check);
    told_(verdict);
  }

  results::Connection& database_;
  const Plan& plan_;
  const Request& request_;
  const std::function<void(const Verdict&)>& told_;
  const Clock::time_point start_ = Clock::now();
  bool started_ = false;
  Tally tally_;
};

}  // namespace

Tally run_plan(results::Connection& database, const Plan& plan, const Request& request,
               const std::function<void(const Verdict&)>& told) {
  return Runner(database, plan, request, told).run();
}

}  // namespace systole::verify
