// SPDX-License-Identifier: Apache-2.0
// Words a run.
#include "sim/report_page/run_answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/report/format.h"
#include "sim/report_page/limiter_sentence.h"
#include "sim/report_page/run_words.h"

namespace systole::report_page {
namespace {

constexpr double kNoticed = 1.01;  // times as fast
constexpr size_t kShown = 3;

Sentence second_limit(const Json& result, const Limiter& limiter) {
  Figures from(result);
  std::vector<std::string> parts;
  for (const auto& [limit, share] : limiter.all)
    if (limit != limiter.limit && share >= 0.005)
      parts.push_back(fmt::format("{} {}", limit_name(limit), percent_text(share)));
  parts.resize(std::min(parts.size(), kShown));
  from.at("/totals/cycles");
  if (parts.empty()) return from.sentence("Nothing else takes half a percent of the cycles.");
  return from.sentence(
      fmt::format("Next to it, in shares of the cycles: {}.", fmt::join(parts, ", ")));
}

/// What `run --explain` simulated.
Sentence simulated_gain(const Json& result) {
  Figures from(result);
  std::vector<std::string> gains;
  size_t without = 0;
  const Json& changes = result.at("hardware_changes");
  for (size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].value("speedup", 0.0) < kNoticed) {
      ++without;
    } else if (gains.size() < kShown) {
      const std::string at = fmt::format("/hardware_changes/{}/", i);
      gains.push_back(fmt::format(
          "{} takes {} cycles, {} as fast", report::printable(from.text(at + "change")),
          cycles_text(from.integer(at + "cycles")), times_text(from.real(at + "speedup"))));
    }
  }
  const std::string rest = fmt::format(
      "{} of the {} changes that were simulated give less than "
      "1 %, or cannot be built",
      without, changes.size());
  const Json& advice = result.at("hardware_advice");
  const std::string who =
      advice.contains("layer") ? report::printable(from.text("/hardware_advice/layer")) : "It";
  if (gains.empty())
    return from.sentence(fmt::format("{} would gain from none of them: {}.", who, rest));
  return from.sentence(
      fmt::format("{} would gain most from this: {}; {}.", who, fmt::join(gains, "; "), rest));
}

/// Without simulations: what the other bounds leave at most.
Sentence bounded_gain(const Json& result, const Limiter& limiter) {
  Figures from(result);
  const std::string bound = "/totals/lower_bound_cycles/";
  const auto cycles = static_cast<double>(from.integer("/totals/cycles"));
  const bool is_memory = limiter.limit == Limit::kBandwidth || limiter.limit == Limit::kBuffers ||
                         limiter.limit == Limit::kMemoryLatency || limiter.limit == Limit::kLoads;
  const bool is_vector = limiter.limit == Limit::kVectorUnit;
  const char* what = is_memory ? "a memory" : is_vector ? "a vector unit" : "an array";
  const char* others = is_memory   ? "the array and the vector unit"
                       : is_vector ? "the array and the memory"
                                   : "the vector unit and the memory";
  int64_t left = 1;
  for (const char* unit : {"mxu", "vpu", "memory"})
    if (unit != std::string_view(is_memory ? "memory" : is_vector ? "vpu" : "mxu"))
      left = std::max(left, from.integer(bound + unit));
  return from.sentence(fmt::format(
      "From {} without limits it could gain at most {}: {} as they are leave no less than {} "
      "cycles. `systole run --explain` simulates what each change gives.",
      what, times_text(cycles / static_cast<double>(left)), others, cycles_text(left)));
}

