// SPDX-License-Identifier: Apache-2.0
// A text file that is written as it grows: only a piece of it is in memory.
#pragma once

#include <fmt/format.h>
#include <zlib.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>

namespace systole::trace {

/// A new or emptied file. Errors name `named`, which the user asked for. What was printed is in the
/// file once `close` has returned; compressed, where `named` ends with ".gz".
class TextFile {
 public:
  TextFile(const std::filesystem::path& file, const std::filesystem::path& named);
  ~TextFile();
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  template <class... Args>
  void print(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(buffer_), text, std::forward<Args>(args)...);
    if (buffer_.size() >= kPiece) flush();
  }
  void write(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= kPiece) flush();
  }
  /// Throws Error if not all of it could be written.
  void close();

 private:
  static constexpr size_t kPiece = size_t{1} << 18;
  void flush();

  const std::string named_;
  int descriptor_;
  gzFile packed_ = nullptr;  ///< writes to descriptor_, if the file is compressed
  std::string buffer_;
};

}  // namespace systole::trace
