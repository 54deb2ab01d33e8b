// SPDX-License-Identifier: Apache-2.0
// The dimensions' names tell what kind of layer it is; the data spaces must say the same.
#include "compiler/topology/timeloop_problem.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>

#include "model/arch/yaml_document.h"
#include "model/base/error.h"

namespace systole::topology {
namespace {

using Names = std::set<std::string>;

/// What the dimensions are together, and which of them each tensor has.
struct Kind {
  const char* name;
  Names needed, optional;
  Names weights, inputs, outputs;
};
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> list = {
      {"convolution",
       {"C", "M", "R", "S", "P", "Q"},
       {"N", "G"},
       {"G", "M", "C", "R", "S"},
       {"N", "G", "C", "P", "Q", "R", "S"},
       {"N", "G", "M", "P", "Q"}},
      {"depthwise convolution",
       {"C", "R", "S", "P", "Q"},
       {"N"},
       {"C", "R", "S"},
       {"N", "C", "P", "Q", "R", "S"},
       {"N", "C", "P", "Q"}},
      {"matrix product", {"M", "N", "K"}, {}, {"K", "N"}, {"M", "K"}, {"M", "N"}},
  };
  return list;
}

Names kept(const Names& names, const Names& of) {
  Names both;
  std::set_intersection(names.begin(), names.end(), of.begin(), of.end(),
                        std::inserter(both, both.end()));
  return both;
}

class ProblemReader {
 public:
  explicit ProblemReader(const std::filesystem::path& yaml) : file_(yaml.string()) {
    std::ifstream stream(yaml);
    if (!stream) throw Error(file_ + ": cannot be read");
    std::ostringstream text;
    text << stream.rdbuf();
    try {
      root_ = arch::parse_yaml_document(text.str());
    } catch (const YAML::ParserException& error) {
      throw Error(fmt::format("{}:{}: not YAML: {}", file_, error.mark.line + 1, error.msg));
    }
    if (const auto repeated = arch::find_repeated_key(root_))
      throw Error(fmt::format("{}: {}", place(repeated->key), repeated->text()));
  }

  TimeloopProblem read() {
    if (!root_.IsMap() || !root_["problem"] || !root_["problem"].IsMap())
      throw Error(file_ + ": has no map 'problem', expected a problem of Timeloop");
    const YAML::Node problem = root_["problem"];
    read_shape(problem);
    read_instance(problem);
    choose_kind();
    if (spaces_) check_spaces(*spaces_);
    TimeloopProblem result;
    if (kind_->name == kinds()[2].name) {
      result.layer = MatmulLayer{size("M", kLargestMatrix), size("K", kLargestMatrix),
                                 size("N", kLargestMatrix)};
    } else {
      result.layer = convolution();
      result.batch = size("N", kLargestSize);
    }
    return result;
  }

 private:
  struct Value {
    int64_t number = 1;
    std::string where;
  };

  std::string place(const YAML::Node& node) const {
    return fmt::format("{}:{}", file_, node.Mark().line + 1);
  }

  std::string scalar(const YAML::Node& node, const char* what) const {
    if (!node.IsScalar()) throw Error(fmt::format("{}: {}: expected a name", place(node), what));
    return node.Scalar();
  }

  /// The names of dimensions and coefficients, from a shape that is written out or from the one
  /// that Timeloop knows by name.
  void read_shape(const YAML::Node& problem) {
    const YAML::Node shape = problem["shape"];
    if (!shape) throw Error(fmt::format("{}: problem has no 'shape'", place(problem)));
    if (shape.IsScalar()) {
      if (shape.Scalar() != "cnn-layer" && shape.Scalar() != "cnn_layer")
        throw Error(fmt::format("{}: shape: '{}', expected cnn-layer, or a map with 'dimensions'",
                                place(shape), shape.Scalar()));
      const YAML::Node sizes = problem["instance"] ? problem["instance"] : problem;
      const char* filters = sizes.IsMap() && sizes["K"] ? "K" : "M";  // K in old versions
      dimensions_ = {"C", filters, "R", "S", "P", "Q", "N"};
      return;
    }
    const YAML::Node list = shape["dimensions"];
    if (!list || !list.IsSequence())
      throw Error(fmt::format("{}: shape: has no list 'dimensions'", place(shape)));
    for (const YAML::Node& entry : list) dimensions_.insert(scalar(entry, "dimensions"));
    if (const YAML::Node coefficients = shape["coefficients"])
      for (const YAML::Node& entry : coefficients) read_coefficient(entry);
    for (const char* key : {"data_spaces", "data-spaces", "dataspaces"})
      if (shape[key]) spaces_ = shape[key];
  }

