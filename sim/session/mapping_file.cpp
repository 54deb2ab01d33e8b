// SPDX-License-Identifier: Apache-2.0
// Only what may be changed stands in the file; the rest are comments.
#include "sim/session/mapping_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <set>

#include "model/arch/yaml_document.h"
#include "model/base/error.h"
#include "sim/report/format.h"

namespace systole::session {
namespace {

std::string tile_text(const lower::TileSize& tile) {
  return fmt::format("[{}]", fmt::join(tile, ", "));
}

std::string next_text(const lower::LayerMapping& layer) {
  std::vector<std::string> texts;
  for (const lower::NextPlan& plan : layer.next)
    texts.push_back(
        fmt::format("{} {} cycles", tile_text(plan.tile), report::with_commas(plan.cycles)));
  return texts.empty() ? "none" : fmt::format("{}", fmt::join(texts, ", "));
}

/// A name in double quotes.
std::string quoted(const std::string& name) {
  YAML::Emitter text;
  text << YAML::DoubleQuoted << name;
  return text.c_str();
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file.string()) {}

  lower::Mapping read() {
    YAML::Node root;
    try {
      root = arch::read_yaml_document(file_);
    } catch (const YAML::BadFile&) {
      throw Error(
          fmt::format("--mapping {}: no such file, expected one that --mapping wrote", file_));
    } catch (const YAML::Exception& error) {
      throw Error(fmt::format("{}:{}: {}", file_, error.mark.line + 1, error.msg));
    }
    if (!root.IsMap()) fail(root, "expected network and layers");
    lower::Mapping mapping;
    for_each(root, [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
      if (key == "network")
        mapping.network = text(value, key);
      else if (key == "layers" && value.IsSequence())
        for (const YAML::Node& layer : value) mapping.layers.push_back(read_layer(layer));
      else
        fail(at, fmt::format("{}: expected network, or layers, a list", key));
    });
    if (mapping.network.empty()) fail(root, "network: missing");
    return mapping;
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& problem) const {
    throw Error(fmt::format("{}:{}: {}", file_, node.Mark().line + 1, problem));
  }

  /// Calls `see` with each key of `map`, as it stands and as text, and its value.
  template <class See>
  void for_each(const YAML::Node& map, const See& see) const {
    std::set<std::string> seen;
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) fail(entry.first, "a key must be a plain word");
      const std::string& key = entry.first.Scalar();
      if (!seen.insert(key).second) fail(entry.first, key + ": given twice");
      see(entry.first, key, entry.second);
    }
  }

  std::string text(const YAML::Node& node, const std::string& key) const {
    if (!node.IsScalar() || node.Scalar().empty()) fail(node, key + ": expected a name");
    return node.Scalar();
  }

  int64_t number(const YAML::Node& node, const std::string& key) const {
    int64_t value = 0;
    if (!node.IsScalar() || !YAML::convert<int64_t>::decode(node, value) || value < 1)
      fail(node, key + ": expected whole numbers from 1 on");
    return value;
  }

  lower::TileSize size(const YAML::Node& node, const std::string& key) const {
    if (!node.IsSequence() || node.size() != 3)
      fail(node, key + ": expected [items, rows, columns]");
    return {number(node[0], key), number(node[1], key), number(node[2], key)};
  }

  lower::LayerMapping read_layer(const YAML::Node& node) const {
    if (!node.IsMap()) fail(node, "layers: expected name, output, tile and together of each");
    lower::LayerMapping layer;
    for_each(node, [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
      if (key == "name")
        layer.name = text(value, key);
      else if (key == "output")
        layer.output = size(value, key);
      else if (key == "tile")
        layer.tile = size(value, key);
      else if (key == "together")
        layer.together = number(value, key);
      else
        fail(at, fmt::format("{}: unknown, expected name, output, tile or together", key));
    });
    if (layer.name.empty()) fail(node, "name: missing");
    if (layer.output == lower::TileSize{}) fail(node, "output: missing");
    return layer;
  }

  const std::string file_;
};

}  // namespace

std::string mapping_text(const lower::Mapping& mapping) {
  std::string text =
      fmt::format("mapping of {}, {} cycles; tiles of items x rows x columns of the output\n",
                  report::printable(mapping.network), report::with_commas(mapping.cycles));
  for (const lower::LayerMapping& layer : mapping.layers) {
    text += fmt::format("{}: output {}", report::printable(layer.name), tile_text(layer.output));
    if (layer.tile) text += fmt::format(", tiles of {}", tile_text(*layer.tile));
    if (layer.together) text += fmt::format(", {} together", *layer.together);
    text += fmt::format("; {}\n", layer.how);
    if (layer.tile) text += fmt::format("  next best: {}\n", next_text(layer));
  }
  return text;
}

std::string mapping_yaml(const lower::Mapping& mapping) {
  std::string text = fmt::format(
      "# How layers are cut, for `systole run NET --mapping FILE` (docs/lowering.md). Without\n"
      "# change it takes {} cycles. tile: items, rows and columns of the output;\n"
      "# together: column tiles that fill a half of the accumulators before the other is used.\n"
      "network: {}\n"
      "layers:\n",
      report::with_commas(mapping.cycles), quoted(mapping.network));
  for (const lower::LayerMapping& layer : mapping.layers) {
    text += fmt::format("  # {}\n", layer.how);
    if (layer.tile) text += fmt::format("  # next best: {}\n", next_text(layer));
    text +=
        fmt::format("  - name: {}\n    output: {}\n", quoted(layer.name), tile_text(layer.output));
    if (layer.tile) text += fmt::format("    tile: {}\n", tile_text(*layer.tile));
    if (layer.together) text += fmt::format("    together: {}\n", *layer.together);
  }
  return text;
}

lower::Mapping load_mapping(const std::filesystem::path& file) { return Reader(file).read(); }

}  // namespace systole::session
