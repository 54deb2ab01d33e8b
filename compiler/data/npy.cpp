// SPDX-License-Identifier: Apache-2.0
// .npy: magic, version, a Python dictionary as text, then the elements.
#include "compiler/data/npy.h"

#include <fmt/format.h>
#include <unistd.h>

#include <Eigen/Core>
#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

#include "model/base/error.h"

namespace systole::data {

namespace {

constexpr int64_t kMaxBytes = int64_t{1} << 48;
constexpr size_t kMaxHeader = 1 << 16;

struct ElementType {
  const char* descr;  ///< as the header names it
  NpyArray::Type type;
  size_t bytes;
};

constexpr ElementType kTypes[] = {
    {"|b1", NpyArray::Type::kBool, 1}, {"|i1", NpyArray::Type::kI8, 1},
    {"|u1", NpyArray::Type::kU8, 1},   {"<i2", NpyArray::Type::kI16, 2},
    {"<u2", NpyArray::Type::kU16, 2},  {"<i4", NpyArray::Type::kI32, 4},
    {"<u4", NpyArray::Type::kU32, 4},  {"<i8", NpyArray::Type::kI64, 8},
    {"<u8", NpyArray::Type::kU64, 8},  {"<f2", NpyArray::Type::kF16, 2},
    {"<f4", NpyArray::Type::kF32, 4},  {"<f8", NpyArray::Type::kF64, 8}};

size_t element_bytes(NpyArray::Type type) {
  return std::find_if(std::begin(kTypes), std::end(kTypes),
                      [&](const ElementType& known) { return known.type == type; })
      ->bytes;
}

/// Text of the value of `key` in the header's dictionary; empty if it has none.
std::string value_of(const std::string& header, const std::string& key) {
  const size_t at = header.find("'" + key + "'");
  if (at == std::string::npos) return {};
  size_t from = header.find(':', at);
  if (from == std::string::npos) return {};
  from = header.find_first_not_of(' ', from + 1);
  if (from == std::string::npos) return {};
  const char open = header[from];
  const size_t to = open == '\''  ? header.find('\'', from + 1)
                    : open == '(' ? header.find(')', from)
                                  : header.find_first_of(",}", from);
  if (to == std::string::npos) return {};
  return open == '\'' || open == '(' ? header.substr(from + 1, to - from - 1)
                                     : header.substr(from, to - from);
}

std::vector<int64_t> parse_shape(const std::string& text, const std::string& file) {
  std::vector<int64_t> shape;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    at = std::find_if(at, end, [](char c) { return c != ' ' && c != ','; });
    if (at == end) return shape;
    int64_t size = 0;
    const auto [next, failure] = std::from_chars(at, end, size);
    if (failure != std::errc() || size < 0)
      throw Error(fmt::format("{}: shape ({}) is not a list of sizes", file, text));
    shape.push_back(size);
    at = next;
  }
}

bool read(std::FILE* file, void* to, size_t bytes) {
  return std::fread(to, 1, bytes, file) == bytes;
}

/// The dictionary; the file stands behind it.
std::string read_header(std::FILE* file, const std::string& name) {
  unsigned char prefix[12] = {};
  if (!read(file, prefix, 8) || std::memcmp(prefix, "\x93NUMPY", 6) != 0)
    throw Error(name + ": not an .npy file");
  const int version = prefix[6];
  if (version < 1 || version > 3)
    throw Error(fmt::format("{}: .npy version {}, expected 1 to 3", name, version));
  const size_t length_bytes = version == 1 ? 2 : 4;
  const bool whole = read(file, prefix + 8, length_bytes);
  size_t length = 0;
  for (size_t i = length_bytes; i-- > 0;) length = length << 8 | prefix[8 + i];
  if (!whole || length > kMaxHeader) throw Error(name + ": broken .npy header");
  std::string header(length, '\0');
  if (!read(file, header.data(), length)) throw Error(name + ": broken .npy header");
  return header;
}

template <typename T>
double element(const std::vector<uint8_t>& bytes, int64_t i) {
  T value;
  std::memcpy(&value, bytes.data() + static_cast<size_t>(i) * sizeof value, sizeof value);
  return static_cast<double>(value);
}

}  // namespace

