// SPDX-License-Identifier: Apache-2.0
// Reads a row.
#include "sim/study/figures.h"

#include <sstream>

namespace systole::study {
namespace {

using Row = nlohmann::ordered_json;

constexpr double kGigaPerMega = 1e-3;

/// Of "dense:3 bitmask:6".
std::map<std::string, int> formats_of(const std::string& text) {
  std::map<std::string, int> formats;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const size_t colon = word.rfind(':');
    formats[word.substr(0, colon)] = std::stoi(word.substr(colon + 1));
  }
  return formats;
}

StudyFigures figures_of(const Row& row) {
  const auto number = [&](const char* name) { return row.at(name).get<double>(); };
  const auto word = [&](const char* name) { return row.at(name).get<std::string>(); };
  StudyFigures figures;
  figures.cycles = row.at("cycles").get<uint64_t>();
  figures.latency_ms = number("latency_ms");
  figures.inferences_per_s = number("inferences_per_s");
  figures.dram_bytes = row.at("dram_bytes").get<int64_t>();
  figures.gb_per_s = number("bytes_per_cycle") * number("core_clock_mhz") * kGigaPerMega;
  figures.share_of_peak = number("bytes_per_cycle") / number("peak_bytes_per_cycle");
  figures.tops = number("tops");
  figures.effective_tops = number("effective_tops");
  figures.mac_utilisation = number("mac_utilisation");
  figures.mxu_busy = number("mxu_busy");
  figures.energy_per_inference_uj = number("energy_per_inference_uj");
  figures.average_power_mw = number("average_power_mw");
  figures.area_mm2 = number("area_mm2");
  figures.weight_bytes = row.at("weight_bytes").get<int64_t>();
  figures.formats = formats_of(word("weight_formats"));
  figures.widths = word("narrowest");
  figures.bound_by = word("bound_by");
  figures.largest_stall = word("largest_stall");
  figures.not_gained = word("not_gained");
  return figures;
}

}  // namespace

StudyRun run_of(const Row& row) {
  if (row.at("status") == "finished") return {figures_of(row), ""};
  const auto reason = row.at("reason").get<std::string>();
  return {{}, reason.substr(0, reason.find("\\u000a"))};  // the first line: others list operators
}

}  // namespace systole::study
