// SPDX-License-Identifier: Apache-2.0
// Words what holds a run up.
#include "sim/report_page/limiter_sentence.h"

#include <fmt/format.h>

#include "sim/report/format.h"
#include "sim/report_page/run_words.h"

namespace systole::report_page {
namespace {

constexpr double kWorthAWord = 0.05;  // of the cycles

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

}  // namespace

Sentence limiter_sentence(const Json& result, const Limiter& limiter) {
  Figures from(result);
  const std::string text = limiter_text(from, result, limiter);
  return from.sentence(text);
}

}  // namespace systole::report_page
