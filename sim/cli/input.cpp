// SPDX-License-Identifier: Apache-2.0
// Reads files.
#include "sim/cli/input.h"

#include <fstream>
#include <sstream>

#include "model/base/error.h"

namespace systole::cli {

std::string read_text_file(const std::filesystem::path& file) {
  constexpr std::uintmax_t kLargest = 256 << 20;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) throw Error(file.string() + ": no such file");
  if (!std::filesystem::is_regular_file(file, error))
    throw Error(file.string() + ": not a regular file");
  if (std::filesystem::file_size(file, error) > kLargest)
    throw Error(file.string() + ": larger than 256 MiB");
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) throw Error(file.string() + ": cannot be read");
  return text.str();
}

}  // namespace systole::cli
