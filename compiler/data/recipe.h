// SPDX-License-Identifier: Apache-2.0
// dataset.yaml as it is written: which files, and what is done to their elements.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace systole::data {

/// How one input is made; x = (pixel * scale - mean) / std, padding has pixel value 0.
struct Recipe {
  std::string key;    ///< in the file: "inputs.NAME", or empty for the only input
  std::string input;  ///< its name; empty: the only one
  std::filesystem::path images;
  std::string layout;     ///< of the images: nf, nhw, nhwc or nchw; empty: by their dimensions
  int64_t pad = 0;        ///< pixels around each image
  int64_t replicate = 1;  ///< copies of each channel
  double scale = 1.0;
  std::vector<double> mean = {0.0},
                      std = {1.0};  ///< one value, or one a channel (after replication)

  /// "pad", or "inputs.NAME.pad".
  std::string key_of(const std::string& word) const {
    return key.empty() ? word : key + "." + word;
  }
};

/// The recipes of a file, one an input, and its labels (empty: none).
struct DatasetRecipe {
  std::vector<Recipe> inputs;
  std::filesystem::path labels;
};

/// Throws Error "FILE:LINE: KEY: reason".
DatasetRecipe read_recipe(const std::filesystem::path& yaml);

}  // namespace systole::data
