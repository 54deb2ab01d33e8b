// SPDX-License-Identifier: Apache-2.0
// Tells weights by layer, and sums up what stays unused.
#include "sim/report/sparsity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/report/columns.h"
#include "sim/report/format.h"

namespace systole::report {
namespace {

std::vector<std::string> patterns_of(const WeightPatterns& layer) {
  std::vector<std::string> names;
  if (layer.two_of_four) names.emplace_back("2:4");
  if (layer.one_of_four) names.emplace_back("1:4");
  if (layer.one_of_two) names.emplace_back("1:2");
  return names;
}

std::string share(int64_t part, int64_t whole) {
  return fmt::format(
      "{:.1f} %",
      whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string count_text(int64_t count) { return with_commas(static_cast<uint64_t>(count)); }

std::string tiles_text(int64_t zero, int64_t all) { return fmt::format("{} of {}", zero, all); }

/// "dense", "by codebook".
std::string stored_as(lower::WeightFormat format) {
  return format == lower::WeightFormat::kDense
             ? "dense"
             : fmt::format("by {}", lower::weight_format_name(format));
}

std::string format_text(const WeightPatterns& layer, lower::WeightFormat format) {
  return fmt::format("{} {}", lower::weight_format_name(format),
                     bytes_text(layer.bytes_of(format)));
}

/// Sums over all layers.
struct Sums {
  int64_t count = 0, zeros = 0, tiles = 0, zero_tiles = 0, stored = 0, smallest = 0;
  int64_t passed_tiles = 0;  ///< zero tiles of layers whose matmuls pass over them
  int64_t layers = 0;
  int64_t two_of_four = 0;  ///< layers that hold it, and are not stored so
};

Sums sums_of(const std::vector<std::optional<WeightPatterns>>& layers) {
  Sums sums;
  for (const auto& layer : layers) {
    if (!layer) continue;
    ++sums.layers;
    sums.count += layer->count;
    sums.zeros += layer->zeros;
    sums.tiles += layer->tiles;
    sums.zero_tiles += layer->zero_tiles;
    sums.stored += layer->stored_bytes;
    sums.smallest += layer->bytes_of(layer->smallest());
    sums.two_of_four +=
        layer->two_of_four && layer->stored != lower::WeightFormat::kTwoOfFour ? 1 : 0;
    sums.passed_tiles += layer->passes_tiles ? layer->zero_tiles : 0;
  }
  return sums;
}

}  // namespace

std::vector<std::string> not_gained(const WeightPatterns& layer) {
  std::vector<std::string> texts;
  if (layer.zero_tiles > 0 && !layer.passes_tiles)
    texts.push_back(
        fmt::format("{} of {} weight tiles are zero; they are loaded and computed all "
                    "the same",
                    layer.zero_tiles, layer.tiles));
  const lower::WeightFormat best = layer.smallest();
  if (best != layer.stored)
    texts.push_back(fmt::format("{} would take {} of {} bytes; weights are stored {}",
                                lower::weight_format_name(best), layer.bytes_of(best),
                                layer.bytes_of(layer.stored), stored_as(layer.stored)));
  if (layer.two_of_four && layer.stored != lower::WeightFormat::kTwoOfFour)
    texts.emplace_back("2:4 holds; the array multiplies by the zeros too");
  if (layer.zero_outputs + layer.zero_inputs > 0)
    texts.push_back(
        fmt::format("{} output and {} input channels have no weight but zero; they are "
                    "computed all the same",
                    layer.zero_outputs, layer.zero_inputs));
  return texts;
}

std::vector<std::string> not_gained(const std::vector<std::optional<WeightPatterns>>& layers) {
  const Sums sums = sums_of(layers);
  std::vector<std::string> texts;
  if (sums.smallest < sums.stored)
    texts.push_back(fmt::format("bytes: the smallest formats would take {} of {} that are stored",
                                bytes_text(sums.smallest), bytes_text(sums.stored)));
  if (sums.zero_tiles > sums.passed_tiles)
    texts.push_back(
        fmt::format("tiles: {} of {} are zero; they are loaded and computed all the same",
                    sums.zero_tiles - sums.passed_tiles, sums.tiles));
  if (sums.two_of_four > 0)
    texts.push_back(
        fmt::format("2:4: holds in {} of {} layers; the array multiplies by the zeros too",
                    sums.two_of_four, sums.layers));
  if (sums.zeros > 0)
    texts.push_back(fmt::format(
        "zeros: {} of the weights; products with them are computed except in tiles of zeros and "
        "where 2:4 leaves them out",
        share(sums.zeros, sums.count)));
  return texts;
}

std::string StoredWeights::formats_text() const {
  std::vector<std::string> words;
  for (const auto& [format, count] : formats) words.push_back(fmt::format("{}:{}", format, count));
  return fmt::format("{}", fmt::join(words, " "));
}

StoredWeights stored_weights(const std::vector<std::optional<WeightPatterns>>& layers) {
  StoredWeights stored;
  for (const auto& layer : layers) {
    if (!layer) continue;
    stored.bytes += layer->stored_bytes;
    ++stored.formats[lower::weight_format_name(layer->stored)];
  }
  return stored;
}

std::string sparsity_table(const std::vector<std::optional<WeightPatterns>>& layers, size_t width) {
  using enum Column::Side;
  Table table({{"weights", kLeft, kNameWidth},
               {"bits", kRight, 4, 5},
               {"count", kRight, 12, 3},
               {"zero", kRight, 7},
               {"zero tiles", kRight, 13, 2},
               {"n:m", kLeft, 11, 4},
               {"values", kRight, 6, 6},
               {"stored", kLeft, 18},
               {"smallest format", kLeft, 0, 1, 1}});
  for (const auto& layer : layers) {
    if (!layer) continue;
    const lower::WeightFormat best = layer->smallest();
    table.add({fit(layer->name, kNameWidth), std::to_string(layer->bits), count_text(layer->count),
               share(layer->zeros, layer->count), tiles_text(layer->zero_tiles, layer->tiles),
               fmt::format("{}", fmt::join(patterns_of(*layer), " ")),
               std::to_string(layer->distinct),
               fmt::format("{} {}", lower::weight_format_name(layer->stored),
                           bytes_text(layer->stored_bytes)),
               best == layer->stored ? "" : format_text(*layer, best)});
  }
  const Sums sums = sums_of(layers);
  table.add({"all", "", count_text(sums.count), share(sums.zeros, sums.count),
             tiles_text(sums.zero_tiles, sums.tiles), "", "", bytes_text(sums.stored),
             bytes_text(sums.smallest)});
  std::string text = table.text(width);
  if (sums.passed_tiles > 0)
    text += fmt::format(
        "{:<18}tiles: {} of {} are zero; they are left out and passed over, but for "
        "the last of each matmul\n",
        "gained", sums.passed_tiles, sums.tiles);
  for (const std::string& one : not_gained(layers))
    text += fmt::format("{:<18}{}\n", "not gained", one);
  return text;
}

nlohmann::ordered_json weights_json(const WeightPatterns& layer) {
  nlohmann::ordered_json bytes;
  for (size_t f = 0; f < lower::kWeightFormats; ++f)
    if (layer.bytes[f])
      bytes[lower::weight_format_name(static_cast<lower::WeightFormat>(f))] = *layer.bytes[f];
  return {{"bits", layer.bits},
          {"count", layer.count},
          {"zeros", layer.zeros},
          {"tiles", layer.tiles},
          {"zero_tiles", layer.zero_tiles},
          {"zero_outputs", layer.zero_outputs},
          {"zero_inputs", layer.zero_inputs},
          {"distinct_values", layer.distinct},
          {"patterns", patterns_of(layer)},
          {"bytes", bytes},
          {"stored", lower::weight_format_name(layer.stored)},
          {"stored_bytes", layer.stored_bytes},
          {"smallest", lower::weight_format_name(layer.smallest())},
          {"not_gained", not_gained(layer)}};
}

void add_weights(const std::vector<std::optional<WeightPatterns>>& layers,
                 nlohmann::ordered_json& result) {
  nlohmann::ordered_json& rows = result["layers"];
  for (size_t i = 0; i < rows.size() && i < layers.size(); ++i)
    if (layers[i]) rows[i]["weights"] = weights_json(*layers[i]);
}

}  // namespace systole::report
