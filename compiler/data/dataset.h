// SPDX-License-Identifier: Apache-2.0
// What goes into a network: items of its inputs, and the files that name them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace systole::data {

/// One item: an array for each input, in the order in which the network states its elements.
using Item = std::vector<std::vector<float>>;

/// The whole numbers that an input of integers takes.
struct WholeNumbers {
  int64_t least = 0, greatest = 255;
  bool operator==(const WholeNumbers&) const = default;
};
/// Of inputs whose type is wider: what float32 holds exactly.
constexpr WholeNumbers kAnyWholeNumber = {-(int64_t{1} << 24), int64_t{1} << 24};

/// An input that data can be given for.
struct NetworkInput {
  std::string name;
  std::vector<int64_t> shape;                 ///< of one item: a leading dimension is 1
  std::optional<WholeNumbers> integers = {};  ///< none: real numbers
  bool whole_steps = false;  ///< real numbers that are stored in steps of 1: arrays of integers do
};

/// How many labels an item may have.
enum class Labels { kOne, kSeveral };

/// Items with labels (empty if the data has none).
struct Dataset {
  std::vector<Item> items;
  std::vector<int> labels;                          ///< one an item
  std::vector<std::vector<int>> token_labels = {};  ///< or several; a negative one does not count
};

/// "'left', 'right'"
std::string names_of(const std::vector<NetworkInput>& inputs);

/// Items that are made when they are asked for.
struct Items {
  size_t count = 0;
  std::function<Item(size_t)> at;
};
/// Those of `data`, which must stay.
Items items_of(const Dataset& data);

class InputSource;

/// A data set whose arrays stay in their files: they may be larger than memory.
class DatasetFile {
 public:
  /// `limit` and `labels`: as of load_dataset. Throws Error as that does, but for what is wrong
  /// with an element: item() does.
  DatasetFile(const std::filesystem::path& yaml, const std::vector<NetworkInput>& inputs,
              size_t limit = 0, Labels labels = Labels::kOne);
  ~DatasetFile();
  DatasetFile(const DatasetFile&) = delete;
  DatasetFile& operator=(const DatasetFile&) = delete;

  size_t size() const { return count_; }
  /// Reads it. From any thread. Throws Error naming file and item.
  Item item(size_t n) const;
  /// Without items.
  const Dataset& labels() const { return labels_; }
  /// They must not outlive this.
  Items items() const;

 private:
  std::vector<std::unique_ptr<const InputSource>> sources_;  ///< one an input
  size_t count_ = 0;
  Dataset labels_;
};

/// Reads dataset.yaml: arrays and labels (.npy, paths relative to the file) and preprocessing. The
/// keys are told in docs/configuration.md. `limit`: 0 all. Throws Error naming file and key: broken
/// files, inputs missing or unknown, shapes and element types that are not the inputs', arrays of
/// different numbers of items. Several labels an item, an array of two dimensions, are refused
/// unless `labels` takes them.
Dataset load_dataset(const std::filesystem::path& yaml, const std::vector<NetworkInput>& inputs,
                     size_t limit = 0, Labels labels = Labels::kOne);
/// The file and those that it names. Throws Error as load_dataset does before it looks into them.
std::vector<std::filesystem::path> dataset_files(const std::filesystem::path& yaml);
/// Of a network of one input of real numbers.
Dataset load_dataset(const std::filesystem::path& yaml, const std::vector<int64_t>& shape,
                     size_t limit = 0);

/// Throws Error "`what`: element ... of `input`" for the first value that `input` does not take.
void check_elements(const std::string& what, const NetworkInput& input,
                    const std::vector<float>& elements);

}  // namespace systole::data
