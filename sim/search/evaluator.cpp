// SPDX-License-Identifier: Apache-2.0
// A worker for each choice, which sends its figures home as JSON.
#include "sim/search/evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "model/base/error.h"
#include "sim/energy/energy.h"
#include "sim/process/worker_pool.h"
#include "sim/report/classify.h"
#include "sim/session/timed_run.h"

namespace systole::search {
namespace {

/// Logarithms of the softmax.
std::vector<double> log_softmax(const std::vector<float>& values) {
  const double largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const float value : values) sum += std::exp(value - largest);
  std::vector<double> result;
  for (const float value : values) result.push_back(value - largest - std::log(sum));
  return result;
}

double divergence(const std::vector<float>& reference, const std::vector<float>& values) {
  const std::vector<double> p = log_softmax(reference), q = log_softmax(values);
  double sum = 0;
  for (size_t i = 0; i < p.size(); ++i) sum += std::exp(p[i]) * (p[i] - q[i]);
  return sum;
}

/// Returns `plan`, which may be large.
pipeline::NetworkPlan add_costs(pipeline::NetworkPlan plan, const EvaluatorOptions& options,
                                Figures& figures) {
  const energy::EnergyTable* table = options.table ? &*options.table : nullptr;
  session::TimedRun timed = session::run_timed(std::move(plan), options.arch, table);
  figures.cycles = timed.run.report.cycles;
  figures.dram_bytes = timed.run.report.bytes.total();
  if (table != nullptr) figures.energy_uj = timed.energy().per_inference_pj() * 1e-6;
  return std::move(timed.compiled.plan);
}

SearchPoint point_of(const Choice& choice, const process::WorkerResult& result) {
  SearchPoint point;
  point.choice = choice;
  if (!result.ok) {
    point.failure = result.text;
    return point;
  }
  const auto json = nlohmann::json::parse(result.text);
  point.figures = {json[0].get<uint64_t>(), json[1].get<double>(), json[2].get<uint64_t>(),
                   json[3].get<int64_t>(), json[4].get<double>()};
  return point;
}

}  // namespace

uint64_t Evaluator::float32_right() const {
  uint64_t right = 0;
  for (size_t i = 0; i < network_.outputs().size(); ++i)
    right += report::is_right(calibration_, i, network_.outputs()[i]);
  return right;
}

/// Of what a layer is pruned by, or of the network as it is, which is calibrated already.
void Evaluator::with_plans(const Choice& choice, const std::vector<int64_t>& batches,
                           const std::function<void(pipeline::NetworkPlan)>& use) const {
  const std::vector<prune::PruneSpec> prunes = space_.prunes(choice);
  std::optional<Requantiser> pruned;
  if (!prunes.empty()) pruned.emplace(network_.pruned(prunes));
  const Requantiser& network = pruned ? *pruned : network_;
  for (const int64_t batch : batches) use(network.quantise(space_.widths(choice), batch));
}

void Evaluator::check(const Choice& choice) const {
  with_plans(choice, {options_.batch}, [&](pipeline::NetworkPlan plan) {
    session::compile_stages(std::move(plan), options_.arch);
  });
}

Figures Evaluator::figures(const Choice& choice) const {
  Figures figures;
  pipeline::NetworkPlan one;
  std::vector<int64_t> batches = {options_.batch};
  if (options_.batch != 1) batches.push_back(1);
  with_plans(choice, batches, [&](pipeline::NetworkPlan plan) {
    const bool costs = figures.cycles == 0;
    one = costs ? add_costs(std::move(plan), options_, figures) : std::move(plan);
  });
  report::classify(one, calibration_, [&](size_t item, const std::vector<float>& output) {
    if (report::is_right(calibration_, item, output)) ++figures.right;
    figures.divergence += divergence(network_.outputs()[item], output);
  });
  figures.divergence /= static_cast<double>(calibration_.items.size());
  return figures;
}

std::vector<SearchPoint> Evaluator::measure(const std::vector<Choice>& choices,
                                            const std::function<void()>& done) const {
  std::vector<SearchPoint> points(choices.size());
  process::run_workers(
      choices.size(), options_.jobs,
      [&](size_t i) {
        const Figures f = figures(choices[i]);
        return nlohmann::json{f.right, f.divergence, f.cycles, f.dram_bytes, f.energy_uj}.dump();
      },
      [&](size_t i, const process::WorkerResult& result) {
        points[i] = point_of(choices[i], result);
        done();
      });
  return points;
}

std::vector<uint64_t> Evaluator::right(const std::vector<Choice>& choices,
                                       const data::Dataset& data,
                                       const std::function<void()>& done) const {
  std::vector<uint64_t> counts(choices.size() + 1);
  process::run_workers(
      counts.size(), options_.jobs,
      [&](size_t task) {
        uint64_t right = 0;
        if (task == 0) {
          for (size_t i = 0; i < data.items.size(); ++i)
            right += report::is_right(data, i, network_.run(data.items[i]));
        } else {
          with_plans(choices[task - 1], {1}, [&](const pipeline::NetworkPlan& plan) {
            report::classify(plan, data, [&](size_t i, const std::vector<float>& output) {
              right += report::is_right(data, i, output);
            });
          });
        }
        return std::to_string(right);
      },
      [&](size_t task, const process::WorkerResult& result) {
        if (!result.ok) throw Error(result.text);
        counts[task] = std::stoull(result.text);
        done();
      });
  return counts;
}

}  // namespace systole::search
