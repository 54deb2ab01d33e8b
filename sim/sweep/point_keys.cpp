// SPDX-License-Identifier: Apache-2.0
// Checks what can be checked before a point is there; whether values fit together is for the point.
#include "sim/sweep/point_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "compiler/data/recipe.h"
#include "compiler/prune/prune_spec.h"
#include "compiler/quant/calibration_steps.h"
#include "model/arch/arch.h"
#include "model/arch/arch_keys.h"
#include "model/arch/clock.h"
#include "model/base/did_you_mean.h"
#include "model/base/error.h"
#include "sim/metric/metric.h"
#include "sim/session/machine.h"
#include "sim/session/request.h"

namespace systole::sweep {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxBatch = 4096;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <class Number>
bool parses(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// What one change does and then the others.
Choice together(std::vector<Choice> choices) {
  Choice all;
  for (const Choice& choice : choices) all.keys.insert(choice.keys.begin(), choice.keys.end());
  all.change = [choices = std::move(choices)](SweepPoint& point) {
    for (const Choice& choice : choices) choice.change(point);
  };
  return all;
}

Choice overriding(const std::string& key, std::vector<std::string> set) {
  return {[set = std::move(set)](SweepPoint& point) {
            point.set.insert(point.set.end(), set.begin(), set.end());
          },
          {key}};
}

}  // namespace

Choice PointKeys::read(const std::string& name, const YAML::Node& key, const Value& value) {
  if (name == "network") return network(value);
  if (name == "architecture") return architecture(value.node);
  if (name == "memory") return memory(value.node);
  if (name == "weights") return bits(name, value, &quant::LayerWidths::weights);
  if (name == "activations") return bits(name, value, &quant::LayerWidths::activations);
  if (name == "precision") return precision(value.node);
  if (name == "prune") return prune(value.node);
  if (name == "batch") return count(name, value, kMaxBatch, &SweepPoint::batch);
  if (name == "repeat") return count(name, value, session::kMostRepetitions, &SweepPoint::repeat);
  if (name == "shape") return shape(value.node);
  if (name == "calib_method") return calib_method(value.node);
  if (name == "host_fallback") return host_fallback(value.node);
  if (name == "energy") return energy(value.node);
  if (name == "data") return dataset(name, value.node, &SweepPoint::data);
  if (name == "calib") return dataset(name, value.node, &SweepPoint::calib);
  if (name == "metric") return metric(value.node);
  if (name == "metric_command") return metric_command(value.node);
  return override_with(key, name, value);
}

Choice PointKeys::read_all(const YAML::Node& map) {
  if (!map.IsMap() || map.size() == 0)
    file_.fail(map, "expected a map of keys that go together, such as {array.rows: 8, batch: 4}");
  std::vector<Choice> choices;
  for (const auto& entry : map)
    choices.push_back(
        read(entry.first, {entry.second, entry.second.IsScalar() ? entry.second.Scalar() : ""}));
  return together(std::move(choices));
}

/// A map of `file_key`, of what holds for this network alone, and of `others`, read elsewhere.
Choice PointKeys::own_network(const YAML::Node& map, const std::string& file_key,
                              const std::vector<std::string>& others) {
  static const std::vector<std::string> kOwn = {
      "weights",      "activations",   "precision", "prune", "batch",  "repeat",        "shape",
      "calib_method", "host_fallback", "data",      "calib", "metric", "metric_command"};
  std::vector<Choice> choices;
  bool named = false;
  for (const auto& entry : map) {
    const std::string key = entry.first.Scalar();
    if (has(others, key)) continue;
    const Value own{entry.second, entry.second.IsScalar() ? entry.second.Scalar() : ""};
    if (key != file_key && !has(kOwn, key))
      file_.fail(entry.first, fmt::format("unknown key '{}' of a network, expected {}, {}{}{}", key,
                                          file_key, fmt::join(kOwn, ", "),
                                          others.empty() ? "" : ", ", fmt::join(others, ", ")));
    named |= key == file_key;
    if (key == file_key && entry.second.IsMap())
      file_.fail(entry.second, "expected the file of a network");
    choices.push_back(key == file_key ? network(own) : read(key, entry.first, own));
  }
  if (!named) file_.fail(map, file_key + ": missing, expected that of a network");
  return together(std::move(choices));
}

/// A file, or a map of it and of what holds for it alone.
Choice PointKeys::network(const Value& value) {
  if (value.node.IsMap()) return own_network(value.node, "file", {});
  const std::string name = file_.scalar(value.node, "the file of a network");
  const fs::path path = file_.folder() / name;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) file_.fail(value.node, name + ": no such file");
  return {[name, path](SweepPoint& point) {
            point.network = name;
            point.file = path;
          },
          {"network"}};
}

