// SPDX-License-Identifier: Apache-2.0
// Tasks "run" and "predict": a program simulated, with its report, and its network run by the
// bit-exact executor on any number of items.
#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "sim/energy/energy.h"
#include "sim/process/worker_pool.h"
#include "sim/report/fallback.h"
#include "sim/serve/arrays.h"
#include "sim/serve/tasks.h"
#include "sim/session/result.h"

namespace systole::serve {
namespace {

constexpr int64_t kMostJobs = 1024;

struct RunChoice {
  session::SimulateOptions simulate;
  std::optional<energy::EnergyTable> table;
};

RunChoice read_run(Fields& fields, const arch::ArchConfig& arch) {
  RunChoice choice;
  choice.simulate.engine = fields.text("engine", "model");
  const std::string& engine = choice.simulate.engine;
  if (engine != "model" && engine != "rtl" && engine != "both")
    throw Error(fmt::format("run: engine: '{}', expected model, rtl or both", engine));
  choice.simulate.cycle_limit =
      static_cast<Cycle>(fields.integer("cycle_limit", 0, int64_t{1} << 40, 0));
  choice.simulate.allow_large = fields.flag("allow_large", false);
  const std::string table = fields.text("energy", "");
  if (table.empty()) return choice;
  choice.table = energy::load_energy_table(table);
  energy::event_costs(*choice.table, arch);  // throws if something is missing
  return choice;
}

void check_run(const session::NetworkRun& run) {
  if (!run.divergence.empty())
    throw Error("RTL and model differ: " + run.divergence, ExitCode::kDifference);
  if (!run.wrong.empty()) throw Error(run.wrong, ExitCode::kDifference);
  if (run.finished()) return;
  const platform::RunResult& last = run.stages.back().result;
  const char* const why = last.status == platform::RunStatus::kCycleLimit ? "by the cycle limit"
                          : last.status == platform::RunStatus::kWatchdog ? "by the watchdog"
                                                                          : "by a fault";
  throw Error(fmt::format("run: stopped {} after {} cycles", why, last.cycles), ExitCode::kStopped);
}

session::ResultParts parts_of_run(const Compiled& compiled, const session::NetworkRun& run,
                                  bool compared, std::optional<int> node_nm) {
  session::ResultParts parts;
  parts.file = compiled.request.file();
  parts.compared = compared;
  if (!compiled.request.is_program()) parts.choices = compiled.request.choices;
  parts.energy = run.energy();
  parts.node_nm = node_nm;
  if (compiled.request.host_fallback)
    parts.fallback = report::make_fallback_report(compiled.network.plan, run.parts(), run.report);
  if (compiled.request.has_weights())
    parts.weights = session::weight_patterns(compiled.network, compiled.arch);
  return parts;
}

/// Batches of `data`; the last one is filled up with its last item.
class Batches {
 public:
  using Run = std::function<void(std::vector<pipeline::HostValues>& items)>;

  /// `run` makes outputs of `size` items, from any thread.
  Batches(const std::vector<pipeline::PlanTensor>& inputs, const data::Dataset& data, int64_t size,
          Run run)
      : inputs_(inputs),
        data_(data),
        size_(static_cast<size_t>(size)),
        run_(std::move(run)),
        outputs_(data.items.size()) {}

  /// The outputs of all items, by `jobs` threads, of which this is one. `watch` is called here.
  std::vector<pipeline::HostValues> run(int64_t jobs, const session::Watcher& watch) {
    {
      std::vector<std::jthread> others;
      for (int64_t job = 1; job < jobs && job < batches(); ++job)
        others.emplace_back([this] { work({}); });
      work(watch);
    }
    if (failure_) std::rethrow_exception(failure_);
    return std::move(outputs_);
  }

 private:
  int64_t batches() const { return static_cast<int64_t>((outputs_.size() + size_ - 1) / size_); }

  void work(const session::Watcher& watch) {
    for (size_t from; (from = next_.fetch_add(size_)) < outputs_.size();) {
      if (watch) watch({"predicting", "items", from, outputs_.size()});
      try {
        run_batch(from);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        next_ = outputs_.size();
        return;
      }
    }
  }

