// SPDX-License-Identifier: Apache-2.0
// Words a run.
#include "sim/report_page/run_answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/report/format.h"

namespace systole::report_page {
namespace {

constexpr double kNoticed = 1.01;     // times as fast
constexpr double kWorthAWord = 0.05;  // of the cycles
constexpr size_t kShown = 3;

double quotient(double part, double whole) { return whole > 0 ? part / whole : 0; }

/// Names and shares of the largest of `parts`: "dram 38.4 %, accumulators 35.9 %".
std::string largest_parts(const Json& parts, double whole, size_t count) {
  std::vector<std::pair<std::string, double>> sorted;
  for (const auto& [name, value] : parts.items())
    if (name != "total" && value.get<double>() > 0) sorted.emplace_back(name, value.get<double>());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  sorted.resize(std::min(sorted.size(), count));
  std::vector<std::string> words;
  for (auto& [name, value] : sorted) {
    std::replace(name.begin(), name.end(), '_', ' ');
    words.push_back(fmt::format("{} {}", name, percent_text(quotient(value, whole))));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

/// The share of the run's cycles that the matrix unit waits for DMA.
std::string dma_wait(Figures& from) {
  return percent_text(from.real("/totals/memory/matrix_unit_wait"));
}

std::string array_text(Figures& from) {
  return fmt::format("{}x{}", from.integer("/architecture/parameters/array.rows"),
                     from.integer("/architecture/parameters/array.cols"));
}

std::string mxu_share(Figures& from, const Json& result, const char* cause) {
  const int64_t part = unit_cause(result.at("totals").at("unit_cycles"), "mxu", cause);
  if (part > 0) from.at(fmt::format("/totals/unit_cycles/mxu/{}", cause));
  return percent_text(
      quotient(static_cast<double>(part), static_cast<double>(from.integer("/totals/cycles"))));
}

/// What delivers the bandwidth that bounds: the memory, or the bus in front of it.
std::string bandwidth_text(Figures& from, const Json& result) {
  const double peak = from.real("/totals/peak_bytes_per_cycle");
  const int64_t bus = result.at("architecture").at("parameters").at("axi.data_bits").get<int64_t>();
  const bool is_bus = static_cast<double>(bus) / 8 <= peak &&
                      result.at("architecture").at("memory").value("bytes_per_cycle", peak) > peak;
  std::string text = fmt::format(
      "{} delivers {} of its peak of {} bytes a cycle",
      is_bus ? fmt::format("the bus of {} bits",
                           from.integer("/architecture/parameters/axi.data_bits"))
             : fmt::format("the memory ({})", report::printable(from.text("/totals/memory/name"))),
      percent_text(from.real("/totals/memory/share_of_peak")), number_text(peak));
  if (result.at("totals").at("memory").contains("lost"))
    text += fmt::format(" and loses {} to rows, refresh and turns",
                        percent_text(from.real("/totals/memory/lost/total")));
  return text;
}

std::string bytes_of(Figures& from, const char* kind) {
  return report::bytes_text(from.integer(fmt::format("/totals/dram_bytes/{}", kind)));
}

std::string shares_of_bytes(Figures& from) {
  return largest_parts(from.at("/totals/dram_bytes"), from.real("/totals/dram_bytes/total"), 3);
}

std::string weight_entry_text(Figures& from, const Json& result) {
  std::string text = fmt::format(
      "The entry of weights into the array bounds this run: in {} of the {} cycles all rows of a "
      "tile are through while its weights still enter the {} array",
      mxu_share(from, result, "weight_load"), cycles_text(from.integer("/totals/cycles")),
      array_text(from));
  const int64_t tiles = result.at("counters").value("mxu_tiles", int64_t{0});
  if (tiles > 0)
    text += fmt::format(
        "; rows for each tile: {}, at batch {}",
        number_text(quotient(from.real("/counters/mxu_rows"), from.real("/counters/mxu_tiles"))),
        from.integer("/batch"));
  return text + ".";
}

std::string buffers_text(Figures& from, const Json& result) {
  const Traffic traffic = traffic_of(result);
  from.at("/totals/lower_bound_cycles/memory");
  return fmt::format(
      "The buffers bound this run, as they use up the bandwidth: of {} that move, {} are weights "
      "and activations that have passed before, beyond the {} that must (unified buffer {} KiB, "
      "accumulators {} rows); {}, and the matrix unit waits for DMA in {} of the {} cycles.",
      bytes_of(from, "total"), report::bytes_text(traffic.repeated()),
      report::bytes_text(traffic.least), from.integer("/architecture/parameters/ub.kib"),
      from.integer("/architecture/parameters/acc.rows"), bandwidth_text(from, result),
      dma_wait(from), cycles_text(from.integer("/totals/cycles")));
}

/// ", and weights still enter in 39.0 %" where that is worth a word.
std::string entering_text(Figures& from, const Json& result) {
  const int64_t cycles = unit_cause(result.at("totals").at("unit_cycles"), "mxu", "weight_load");
  if (static_cast<double>(cycles) < kWorthAWord * result.at("totals").at("cycles").get<double>())
    return "";
  return fmt::format(", weights still enter in {}", mxu_share(from, result, "weight_load"));
}

std::string limiter_text(Figures& from, const Json& result, const Limiter& limiter) {
  const std::string cycles = cycles_text(from.integer("/totals/cycles"));
  const auto waits = [&](const char* what) {
    return fmt::format("{}: the matrix unit waits for DMA in {} of the {} cycles, while {}.", what,
                       dma_wait(from), cycles, bandwidth_text(from, result));
  };
  switch (limiter.limit) {
    case Limit::kProducts:
      return fmt::format(
          "The products of the {} array bound this run: rows stream into it in {} of the {} "
          "cycles{}, and {} of the products that all cycles could make are made.",
          array_text(from), percent_text(from.real("/totals/mxu_busy")), cycles,
          entering_text(from, result), percent_text(from.real("/totals/mac_utilisation")));
    case Limit::kUnfilledArray:
      return fmt::format(
          "The unfilled array bounds this run: rows stream into it in {} of the {} cycles{}, "
          "but tiles fill {} of its {}; {} of the products that all cycles could make are made.",
          percent_text(from.real("/totals/mxu_busy")), cycles, entering_text(from, result),
          percent_text(
              quotient(from.real("/totals/mac_utilisation"), from.real("/totals/mxu_busy"))),
          array_text(from), percent_text(from.real("/totals/mac_utilisation")));
    case Limit::kWeightEntry:
      return weight_entry_text(from, result);
    case Limit::kBandwidth:
      return fmt::format(
          "The bandwidth bounds this run: {}, and the matrix unit waits for DMA in {} of the {} "
          "cycles; of {} that move, {}.",
          bandwidth_text(from, result), dma_wait(from), cycles, bytes_of(from, "total"),
          shares_of_bytes(from));
    case Limit::kBuffers:
      return buffers_text(from, result);
    case Limit::kMemoryLatency:
      return waits("The latency of the memory bounds this run");
    case Limit::kLoads:
      return waits("Loads, a word of the buffers a cycle, bound this run");
    case Limit::kVectorUnit:
      return fmt::format(
          "The vector unit bounds this run: it is at work in {} of the {} cycles, the matrix unit "
          "in {}.",
          percent_text(limiter.share), cycles, mxu_share(from, result, "busy"));
    case Limit::kHandOver:
      return fmt::format(
          "The hand-over between instructions bounds this run: in {} of the {} cycles the matrix "
          "unit starts, ends or waits for the vector unit; it streams in {}.",
          percent_text(limiter.share), cycles, mxu_share(from, result, "busy"));
    case Limit::kBanks:
      return fmt::format(
          "Banks bound this run: in {} of the {} cycles the matrix unit waits for a bank that "
          "another unit holds.",
          mxu_share(from, result, "bank"), cycles);
    case Limit::kFetch:
      return fmt::format(
          "The fetch of instructions bounds this run: in {} of the {} cycles the matrix unit has "
          "none; {} of instructions move.",
          mxu_share(from, result, "fetch"), cycles, bytes_of(from, "instructions"));
  }
  return "";
}

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
  if (gains.empty()) return from.sentence("It would gain from none of them: " + rest + ".");
  return from.sentence(
      fmt::format("It would gain most from this: {}; {}.", fmt::join(gains, "; "), rest));
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
      "{} cycles are {} ms at {} MHz for a batch of {}: {} inferences per second",
      cycles_text(from.integer("/totals/cycles")), number_text(from.real("/totals/latency_ms")),
      number_text(from.real("/architecture/clock_mhz")), from.integer("/batch"),
      number_text(from.real("/totals/inferences_per_s")));
  if (!result.at("host_steps").empty() || result.contains("host_fallback"))
    text += ", of the accelerator alone, without what the host does";
  return from.sentence(text + ".");
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

Sentence limiter_sentence(const Json& result, const Limiter& limiter) {
  Figures from(result);
  const std::string text = limiter_text(from, result, limiter);
  return from.sentence(text);
}

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
  if (!result.at("layers").empty()) answer.push_back(heaviest_layers(result));
  answer.push_back(memory_sentence(result));
  if (result.contains("energy")) answer.push_back(energy_sentence(result));
  return answer;
}

}  // namespace systole::report_page
