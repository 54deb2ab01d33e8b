// SPDX-License-Identifier: Apache-2.0
// Reads dataset.yaml key by key.
#include "compiler/data/recipe.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "model/arch/yaml_document.h"
#include "model/base/error.h"

namespace systole::data {

namespace {

/// Every error is "file:line: key: reason".
class RecipeReader {
 public:
  explicit RecipeReader(const std::filesystem::path& path) : path_(path) {}

  DatasetRecipe read() {
    const YAML::Node root = load();
    Recipe one;
    bool several = false;
    for_each_key(root, "",
                 [&](const std::string& key, const YAML::Node& name, const YAML::Node& value) {
                   if (key == "labels") {
                     result_.labels = file(key, name, value);
                   } else if (key == "inputs") {
                     several = true;
                     read_inputs(name, value);
                   } else {
                     read_key(one, key, name, value);
                   }
                 });
    if (several) {
      for (const auto& entry : root) {
        const std::string key = entry.first.Scalar();
        if (key != "inputs" && key != "labels")
          fail(entry.first, key, "given together with inputs, expected it there");
      }
      return std::move(result_);
    }
    if (one.images.empty()) throw Error(path_.string() + ": images: missing");
    result_.inputs.push_back(std::move(one));
    return std::move(result_);
  }

 private:
  using ReadKey =
      std::function<void(const std::string& key, const YAML::Node& name, const YAML::Node& value)>;

  [[noreturn]] void fail(const YAML::Node& at, const std::string& key,
                         const std::string& reason) const {
    throw Error(fmt::format("{}:{}: {}: {}", path_.string(), at.Mark().line + 1, key, reason));
  }

  YAML::Node load() const {
    std::ifstream file(path_);
    if (!file || std::filesystem::is_directory(path_))
      throw Error(path_.string() + ": cannot open the data set");
    YAML::Node root;
    try {
      std::ostringstream text;
      text << file.rdbuf();
      root = arch::parse_yaml_document(text.str());
    } catch (const YAML::Exception& error) {
      throw Error(
          fmt::format("{}:{}: not YAML: {}", path_.string(), error.mark.line + 1, error.msg));
    }
    if (!root.IsMap()) throw Error(path_.string() + ": expected a map of keys");
    return root;
  }

  /// The keys of `map`, each once; `prefix`: of their full names.
  void for_each_key(const YAML::Node& map, const std::string& prefix, const ReadKey& see) const {
    std::set<std::string> seen;
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) fail(entry.first, prefix + "?", "a key is not a word");
      const std::string key = entry.first.Scalar();
      if (!seen.insert(key).second) fail(entry.first, prefix + key, "given twice");
      see(key, entry.first, entry.second);
    }
  }

  void read_inputs(const YAML::Node& at, const YAML::Node& inputs) {
    if (!inputs.IsMap() || inputs.size() == 0)
      fail(at, "inputs", "expected a map of inputs, NAME: {images: FILE.npy, ...}");
    for_each_key(inputs, "inputs.",
                 [&](const std::string& input, const YAML::Node& name, const YAML::Node& value) {
                   Recipe recipe;
                   recipe.key = "inputs." + input;
                   recipe.input = input;
                   if (!value.IsMap()) fail(name, recipe.key, "expected a map of keys");
                   for_each_key(
                       value, recipe.key + ".",
                       [&](const std::string& key, const YAML::Node& word,
                           const YAML::Node& given) { read_key(recipe, key, word, given); });
                   if (recipe.images.empty()) fail(name, recipe.key_of("images"), "missing");
                   result_.inputs.push_back(std::move(recipe));
                 });
  }

  void read_key(Recipe& recipe, const std::string& word, const YAML::Node& name,
                const YAML::Node& value) const {
    const std::string key = recipe.key_of(word);
    if (word == "images") {
      recipe.images = file(key, name, value);
    } else if (word == "layout") {
      static const std::set<std::string> kLayouts = {"nf", "nhw", "nhwc", "nchw"};
      recipe.layout = scalar(key, name, value);
      if (kLayouts.count(recipe.layout) == 0) {
        fail(name, key, fmt::format("'{}', expected nf, nhw, nhwc or nchw", recipe.layout));
      }
    } else if (word == "pad") {
      recipe.pad = integer(key, name, value, 0, 1024);
    } else if (word == "replicate") {
      recipe.replicate = integer(key, name, value, 1, 1024);
    } else if (word == "scale") {
      recipe.scale = number(key, name, value);
    } else if (word == "mean") {
      recipe.mean = numbers(key, name, value);
    } else if (word == "std") {
      recipe.std = numbers(key, name, value);
      for (double s : recipe.std) {
        if (s == 0) fail(name, key, "0, expected another number");
      }
    } else {
      fail(name, key,
           fmt::format("unknown key, expected images, {}layout, pad, replicate, scale, mean or std",
                       recipe.key.empty() ? "inputs, labels, " : ""));
    }
  }

  std::string scalar(const std::string& key, const YAML::Node& name,
                     const YAML::Node& value) const {
    if (!value.IsScalar() || value.Scalar().empty()) fail(name, key, "expected one value");
    return value.Scalar();
  }

  std::filesystem::path file(const std::string& key, const YAML::Node& name,
                             const YAML::Node& value) const {
    return path_.parent_path() / scalar(key, name, value);
  }

  int64_t integer(const std::string& key, const YAML::Node& name, const YAML::Node& value,
                  int64_t lo, int64_t hi) const {
    const std::string text = scalar(key, name, value);
    int64_t result = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (failure != std::errc() || end != text.data() + text.size() || result < lo || result > hi) {
      fail(name, key, fmt::format("'{}', expected a whole number in {}..{}", text, lo, hi));
    }
    return result;
  }

  /// A number, or a quotient of two such as 1/255.
  double number(const std::string& key, const YAML::Node& name, const YAML::Node& value) const {
    const std::string text = scalar(key, name, value);
    const char* end = text.data() + text.size();
    double top = 0, bottom = 1;
    auto parsed = std::from_chars(text.data(), end, top);
    if (parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '/') {
      parsed = std::from_chars(parsed.ptr + 1, end, bottom);
    }
    const double result = top / bottom;
    if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(result)) {
      fail(name, key, fmt::format("'{}', expected a number or a quotient such as 1/255", text));
    }
    return result;
  }

  std::vector<double> numbers(const std::string& key, const YAML::Node& name,
                              const YAML::Node& value) const {
    if (!value.IsSequence()) return {number(key, name, value)};
    std::vector<double> result;
    for (const auto& item : value) result.push_back(number(key, name, item));
    if (result.empty()) fail(name, key, "an empty list");
    return result;
  }

  const std::filesystem::path path_;
  DatasetRecipe result_;
};

}  // namespace

DatasetRecipe read_recipe(const std::filesystem::path& yaml) { return RecipeReader(yaml).read(); }

}  // namespace systole::data
