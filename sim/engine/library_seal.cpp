// SPDX-License-Identifier: Apache-2.0
// Writes and checks seals.
#include "sim/engine/library_seal.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>

#include "model/base/checksum.h"
#include "model/base/error.h"

namespace systole::engine {
namespace {

struct Seal {
  char magic[8];
  uint64_t name;      ///< checksum of the library's name
  uint64_t bytes;     ///< before the seal
  uint64_t checksum;  ///< of those
};
static_assert(sizeof(Seal) == 32);

Seal seal_of(std::string_view library, const std::string& name) {
  return {{'s', 'y', 's', 't', 'o', 'l', 'e', '1'},
          checksum_of(name),
          library.size(),
          checksum_of(library)};
}

/// Empty if it cannot be read.
std::string read_all(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  std::ifstream stream(file, std::ios::binary);
  if (error || !stream) return {};
  std::string bytes(size, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(size));
  bytes.resize(static_cast<size_t>(stream.gcount()));
  return bytes;
}

}  // namespace

void seal_library(const std::filesystem::path& file, const std::string& name) {
  const Seal seal = seal_of(read_all(file), name);
  std::ofstream stream(file, std::ios::binary | std::ios::app);
  stream.write(reinterpret_cast<const char*>(&seal), sizeof seal);
  stream.close();
  if (!stream)
    throw Error(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
}

bool has_seal(const std::filesystem::path& file, const std::string& name) {
  const std::string bytes = read_all(file);
  if (bytes.size() < sizeof(Seal)) return false;
  const std::string_view library(bytes.data(), bytes.size() - sizeof(Seal));
  const Seal expected = seal_of(library, name);
  return std::memcmp(bytes.data() + library.size(), &expected, sizeof expected) == 0;
}

}  // namespace systole::engine