Sentence bound_sentence(const Json& result) {
  Figures from(result);
  const std::string which = from.text("/totals/lower_bound_cycles/largest");
  const auto cycles = from.integer("/totals/cycles");
  const auto bound = from.integer("/totals/lower_bound_cycles/" + which);
  std::vector<std::pair<int64_t, std::string>> causes;
  for (const auto& [cause, part] : result.at("totals").at("distance").at("causes").items())
    causes.emplace_back(part.get<int64_t>(), cause);
  std::stable_sort(causes.begin(), causes.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> words;
  for (const auto& [part, cause] : causes)
    if (part > 0 && words.size() < kShown) {
      from.at("/totals/distance/causes/" + cause);
      words.push_back(fmt::format("{} {}", cause, cycles_text(part)));
    }
  const std::string unit = from.text("/totals/distance/unit");
  return from.sentence(fmt::format(
      "It takes {} its lower bound of {} cycles ({}), {} more than that{}.",
      times_text(quotient(static_cast<double>(cycles), static_cast<double>(bound))),
      cycles_text(bound), which, cycles_text(cycles - bound),
      words.empty()
          ? ""
          : fmt::format("; most of them, as {} tells: {}", unit, fmt::join(words, ", "))));
}

Sentence heaviest_layers(const Json& result) {
  Figures from(result);
  const Json& layers = result.at("layers");
  std::vector<std::pair<int64_t, size_t>> sorted;
  for (size_t i = 0; i < layers.size(); ++i)
    sorted.emplace_back(layers[i].at("cycles").get<int64_t>(), i);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  sorted.resize(std::min(sorted.size(), kShown));
  const double cycles = from.real("/totals/cycles");
  double together = 0;
  std::vector<std::string> words;
  for (const auto& [part, i] : sorted) {
    from.at(fmt::format("/layers/{}/cycles", i));
    together += static_cast<double>(part);
    words.push_back(fmt::format("{} ({})",
                                report::printable(layers[i].at("name").get<std::string>()),
                                percent_text(quotient(static_cast<double>(part), cycles))));
  }
  return from.sentence(
      fmt::format("The {} heaviest of {} layers take {} of the cycles: {}.", sorted.size(),
                  layers.size(), percent_text(quotient(together, cycles)), fmt::join(words, ", ")));
}

Sentence time_sentence(const Json& result) {
  Figures from(result);
  std::string text = fmt::format(
      "{} cycles are {} ms at {} MHz{} for a batch of {}: {} inferences per second",
      cycles_text(from.integer("/totals/cycles")), number_text(from.real("/totals/latency_ms")),
      number_text(from.real("/architecture/clock_mhz")),
      result.contains("clock") ? fmt::format(" ({})", from.text("/clock/source")) : "",
      from.integer("/batch"), number_text(from.real("/totals/inferences_per_s")));
  if (!result.at("host_steps").empty() || result.contains("host_fallback"))
    text += ", of the accelerator alone, without what the host does";
  return from.sentence(text + ".");
}

/// Of a given clock above the one that is derived.
Answer clock_sentence(const Json& result) {
  if (!result.contains("clock") || !result.at("clock").value("above_derived", false)) return {};
  Figures from(result);
  return {from.sentence(
      fmt::format("The clock of {} MHz is given, and above the {} MHz that are derived at {} nm "
                  "(provisional): the RTL is not taken to reach it there.",
                  number_text(from.real("/clock/mhz")),
                  number_text(from.real("/clock/derived_mhz")), from.integer("/clock/node_nm")))};
}

Sentence memory_sentence(const Json& result) {
  Figures from(result);
  std::string text = fmt::format("{} pass through DRAM ({}), {} of the peak of {} bytes a cycle",
                                 bytes_of(from, "total"), shares_of_bytes(from),
                                 percent_text(from.real("/totals/memory/share_of_peak")),
                                 number_text(from.real("/totals/peak_bytes_per_cycle")));
  if (result.at("totals").at("memory").contains("row_hit_rate"))
    text += fmt::format("; {} of the column commands find their row open",
                        percent_text(from.real("/totals/memory/row_hit_rate")));
  return from.sentence(text + ".");
}

Sentence energy_sentence(const Json& result) {
  Figures from(result);
  return from.sentence(fmt::format(
      "An inference takes an estimated {} µJ ({}): {}.",
      number_text(from.real("/energy/per_inference_pj") / 1e6),
      report::printable(from.text("/energy/table")),
      largest_parts(from.at("/energy/parts_pj"), from.real("/energy/total_pj"), kShown)));
}

}  // namespace

Answer run_answer(const Json& result) {
  if (result.at("status") != "finished") {
    Figures from(result);
    return {from.sentence(fmt::format(
        "The run did not come to its end ({}): it was stopped after {} cycles, and has no layers "
        "and no throughput.",
        from.text("/status"), cycles_text(from.integer("/totals/cycles"))))};
  }
  const Limiter limiter = limiter_of(result);
  Answer answer = {limiter_sentence(result, limiter)};
  answer.push_back(result.contains("hardware_changes") ? simulated_gain(result)
                                                       : bounded_gain(result, limiter));
  answer.push_back(second_limit(result, limiter));
  answer.push_back(bound_sentence(result));
  answer.push_back(time_sentence(result));
  for (Sentence& sentence : clock_sentence(result)) answer.push_back(std::move(sentence));
  if (!result.at("layers").empty()) answer.push_back(heaviest_layers(result));
  answer.push_back(memory_sentence(result));
  if (result.contains("energy")) answer.push_back(energy_sentence(result));
  return answer;
}

}  // namespace systole::report_page