/// A name or file, or a map with `name` and what is changed of it.
Choice PointKeys::architecture(const YAML::Node& node) {
  if (node.IsMap()) {
    std::vector<Choice> choices;
    const YAML::Node name = node["name"];
    if (!name) file_.fail(node, "name: missing, expected an architecture");
    choices.push_back(architecture(name));
    for (const auto& entry : node) {
      const std::string key = entry.first.Scalar();
      const Value value{entry.second, entry.second.IsScalar() ? entry.second.Scalar() : ""};
      if (key == "memory")
        choices.push_back(memory(entry.second));
      else if (key != "name")
        choices.push_back(override_with(entry.first, key, value));
    }
    return together(std::move(choices));
  }
  const std::string name =
      file_.in_folder(file_.scalar(node, "the name or file of an architecture"));
  try {
    arch::load_arch(name);
  } catch (const Error& error) {
    file_.fail(node, error.what());
  }
  return {[name](SweepPoint& point) { point.arch = name; }, {"architecture"}};
}

/// A name or file, as --memory, or a map of the keys below `memory.`.
Choice PointKeys::memory(const YAML::Node& node) {
  constexpr const char* kExpected =
      "memory: expected a map such as {kind: ideal, gb_per_s: 16}, or a name such as ddr4-2400";
  std::vector<std::string> set;
  if (node.IsMap() && node.size() > 0) {
    std::vector<Choice> choices;
    for (const auto& entry : node) {
      const Value value{entry.second, entry.second.IsScalar() ? entry.second.Scalar() : ""};
      choices.push_back(override_with(entry.first, "memory." + entry.first.Scalar(), value));
    }
    choices.push_back({[](SweepPoint&) {}, {"memory"}});
    return together(std::move(choices));
  }
  if (!node.IsScalar() || node.Scalar().empty()) file_.fail(node, kExpected);
  try {
    set = session::memory_overrides(file_.in_folder(node.Scalar()));
  } catch (const Error& error) {
    file_.fail(node, fmt::format("memory: {}", error.what()));
  }
  for (const std::string& assignment : set)
    add_overridden(assignment.substr(0, assignment.find('=')));
  return overriding("memory", std::move(set));
}

Choice PointKeys::count(const std::string& key, const Value& value, int64_t most,
                        int64_t SweepPoint::*member) const {
  const std::string& text = value.text;
  int64_t number = 0;
  if (text.empty()) file_.fail(value.node, fmt::format("expected a {}", key));
  if (!parses(text, number) || number < 1 || number > most)
    file_.fail(value.node,
               fmt::format("{}: '{}', expected a whole number in 1..{}", key, text, most));
  return {[member, number](SweepPoint& point) { point.*member = number; }, {key}};
}

Choice PointKeys::bits(const std::string& key, const Value& value,
                       int quant::LayerWidths::*operand) const {
  const std::string& text = value.text;
  const bool known = text == "8" || text == "4" || text == "2" || text == "1";
  if (!known)
    file_.fail(value.node, fmt::format("{}: '{}', expected 8, 4, 2 or 1 bits", key, text));
  const int bits = text[0] - '0';
  return {[operand, bits](SweepPoint& point) { point.widths.*operand = bits; }, {key}};
}

Choice PointKeys::precision(const YAML::Node& node) const {
  const std::string name = file_.scalar(node, "none, or a policy file (.yaml)");
  fs::path policy;
  if (name != "none") {
    policy = file_.folder() / name;
    try {
      quant::load_precision(policy);
    } catch (const Error& error) {
      file_.fail(node, fmt::format("precision: {}", error.what()));
    }
  }
  return {[policy](SweepPoint& point) { point.precision = policy; }, {"precision"}};
}

Choice PointKeys::prune(const YAML::Node& node) const {
  const std::string text = file_.scalar(node, "none, or what --prune takes");
  prune::parse_joined_prune(text, file_.place(node) + ": prune:");  // throws
  return {[text](SweepPoint& point) { point.prune = text; }, {"prune"}};
}

/// One input's, or a list of several inputs'.
Choice PointKeys::shape(const YAML::Node& node) const {
  session::NetworkRequest request;
  if (node.IsSequence())
    for (const YAML::Node& one : node) request.shapes.push_back(file_.scalar(one, "NAME=N,C,..."));
  else
    request.shapes.push_back(file_.scalar(node, "NAME=N,C,..., as --shape, or a list of those"));
  try {
    request.input_shapes();
  } catch (const Error& error) {
    file_.fail(node, error.what());
  }
  return {[shapes = request.shapes](SweepPoint& point) { point.shapes = shapes; }, {"shape"}};
}

