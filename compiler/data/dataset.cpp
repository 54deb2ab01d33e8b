// SPDX-License-Identifier: Apache-2.0
// load_dataset: dataset.yaml and its .npy files to float32 items and labels.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <set>

#include "compiler/compile.h"
#include "compiler/data/npy.h"
#include "model/arch/error.h"

namespace systole {

namespace {

/// The keys of a dataset file; x = (pixel * scale - mean) / std, padding has pixel value 0.
struct Recipe {
  std::filesystem::path images, labels;
  std::string layout;     ///< of the images: nf, nhw, nhwc or nchw; empty: by their dimensions
  int64_t pad = 0;        ///< pixels around each image
  int64_t replicate = 1;  ///< copies of each channel
  double scale = 1.0;
  std::vector<double> mean = {0.0},
                      std = {1.0};  ///< one value, or one a channel (after replication)
};

/// Reads the keys; every error is "file:line: key: reason".
class RecipeReader {
 public:
  explicit RecipeReader(const std::filesystem::path& path) : path_(path) {}

  Recipe read() {
    std::ifstream file(path_);
    if (!file || std::filesystem::is_directory(path_))
      throw Error(path_.string() + ": cannot open the data set");
    YAML::Node root;
    try {
      root = YAML::Load(file);
    } catch (const YAML::Exception& error) {
      throw Error(
          fmt::format("{}:{}: not YAML: {}", path_.string(), error.mark.line + 1, error.msg));
    }
    if (!root.IsMap()) throw Error(path_.string() + ": expected a map of keys");
    std::set<std::string> seen;
    for (const auto& entry : root) {
      if (!entry.first.IsScalar()) fail(entry.first, "?", "a key is not a word");
      const std::string key = entry.first.Scalar();
      if (!seen.insert(key).second) fail(entry.first, key, "given twice");
      read_key(key, entry.first, entry.second);
    }
    if (recipe_.images.empty()) throw Error(path_.string() + ": images: missing");
    return recipe_;
  }

 private:
  [[noreturn]] void fail(const YAML::Node& at, const std::string& key,
                         const std::string& reason) const {
    throw Error(fmt::format("{}:{}: {}: {}", path_.string(), at.Mark().line + 1, key, reason));
  }

