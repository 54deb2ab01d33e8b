// SPDX-License-Identifier: Apache-2.0
// Walks the blocks of an FST: a byte of kind, then 8 bytes of length, themselves included, the
// highest first. The kind 255 is a block that is not finished.
#include "sim/engine/wave_check.h"

#include <array>
#include <cstdint>
#include <fstream>

namespace systole::engine {

bool is_whole_waveform(const std::filesystem::path& file) {
  constexpr uint8_t kUnfinished = 255;
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(file, error);
  std::ifstream stream(file, std::ios::binary);
  if (error || !stream || size == 0) return false;
  uint64_t at = 0;
  while (at < size) {
    std::array<char, 9> head{};
    stream.seekg(static_cast<std::streamoff>(at));
    if (!stream.read(head.data(), head.size())) return false;
    if (static_cast<uint8_t>(head[0]) == kUnfinished) return false;
    uint64_t length = 0;
    for (size_t i = 1; i < head.size(); ++i) length = length << 8 | static_cast<uint8_t>(head[i]);
    if (length < 8 || length > size) return false;
    at += 1 + length;
  }
  return at == size;
}

void clear_waveform_date(const std::filesystem::path& file) {
  // fstapi.c, fstWriterEmitHdrBytes: the first block is the head.
  constexpr std::streamoff kDateAt = 202;
  constexpr std::array<char, 119> kNoDate{};
  std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
  stream.seekp(kDateAt);
  stream.write(kNoDate.data(), kNoDate.size());
}

}  // namespace systole::engine