Choice PointKeys::calib_method(const YAML::Node& node) const {
  const std::string text = file_.scalar(node, "a method of calibration");
  try {
    const std::string name = quant::way_text(quant::parse_way("calib_method", text));
    return {[name](SweepPoint& point) { point.calib_method = name; }, {"calib_method"}};
  } catch (const Error& error) {
    file_.fail(node, error.what());
  }
}

Choice PointKeys::host_fallback(const YAML::Node& node) const {
  bool value = false;
  if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value))
    file_.fail(node, "host_fallback: expected true or false");
  return {[value](SweepPoint& point) { point.host_fallback = value; }, {"host_fallback"}};
}

Choice PointKeys::energy(const YAML::Node& node) const {
  const std::string table =
      file_.in_folder(file_.scalar(node, "the name or file of a table of energies"));
  try {
    energy::load_energy_table(table);
  } catch (const Error& error) {
    file_.fail(node, error.what());
  }
  return {[table](SweepPoint& point) { point.energy_table = table; }, {"energy"}};
}

Choice PointKeys::metric(const YAML::Node& node) const {
  const std::string name = file_.scalar(node, "a metric");
  std::vector<std::string> known;
  for (const auto& [one, _] : metric::metrics()) known.push_back(one);
  if (!has(known, name))
    file_.fail(node, fmt::format("metric: '{}', expected one of {}{}", name, fmt::join(known, ", "),
                                 did_you_mean(name, known)));
  return {[name](SweepPoint& point) { point.metric = name; }, {"metric"}};
}

Choice PointKeys::metric_command(const YAML::Node& node) const {
  const std::string command = file_.scalar(node, "a command");
  return {[command](SweepPoint& point) { point.metric_command = command; }, {"metric_command"}};
}

Choice PointKeys::dataset(const std::string& key, const YAML::Node& node,
                          fs::path SweepPoint::*member) const {
  const fs::path file = file_.folder() / file_.scalar(node, "a dataset.yaml");
  try {
    const data::DatasetRecipe recipe = data::read_recipe(file);
    if (key == "data" && recipe.labels.empty())
      throw Error(file.string() + ": labels: missing, accuracy needs one for each item");
  } catch (const Error& error) {
    file_.fail(node, fmt::format("{}: {}", key, error.what()));
  }
  return {[member, file](SweepPoint& point) { point.*member = file; }, {key}};
}

void PointKeys::check_architecture_key(const YAML::Node& key, const std::string& name) const {
  static const std::vector<std::string> kKnown = arch::override_keys();
  if (has(kKnown, name)) return;
  file_.fail(key, fmt::format("unknown key '{}', expected one of an architecture{}", name,
                              did_you_mean(name, kKnown)));
}

Choice PointKeys::override_with(const YAML::Node& key, const std::string& name,
                                const Value& value) {
  if (choices::is_choice(name)) return compiler_choice(key, name, value);
  check_architecture_key(key, name);
  if (value.text.empty()) file_.fail(value.node, "expected a value");
  check_kind(name, value);
  add_overridden(name);
  return overriding(name, {name + "=" + value.text});
}

Choice PointKeys::compiler_choice(const YAML::Node& key, const std::string& name,
                                  const Value& value) {
  choices::Choices read;
  try {
    choices::set_choice(name, value.text, read);
  } catch (const Error& error) {
    const bool known = std::any_of(choices::kChoices.begin(), choices::kChoices.end(),
                                   [&](const auto& choice) { return choice.key == name; });
    file_.fail(known ? value.node : key, error.what());
  }
  add_overridden(name);
  return {[name, text = value.text](SweepPoint& point) {
            choices::set_choice(name, text, point.choices);
          },
          {name}};
}

void PointKeys::check_kind(const std::string& key, const Value& value) const {
  double number = 0;
  int64_t whole = 0;
  switch (arch::kind_of_key(key)) {
    case arch::KeyKind::kText:
      return;
    case arch::KeyKind::kNumber:
      if (key == "clock_mhz" && arch::is_auto_clock(value.text)) {
        arch::clock_node_of({value.text, file_.place(value.node), false});
        return;
      }
      if (parses(value.text, number) && std::isfinite(number)) return;
      file_.fail(value.node, fmt::format("{}: '{}' is not a number", key, value.text));
    case arch::KeyKind::kWhole:
      if (parses(value.text, whole)) return;
      file_.fail(value.node, fmt::format("{}: '{}' is not a whole number", key, value.text));
  }
}

void PointKeys::add_overridden(const std::string& key) {
  if (!has(overridden_, key)) overridden_.push_back(key);
}

}  // namespace systole::sweep