  void read_key(const std::string& key, const YAML::Node& name, const YAML::Node& value) {
    if (key == "images") {
      recipe_.images = file(key, name, value);
    } else if (key == "labels") {
      recipe_.labels = file(key, name, value);
    } else if (key == "layout") {
      static const std::set<std::string> kLayouts = {"nf", "nhw", "nhwc", "nchw"};
      recipe_.layout = scalar(key, name, value);
      if (kLayouts.count(recipe_.layout) == 0) {
        fail(name, key, fmt::format("'{}', expected nf, nhw, nhwc or nchw", recipe_.layout));
      }
    } else if (key == "pad") {
      recipe_.pad = integer(key, name, value, 0, 1024);
    } else if (key == "replicate") {
      recipe_.replicate = integer(key, name, value, 1, 1024);
    } else if (key == "scale") {
      recipe_.scale = number(key, name, value);
    } else if (key == "mean") {
      recipe_.mean = numbers(key, name, value);
    } else if (key == "std") {
      recipe_.std = numbers(key, name, value);
      for (double s : recipe_.std) {
        if (s == 0) fail(name, key, "0, expected another number");
      }
    } else {
      fail(name, key,
           "unknown key, expected images, labels, layout, pad, replicate, scale, mean or std");
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

  std::filesystem::path path_;
  Recipe recipe_;
};

/// How to find pixel (c, h, w) of an image in the file: sizes and strides in elements.
struct ImageLayout {
  int64_t c = 1, h = 1, w = 1;
  int64_t stride_c = 0, stride_h = 0, stride_w = 0;
};

ImageLayout layout_of(const NpyArray& images, const Recipe& recipe) {
  const std::vector<int64_t>& s = images.shape;
  std::string layout = recipe.layout;
  if (layout.empty()) layout = s.size() == 2 ? "nf" : s.size() == 3 ? "nhw" : "nchw";
  if (s.size() != layout.size() || s.empty()) {
    throw Error(fmt::format("{}: shape [{}] is not {}", recipe.images.string(), fmt::join(s, ", "),
                            layout));
  }
  if (std::count(s.begin(), s.end(), 0) != 0)
    throw Error(recipe.images.string() + ": holds no images");
  if (layout == "nf") return {s[1], 1, 1, 1, 1, 1};
  if (layout == "nhw") return {1, s[1], s[2], 0, s[2], 1};
  if (layout == "nhwc") return {s[3], s[1], s[2], 1, s[2] * s[3], s[3]};
  return {s[1], s[2], s[3], s[2] * s[3], s[3], 1};
}

double per_channel(const std::vector<double>& values, int64_t channel) {
  return values.size() == 1 ? values[0] : values[static_cast<size_t>(channel)];
}

/// Image `n` after padding, replication and scaling, as CHW.
std::vector<float> preprocess(const NpyArray& images, const ImageLayout& in, const Recipe& recipe,
                              int64_t n) {
  const int64_t size = images.elements() / images.shape[0];
  const int64_t h_out = in.h + 2 * recipe.pad, w_out = in.w + 2 * recipe.pad;
  std::vector<float> item;
  item.reserve(static_cast<size_t>(in.c * recipe.replicate * h_out * w_out));
  for (int64_t c = 0; c < in.c * recipe.replicate; ++c) {
    const double mean = per_channel(recipe.mean, c), std = per_channel(recipe.std, c);
    for (int64_t i = -recipe.pad; i < in.h + recipe.pad; ++i) {
      for (int64_t j = -recipe.pad; j < in.w + recipe.pad; ++j) {
        const bool inside = i >= 0 && i < in.h && j >= 0 && j < in.w;
        const int64_t at = n * size + c % in.c * in.stride_c + i * in.stride_h + j * in.stride_w;
        const double pixel = inside ? images.at(at) : 0.0;
        item.push_back(static_cast<float>((pixel * recipe.scale - mean) / std));
      }
    }
  }
  return item;
}

/// Channels, rows and columns after preprocessing.
std::vector<int64_t> item_sizes(const ImageLayout& in, const Recipe& recipe) {
  const bool image = recipe.layout != "nf" && !(in.h == 1 && in.w == 1);
  const int64_t pad = image ? 2 * recipe.pad : 0;
  return {in.c * recipe.replicate, in.h + pad, in.w + pad};
}

/// Whether the network takes the items with their channels last, and no other way.
bool wants_channels_last(const std::vector<int64_t>& s, const std::vector<int64_t>& shape) {
  return shape == std::vector<int64_t>{1, s[1], s[2], s[0]} &&
         shape != std::vector<int64_t>{1, s[0], s[1], s[2]};
}

/// A CHW item as HWC.
std::vector<float> with_channels_last(const std::vector<float>& item, int64_t channels) {
  const size_t area = item.size() / static_cast<size_t>(channels);
  std::vector<float> result;
  result.reserve(item.size());
  for (size_t p = 0; p < area; ++p)
    for (size_t i = p; i < item.size(); i += area) result.push_back(item[i]);
  return result;
}

/// The items must have the network's shape, channels first or last; a network of features takes any
/// image of as many pixels.
void check_shape(const ImageLayout& in, const Recipe& recipe, const std::vector<int64_t>& shape) {
  if (shape.empty()) throw Error("the network's input has no shape");
  const bool image = recipe.layout != "nf" && !(in.h == 1 && in.w == 1);
  std::vector<int64_t> item = item_sizes(in, recipe);
  const bool turned = wants_channels_last(item, shape);
  item.insert(item.begin(), 1);
  int64_t have = 1, want = 1;
  for (int64_t d : item) have *= d;
  for (int64_t d : shape) want *= d;
  if (have == want && (item == shape || turned || shape.size() == 2 || !image)) return;
  throw Error(fmt::format("{}: images are [{}] after preprocessing, the network expects [{}]",
                          recipe.images.string(), fmt::join(item, ", "), fmt::join(shape, ", ")));
}

std::vector<int> read_labels(const Recipe& recipe, int64_t images) {
  const NpyArray labels = read_npy(recipe.labels);
  const std::string file = recipe.labels.string();
  if (!labels.is_integer() || labels.shape.size() != 1)
    throw Error(file + ": expected a list of whole numbers");
  if (labels.elements() != images) {
    throw Error(fmt::format("{}: holds {} labels for {} images", file, labels.elements(), images));
  }
  std::vector<int> result;
  for (int64_t i = 0; i < images; ++i) {
    const double label = labels.at(i);
    if (label < 0 || label > 1e6) throw Error(fmt::format("{}: label {} is {}", file, i, label));
    result.push_back(static_cast<int>(label));
  }
  return result;
}

}  // namespace

Dataset load_dataset(const std::filesystem::path& yaml, const std::vector<int64_t>& shape,
                     size_t limit) {
  const Recipe recipe = RecipeReader(yaml).read();
  const NpyArray images = read_npy(recipe.images);
  const ImageLayout layout = layout_of(images, recipe);
  if (recipe.pad != 0 && layout.h == 1 && layout.w == 1) {
    throw Error(fmt::format("{}: pad: features cannot be padded", yaml.string()));
  }
  for (const auto* values : {&recipe.mean, &recipe.std}) {
    const auto channels = static_cast<size_t>(layout.c * recipe.replicate);
    if (values->size() != 1 && values->size() != channels) {
      throw Error(fmt::format("{}: {}: {} values for {} channels", yaml.string(),
                              values == &recipe.mean ? "mean" : "std", values->size(), channels));
    }
  }
  check_shape(layout, recipe, shape);
  Dataset data;
  const int64_t all = images.shape[0];
  if (!recipe.labels.empty()) data.labels = read_labels(recipe, all);
  const int64_t count = limit == 0 ? all : std::min(all, static_cast<int64_t>(limit));
  const std::vector<int64_t> sizes = item_sizes(layout, recipe);
  const bool channels_last = wants_channels_last(sizes, shape);
  for (int64_t n = 0; n < count; ++n) {
    data.items.push_back(preprocess(images, layout, recipe, n));
    if (channels_last) data.items.back() = with_channels_last(data.items.back(), sizes[0]);
  }
  for (const std::vector<float>& item : data.items) {
    if (std::all_of(item.begin(), item.end(), [](float v) { return std::isfinite(v); })) continue;
    throw Error(fmt::format("{}: image {} holds a value that is not finite", recipe.images.string(),
                            &item - data.items.data()));
  }
  if (!data.labels.empty()) data.labels.resize(static_cast<size_t>(count));
  return data;
}

}  // namespace systole
