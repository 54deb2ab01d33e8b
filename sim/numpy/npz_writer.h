// SPDX-License-Identifier: Apache-2.0
// NumPy's .npz format: named arrays in one file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace systole::numpy {

/// The file's bytes, as they grow: a ZIP archive whose members are not compressed. Names are
/// different; 65,535 arrays and 4 GiB are the most. Throws Error beyond.
class NpzWriter {
 public:
  /// `npy`: the bytes of the array as a file of its own.
  void add(const std::string& name, std::string_view npy);
  std::string finish() &&;

 private:
  std::string bytes_, directory_;
  uint64_t members_ = 0;
};

}  // namespace systole::numpy
