// SPDX-License-Identifier: Apache-2.0
// Writes ZIP archives: local headers with data, then the central directory (PKWARE's APPNOTE.TXT).
#include "sim/numpy/npz_writer.h"

#include <zlib.h>

#include "model/base/error.h"

namespace systole::numpy {
namespace {

constexpr uint64_t kMostBytes = 0xffffffff, kMostMembers = 0xffff;
constexpr uint32_t kVersion = 20, kFirstDay = 1 << 5 | 1;  // of 1980: files do not depend on time

template <int kBytes>
std::string little_endian(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < kBytes; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

auto two(uint64_t value) { return little_endian<2>(value); }
auto four(uint64_t value) { return little_endian<4>(value); }

}  // namespace

void NpzWriter::add(const std::string& name, std::string_view npy) {
  const std::string file = name + ".npy";
  if (bytes_.size() + npy.size() > kMostBytes / 2 || ++members_ > kMostMembers)
    throw Error("the arrays are more than an .npz file holds");
  const auto checksum = crc32_z(0, reinterpret_cast<const Bytef*>(npy.data()), npy.size());
  // Version, flags (names are UTF-8), stored, time, day, checksum, both sizes, length of the name.
  const std::string common = two(kVersion) + two(0x0800) + two(0) + two(0) + two(kFirstDay) +
                             four(checksum) + four(npy.size()) + four(npy.size()) +
                             two(file.size()) + two(0);
  directory_ += "PK\x01\x02" + two(kVersion) + common + two(0) + two(0) + two(0) + four(0) +
                four(bytes_.size()) + file;
  bytes_ += "PK\x03\x04" + common + file;
  bytes_ += npy;
}

std::string NpzWriter::finish() && {
  const std::string end = "PK\x05\x06" + two(0) + two(0) + two(members_) + two(members_) +
                          four(directory_.size()) + four(bytes_.size()) + two(0);
  return std::move(bytes_) + directory_ + end;
}

}  // namespace systole::numpy