int64_t NpyArray::elements() const {
  return static_cast<int64_t>(bytes.size() / element_bytes(type));
}

double NpyArray::at(int64_t i) const {
  switch (type) {
    case Type::kI8:
      return element<int8_t>(bytes, i);
    case Type::kBool:
    case Type::kU8:
      return element<uint8_t>(bytes, i);
    case Type::kI16:
      return element<int16_t>(bytes, i);
    case Type::kU16:
      return element<uint16_t>(bytes, i);
    case Type::kI32:
      return element<int32_t>(bytes, i);
    case Type::kU32:
      return element<uint32_t>(bytes, i);
    case Type::kI64:
      return element<int64_t>(bytes, i);
    case Type::kU64:
      return element<uint64_t>(bytes, i);
    case Type::kF16:
      return double{Eigen::half_impl::half_to_float(Eigen::half_impl::raw_uint16_to_half(
          static_cast<uint16_t>(element<uint16_t>(bytes, i))))};
    case Type::kF64:
      return element<double>(bytes, i);
    case Type::kF32:
      break;
  }
  return element<float>(bytes, i);
}

NpyFile::NpyFile(const std::filesystem::path& path)
    : name_(path.string()), file_(std::fopen(path.c_str(), "rb")) {
  if (!file_ || std::filesystem::is_directory(path))
    throw Error(name_ + ": cannot open the .npy file");
  const std::string header = read_header(file_.get(), name_);
  const std::string descr = value_of(header, "descr"), order = value_of(header, "fortran_order");
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                  [&](const ElementType& known) { return descr == known.descr; });
  if (type == std::end(kTypes))
    throw Error(
        fmt::format("{}: element type '{}', expected bool, integers of 1 to 8 bytes or "
                    "floats of 2 to 8 (little-endian)",
                    name_, descr));
  if (order != "False")
    throw Error(fmt::format("{}: fortran_order is '{}', expected False", name_, order));
  type_ = type->type;
  shape_ = parse_shape(value_of(header, "shape"), name_);
  auto bytes = static_cast<int64_t>(type->bytes);
  for (int64_t size : shape_) {
    if (size > 0 && bytes > kMaxBytes / size) throw Error(name_ + ": the shape is absurdly large");
    bytes *= size;
  }
  start_ = std::ftell(file_.get());
  const auto present = static_cast<int64_t>(std::filesystem::file_size(path)) - start_;
  if (present != bytes) {
    throw Error(fmt::format("{}: holds {} bytes of elements, expected {} for its shape", name_,
                            present, bytes));
  }
}

int64_t NpyFile::elements() const {
  int64_t product = 1;
  for (const int64_t size : shape_) product *= size;
  return product;
}

NpyArray NpyFile::part(int64_t first, int64_t count) const {
  const auto each = static_cast<int64_t>(element_bytes(type_));
  NpyArray part{type_, {count}, std::vector<uint8_t>(static_cast<size_t>(count * each))};
  for (size_t done = 0; done < part.bytes.size();) {
    const auto at = start_ + first * each + static_cast<int64_t>(done);
    const ssize_t got =
        pread(fileno(file_.get()), part.bytes.data() + done, part.bytes.size() - done, at);
    if (got <= 0) throw Error(name_ + ": cannot read the elements");
    done += static_cast<size_t>(got);
  }
  return part;
}

NpyArray read_npy(const std::filesystem::path& path) {
  const NpyFile file(path);
  NpyArray array = file.part(0, file.elements());
  array.shape = file.shape();
  return array;
}

}  // namespace systole::data
