// SPDX-License-Identifier: Apache-2.0
// load_dataset: arrays to float32 items of a network's inputs, and labels.
#include "compiler/data/dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "compiler/data/npy.h"
#include "compiler/data/recipe.h"
#include "model/base/error.h"

namespace systole::data {

/// How to find pixel (c, h, w) of an image in the file: sizes and strides in elements.
struct ImageLayout {
  int64_t c = 1, h = 1, w = 1;
  int64_t stride_c = 0, stride_h = 0, stride_w = 0;
};

namespace {

/// Whether the array holds items as the network states them, and no other layout is stated.
bool is_plain(const NpyFile& images, const Recipe& recipe, const std::vector<int64_t>& shape) {
  const std::vector<int64_t>& s = images.shape();
  if (!recipe.layout.empty() || recipe.pad != 0 || recipe.replicate != 1 || s.empty()) return false;
  const auto rest = shape.begin() + (shape.empty() ? 0 : 1);
  return shape.size() != 2 && shape.size() != 4 &&
         std::equal(s.begin() + 1, s.end(), rest, shape.end());
}

ImageLayout layout_of(const NpyFile& images, const Recipe& recipe) {
  const std::vector<int64_t>& s = images.shape();
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

/// An image after padding, replication and scaling, as CHW.
std::vector<float> preprocess(const NpyArray& image, const ImageLayout& in, const Recipe& recipe) {
  const int64_t h_out = in.h + 2 * recipe.pad, w_out = in.w + 2 * recipe.pad;
  std::vector<float> item;
  item.reserve(static_cast<size_t>(in.c * recipe.replicate * h_out * w_out));
  for (int64_t c = 0; c < in.c * recipe.replicate; ++c) {
    const double mean = per_channel(recipe.mean, c), std = per_channel(recipe.std, c);
    for (int64_t i = -recipe.pad; i < in.h + recipe.pad; ++i) {
      for (int64_t j = -recipe.pad; j < in.w + recipe.pad; ++j) {
        const bool inside = i >= 0 && i < in.h && j >= 0 && j < in.w;
        const int64_t at = c % in.c * in.stride_c + i * in.stride_h + j * in.stride_w;
        const double pixel = inside ? image.at(at) : 0.0;
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

/// Into `data`: one label an item, or a row of several.
void read_labels(const std::filesystem::path& path, int64_t images, Labels kind, Dataset& data) {
  constexpr double kNotCounted = -1e6, kGreatest = 1e6;
  const NpyArray labels = read_npy(path);
  const std::string file = path.string();
  const bool several = kind == Labels::kSeveral && labels.shape.size() == 2;
  if (!labels.is_integer() || (labels.shape.size() != 1 && !several))
    throw Error(fmt::format("{}: expected a list of whole numbers{}", file,
                            kind == Labels::kSeveral ? ", or one for each item" : ""));
  if (labels.shape[0] != images) {
    throw Error(fmt::format("{}: holds {} labels for {} images", file, labels.shape[0], images));
  }
  const int64_t each = several ? labels.shape[1] : 1;
  for (int64_t i = 0; i < images; ++i) {
    std::vector<int> row;
    for (int64_t k = 0; k < each; ++k) {
      const double label = labels.at(i * each + k);
      if (label < (several ? kNotCounted : 0) || label > kGreatest)
        throw Error(fmt::format("{}: label {} is {}", file, i * each + k, label));
      row.push_back(static_cast<int>(label));
    }
    if (several)
      data.token_labels.push_back(std::move(row));
    else
      data.labels.push_back(row[0]);
  }
}

}  // namespace

/// An array and how its items become those of one input.
class InputSource {
 public:
  InputSource(const std::filesystem::path& yaml, const Recipe& recipe, const NetworkInput& input)
      : recipe_(recipe), input_(input), images_(recipe.images) {
    if (is_plain(images_, recipe, input.shape)) {
      if (images_.elements() == 0) throw Error(recipe.images.string() + ": holds no images");
      layout_.w = images_.elements() / images_.shape()[0];
      layout_.stride_w = 1;
      check_channels(yaml);
      return;
    }
    layout_ = layout_of(images_, recipe);
    if (recipe.pad != 0 && layout_.h == 1 && layout_.w == 1)
      throw Error(
          fmt::format("{}: {}: features cannot be padded", yaml.string(), recipe.key_of("pad")));
    check_channels(yaml);
    check_shape(layout_, recipe, input.shape);
    channels_last_ = wants_channels_last(item_sizes(layout_, recipe), input.shape);
  }

  int64_t count() const { return images_.shape()[0]; }
  std::string file() const { return recipe_.images.string(); }

  std::vector<float> item(int64_t n) const {
    const int64_t size = images_.elements() / count();
    std::vector<float> elements = preprocess(images_.part(n * size, size), layout_, recipe_);
    if (channels_last_)
      elements = with_channels_last(elements, item_sizes(layout_, recipe_).front());
    const bool finite =
        std::all_of(elements.begin(), elements.end(), [](float v) { return std::isfinite(v); });
    if (!finite)
      throw Error(fmt::format("{}: image {} holds a value that is not finite", file(), n));
    check_elements(fmt::format("{}: image {} after preprocessing", file(), n), input_, elements);
    return elements;
  }

 private:
  void check_channels(const std::filesystem::path& yaml) const {
    const auto channels = static_cast<size_t>(layout_.c * recipe_.replicate);
    for (const auto* values : {&recipe_.mean, &recipe_.std}) {
      if (values->size() == 1 || values->size() == channels) continue;
      throw Error(fmt::format("{}: {}: {} values for {} channels", yaml.string(),
                              recipe_.key_of(values == &recipe_.mean ? "mean" : "std"),
                              values->size(), channels));
    }
  }

  const Recipe recipe_;
  const NetworkInput input_;
  const NpyFile images_;
  ImageLayout layout_;
  bool channels_last_ = false;  ///< as the network states its elements
};

namespace {

/// The recipe of each input. Throws Error for inputs that are missing or unknown.
std::vector<const Recipe*> match(const std::filesystem::path& yaml, const DatasetRecipe& given,
                                 const std::vector<NetworkInput>& inputs) {
  std::vector<const Recipe*> found(inputs.size());
  for (const Recipe& recipe : given.inputs) {
    if (recipe.input.empty()) {
      if (inputs.size() != 1)
        throw Error(
            fmt::format("{}: images: the network has {} inputs, expected inputs: with an "
                        "entry for each of {}",
                        yaml.string(), inputs.size(), names_of(inputs)));
      found[0] = &recipe;
      continue;
    }
    const auto input = std::find_if(inputs.begin(), inputs.end(),
                                    [&](const auto& in) { return in.name == recipe.input; });
    if (input == inputs.end())
      throw Error(fmt::format("{}: {}: not an input of the network, expected {}", yaml.string(),
                              recipe.key, names_of(inputs)));
    found[static_cast<size_t>(input - inputs.begin())] = &recipe;
  }
  for (size_t k = 0; k < inputs.size(); ++k) {
    if (found[k] == nullptr)
      throw Error(
          fmt::format("{}: inputs: nothing given for input '{}'", yaml.string(), inputs[k].name));
  }
  return found;
}

}  // namespace

std::string names_of(const std::vector<NetworkInput>& inputs) {
  std::vector<std::string> names;
  names.reserve(inputs.size());
  for (const NetworkInput& input : inputs) names.push_back("'" + input.name + "'");
  return fmt::format("{}", fmt::join(names, ", "));
}

void check_elements(const std::string& what, const NetworkInput& input,
                    const std::vector<float>& elements) {
  if (!input.integers) return;
  const auto [least, greatest] = *input.integers;
  for (size_t i = 0; i < elements.size(); ++i) {
    const double v = elements[i];
    if (v == std::floor(v) && v >= static_cast<double>(least) && v <= static_cast<double>(greatest))
      continue;
    throw Error(fmt::format("{}: element {} is {}, input '{}' takes whole numbers in {}..{}", what,
                            i, elements[i], input.name, least, greatest));
  }
}

Items items_of(const Dataset& data) {
  return {data.items.size(), [&data](size_t n) { return data.items[n]; }};
}

DatasetFile::DatasetFile(const std::filesystem::path& yaml, const std::vector<NetworkInput>& inputs,
                         size_t limit, Labels labels) {
  const DatasetRecipe recipe = read_recipe(yaml);
  const std::vector<const Recipe*> recipes = match(yaml, recipe, inputs);
  for (size_t k = 0; k < inputs.size(); ++k) {
    sources_.push_back(std::make_unique<const InputSource>(yaml, *recipes[k], inputs[k]));
    if (sources_[k]->count() != sources_[0]->count())
      throw Error(fmt::format("{}: {}: {} holds {} items, {} holds {}", yaml.string(),
                              recipes[k]->key_of("images"), sources_[k]->file(),
                              sources_[k]->count(), sources_[0]->file(), sources_[0]->count()));
  }
  const int64_t all = sources_.at(0)->count();
  count_ = static_cast<size_t>(all);
  if (limit != 0) count_ = std::min(count_, limit);
  if (!recipe.labels.empty()) read_labels(recipe.labels, all, labels, labels_);
  if (!labels_.labels.empty()) labels_.labels.resize(count_);
  if (!labels_.token_labels.empty()) labels_.token_labels.resize(count_);
}

DatasetFile::~DatasetFile() = default;

Item DatasetFile::item(size_t n) const {
  Item item;
  for (const auto& source : sources_) item.push_back(source->item(static_cast<int64_t>(n)));
  return item;
}

Items DatasetFile::items() const {
  return {count_, [this](size_t n) { return item(n); }};
}

Dataset load_dataset(const std::filesystem::path& yaml, const std::vector<NetworkInput>& inputs,
                     size_t limit, Labels labels) {
  const DatasetFile file(yaml, inputs, limit, labels);
  Dataset data = file.labels();
  for (size_t n = 0; n < file.size(); ++n) data.items.push_back(file.item(n));
  return data;
}

std::vector<std::filesystem::path> dataset_files(const std::filesystem::path& yaml) {
  const DatasetRecipe recipe = read_recipe(yaml);
  std::vector<std::filesystem::path> files = {yaml};
  for (const Recipe& input : recipe.inputs) files.push_back(input.images);
  if (!recipe.labels.empty()) files.push_back(recipe.labels);
  return files;
}

Dataset load_dataset(const std::filesystem::path& yaml, const std::vector<int64_t>& shape,
                     size_t limit) {
  return load_dataset(yaml, {{"", shape}}, limit);
}

}  // namespace systole::data