  void read_coefficient(const YAML::Node& entry) {
    if (!entry.IsMap() || !entry["name"])
      throw Error(fmt::format("{}: coefficients: expected maps of name and default", place(entry)));
    const std::string name = scalar(entry["name"], "coefficients");
    coefficients_[name] = {};
    if (entry["default"]) coefficients_[name] = value(entry["default"], name);
  }

  Value value(const YAML::Node& node, const std::string& name) const {
    const std::string text = node.IsScalar() ? node.Scalar() : std::string();
    Value result{0, place(node)};
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), result.number);
    if (error != std::errc() || end != text.data() + text.size() || result.number < 1)
      throw Error(
          fmt::format("{}: {}: '{}', expected a whole number from 1", result.where, name, text));
    return result;
  }

  /// Sizes stand in `instance`, in older files beside `shape`.
  void read_instance(const YAML::Node& problem) {
    const YAML::Node instance = problem["instance"] ? problem["instance"] : problem;
    if (!instance.IsMap())
      throw Error(fmt::format("{}: instance: expected a map of sizes", place(instance)));
    read_sizes(instance);
    for (const std::string& name : dimensions_)
      if (!sizes_.contains(name))
        throw Error(fmt::format("{}: instance: no size for dimension {}", place(instance), name));
  }

  void read_sizes(const YAML::Node& map) {
    static const Names beside = {"shape", "instance", "version", "name"};
    const auto is_merge = [](const std::string& key) { return key == "<<" || key == "<<<"; };
    for (const auto& entry : map)  // the keys of the map itself override them
      if (is_merge(scalar(entry.first, "instance")) && entry.second.IsMap())
        read_sizes(entry.second);
    for (const auto& entry : map) {
      const std::string key = scalar(entry.first, "instance");
      if (beside.contains(key)) continue;
      if (is_merge(key)) continue;
      if (dimensions_.contains(key)) {
        sizes_[key] = value(entry.second, key);
      } else if (coefficients_.contains(key)) {
        coefficients_[key] = value(entry.second, key);
      } else if (key == "densities") {
        throw Error(fmt::format(
            "{}: densities: a problem is dense here, expected a topology with a column Sparsity",
            place(entry.first)));
      } else {
        throw Error(fmt::format("{}: {}: neither a dimension nor a coefficient of the shape",
                                place(entry.first), key));
      }
    }
  }

  void choose_kind() {
    // Older shapes call the filters K.
    if (dimensions_.contains("K") && dimensions_.contains("C") && !dimensions_.contains("M"))
      rename("K", "M");
    for (const Kind& kind : kinds()) {
      Names all = kind.needed;
      all.insert(kind.optional.begin(), kind.optional.end());
      const bool has = std::includes(dimensions_.begin(), dimensions_.end(), kind.needed.begin(),
                                     kind.needed.end());
      if (has && std::includes(all.begin(), all.end(), dimensions_.begin(), dimensions_.end()))
        kind_ = &kind;
    }
    if (kind_ == nullptr)
      throw Error(fmt::format(
          "{}: dimensions {}, expected C, M, R, S, P, Q with N and G at will (convolution; without "
          "M and G depthwise), or M, N, K (matrix product)",
          file_, fmt::join(dimensions_, ", ")));
  }

  void rename(const std::string& from, const std::string& to) {
    dimensions_.erase(from);
    dimensions_.insert(to);
    sizes_[to] = sizes_.at(from);
    sizes_.erase(from);
    renamed_ = from;
  }

  /// Dimensions of a data space; where two are added in one of its own, the coefficients of both.
  Names read_space(const YAML::Node& space) {
    const YAML::Node projection = space["projection"];
    if (!projection || !projection.IsSequence())
      throw Error(fmt::format("{}: data space: has no list 'projection'", place(space)));
    Names names;
    for (const YAML::Node& axis : projection) {
      if (!axis.IsSequence()) throw_projection(axis);
      for (const YAML::Node& term : axis) {
        if (!term.IsSequence() || term.size() == 0 || term.size() > 2) throw_projection(axis);
        std::string name = scalar(term[0], "projection");
        if (name == renamed_) name = "M";
        if (!dimensions_.contains(name))
          throw Error(fmt::format("{}: projection: {} is no dimension", place(term), name));
        names.insert(name);
        if (term.size() < 2) continue;
        const std::string factor = scalar(term[1], "projection");
        if (!coefficients_.contains(factor))
          throw Error(fmt::format("{}: projection: {} is no coefficient", place(term), factor));
        factors_[name] = coefficients_.at(factor);
      }
    }
    return names;
  }

  [[noreturn]] void throw_projection(const YAML::Node& axis) const {
    throw Error(fmt::format(
        "{}: projection: expected lists of terms, as [ [N] ] or [ [R, Wdilation], [P, Wstride] ]",
        place(axis)));
  }

  /// One is written, the two others are the inputs and the weights.
  void check_spaces(const YAML::Node& spaces) {
    std::vector<Names> read, written;
    for (const YAML::Node& space : spaces) {
      bool is_written = false;
      for (const char* key : {"read_write", "read-write"})
        if (space[key]) is_written = space[key].as<bool>(false);
      (is_written ? written : read).push_back(read_space(space));
    }
    const Names weights = kept(kind_->weights, dimensions_),
                inputs = kept(kind_->inputs, dimensions_),
                outputs = kept(kind_->outputs, dimensions_);
    const bool fits =
        read.size() == 2 && written.size() == 1 && written[0] == outputs &&
        ((read[0] == weights && read[1] == inputs) || (read[1] == weights && read[0] == inputs));
    if (!fits)
      throw Error(fmt::format(
          "{}: data spaces: expected those of a {}: weights over {}, inputs over {}, results over "
          "{}, which alone are read and written",
          place(spaces), kind_->name, fmt::join(weights, ", "), fmt::join(inputs, ", "),
          fmt::join(outputs, ", ")));
  }

  int64_t size(const std::string& name, int64_t most) const {
    const auto found = sizes_.find(name);
    if (found == sizes_.end()) return 1;
    return checked(name, found->second, most);
  }

  static int64_t checked(const std::string& name, const Value& value, int64_t most) {
    if (value.number > most)
      throw Error(
          fmt::format("{}: {}: {}, expected at most {}", value.where, name, value.number, most));
    return value.number;
  }

  /// The stride of P or Q, the dilation of R or S: by the projection, else by Timeloop's names.
  int64_t factor(const std::string& dimension, const std::string& name) const {
    if (spaces_) {
      const auto found = factors_.find(dimension);
      return found == factors_.end() ? 1 : checked(dimension, found->second, kLargestSize);
    }
    const auto found = coefficients_.find(name);
    return found == coefficients_.end() ? 1 : checked(name, found->second, kLargestSize);
  }

  ConvLayer convolution() const {
    const bool depthwise = !dimensions_.contains("M");
    const int64_t channels = size("C", kLargestSize);
    ConvLayer conv;
    conv.groups = depthwise ? channels : size("G", kLargestSize);
    conv.input.channels = depthwise ? channels : conv.groups * channels;
    conv.filters = depthwise ? channels : conv.groups * size("M", kLargestSize);
    conv.window.kernel = {size("S", kLargestSize), size("R", kLargestSize)};
    conv.window.stride = {factor("Q", "Hstride"), factor("P", "Wstride")};
    conv.window.dilation = {factor("S", "Hdilation"), factor("R", "Wdilation")};
    const auto reach = [&](const char* results, size_t axis) {
      return (size(results, kLargestSize) - 1) * conv.window.stride[axis] +
             (conv.window.kernel[axis] - 1) * conv.window.dilation[axis] + 1;
    };
    conv.input.height = reach("Q", 0);
    conv.input.width = reach("P", 1);
    for (const auto& [what, number] : {std::pair{"channels", conv.input.channels},
                                       {"filters", conv.filters},
                                       {"rows of the input", conv.input.height},
                                       {"columns of the input", conv.input.width}})
      if (number > kLargestSize)
        throw Error(
            fmt::format("{}: {} {}, expected at most {}", file_, number, what, kLargestSize));
    return conv;
  }

  const std::string file_;
  YAML::Node root_;
  Names dimensions_;
  std::map<std::string, Value> coefficients_ = {
      {"Wstride", {}}, {"Hstride", {}}, {"Wdilation", {}}, {"Hdilation", {}}};
  std::map<std::string, Value> sizes_;
  std::map<std::string, Value> factors_;  ///< of a dimension in a sum of two
  std::optional<YAML::Node> spaces_;
  std::string renamed_;  ///< a dimension that the file calls otherwise
  const Kind* kind_ = nullptr;
};

}  // namespace

TimeloopProblem read_timeloop_problem(const std::filesystem::path& yaml) {
  try {
    return ProblemReader(yaml).read();
  } catch (const YAML::Exception& error) {
    throw Error(fmt::format("{}:{}: {}", yaml.string(), error.mark.line + 1, error.msg));
  }
}

graph::QGraph load_timeloop_problem(const std::filesystem::path& yaml, int64_t batch,
                                    quant::LayerWidths widths) {
  const TimeloopProblem problem = read_timeloop_problem(yaml);
  try {
    graph::QGraph graph = make_layer(problem.layer, batch * problem.batch, widths);
    graph.name = yaml.stem().string();
    return graph;
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", yaml.string(), error.what()), error.code());
  }
}

}  // namespace systole::topology