  void run_batch(size_t from) {
    const size_t count = std::min(size_, data_.items.size() - from);
    data::Dataset batch;
    for (size_t i = 0; i < size_; ++i)
      batch.items.push_back(data_.items[from + std::min(i, count - 1)]);
    std::vector<pipeline::HostValues> items = pipeline::host_items(inputs_, batch);
    run_(items);
    for (size_t i = 0; i < count; ++i) outputs_[from + i] = std::move(items[i]);
  }

  const std::vector<pipeline::PlanTensor>& inputs_;
  const data::Dataset& data_;
  const size_t size_;
  const Run run_;
  std::vector<pipeline::HostValues> outputs_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;  ///< of the failure
  std::exception_ptr failure_;
};

/// The network as the file has it: neither pruned nor scaled.
const pipeline::FloatPlan& float32_of(Compiled& compiled) {
  if (compiled.network.plan.states_own_integers())
    throw Error("predict: the network states its own integers, there is no float32");
  const session::NetworkRequest& request = compiled.request;
  if (!compiled.real)
    compiled.real = std::make_unique<const pipeline::FloatPlan>(
        pipeline::load_float_plan(request.network, request.input_shapes(), request.host_fallback));
  return *compiled.real;
}

}  // namespace

Json run_program(Task& task) {
  const Compiled& compiled = task.find(task.state.programs, "program");
  RunChoice choice = read_run(task.fields, compiled.arch);
  task.state.arena.begin(static_cast<uint64_t>(task.fields.integer("room", 0, INT64_MAX, 0)));
  std::optional<data::Dataset> data;
  if (task.fields.has("inputs")) {
    data = take_items(task, "inputs",
                      compiled.request.is_program()
                          ? session::run_inputs(compiled.network.programs.at(0))
                          : inputs_of(compiled.network.plan));
    const auto items = static_cast<int64_t>(data->items.size());
    if (items != compiled.network.plan.batch)
      throw Error(fmt::format("inputs: {} items, expected {}: the batch", items,
                              compiled.network.plan.batch));
  }
  task.fields.refuse_others();
  session::NetworkRunOptions how;
  how.simulate = choice.simulate;
  how.energy = choice.table ? &*choice.table : nullptr;
  how.watch = task.watch;
  how.without_platform = choice.simulate.engine == "model" && !data;
  const session::NetworkRun run = session::run_network(compiled.network, compiled.arch, data, how);
  check_run(run);
  const bool compared = choice.simulate.engine == "both";
  std::optional<int> node_nm;
  if (choice.table) node_nm = choice.table->node_nm;
  Json result = {{"result", session::result_json(run, compiled.arch,
                                                 parts_of_run(compiled, run, compared, node_nm))}};
  if (data) result["outputs"] = put_outputs(task, compiled.network.plan, run.outputs);
  return result;
}

Json predict(Task& task) {
  Compiled& compiled = task.find(task.state.programs, "program");
  if (compiled.request.is_program())
    throw Error("predict: a program file has no quantised network, expected an ONNX file");
  const pipeline::NetworkPlan& plan = compiled.network.plan;
  task.state.arena.begin(static_cast<uint64_t>(task.fields.integer("room", 0, INT64_MAX, 0)));
  const auto steps = task.fields.flag("host_steps", true) ? pipeline::HostSteps::kDone
                                                          : pipeline::HostSteps::kLeftOut;
  const bool float32 = task.fields.flag("float32", false);
  const int64_t jobs = task.fields.integer("jobs", 1, kMostJobs, process::usable_processors());
  const data::Dataset data = take_items(task, "inputs", inputs_of(plan));
  task.fields.refuse_others();
  if (float32) {
    const pipeline::FloatPlan& real = float32_of(compiled);
    Batches batches(real.inputs, data, 1, [&](std::vector<pipeline::HostValues>& items) {
      pipeline::run_float(real, items[0], steps);
    });
    return {{"outputs", put_outputs(task, plan, batches.run(jobs, task.watch))}};
  }
  if (!compiled.executor) compiled.executor = std::make_unique<pipeline::PlanExecutor>(plan);
  const pipeline::PlanExecutor& executor = *compiled.executor;
  Batches batches(plan.inputs, data, plan.batch,
                  [&](std::vector<pipeline::HostValues>& items) { executor.run(items, steps); });
  return {{"outputs", put_outputs(task, plan, batches.run(jobs, task.watch))}};
}

}  // namespace systole::serve
