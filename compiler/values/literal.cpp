// SPDX-License-Identifier: Apache-2.0
// Decoding of ONNX tensors: typed fields, raw bytes, half precision, external data.
#include "compiler/values/literal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include <Eigen/Core>
#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>
#include <functional>

#include "model/base/error.h"

namespace systole::values {

static_assert(std::endian::native == std::endian::little, "raw tensor data is little-endian");

namespace {

using onnx::TensorProto;

/// Bytes of one element of a type this reader takes; 0 for the others.
size_t element_bytes(int type) {
  switch (type) {
    case TensorProto::INT8:
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      return 1;
    case TensorProto::INT16:
    case TensorProto::UINT16:
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
      return 2;
    case TensorProto::FLOAT:
    case TensorProto::INT32:
    case TensorProto::UINT32:
      return 4;
    case TensorProto::DOUBLE:
    case TensorProto::INT64:
      return 8;
    default:
      return 0;
  }
}

template <typename T>
T load(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

float bfloat16(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }
float half(uint16_t bits) {
  return Eigen::half_impl::half_to_float(Eigen::half_impl::raw_uint16_to_half(bits));
}

/// One element of `type` at `bytes`, into the literal.
void append(Literal& literal, int type, const char* bytes) {
  switch (type) {
    case TensorProto::DOUBLE:
      return literal.floats.push_back(static_cast<float>(load<double>(bytes)));
    case TensorProto::FLOAT16:
      return literal.floats.push_back(half(load<uint16_t>(bytes)));
    case TensorProto::BFLOAT16:
      return literal.floats.push_back(bfloat16(load<uint16_t>(bytes)));
    case TensorProto::INT8:
      return literal.ints.push_back(load<int8_t>(bytes));
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      return literal.ints.push_back(load<uint8_t>(bytes));
    case TensorProto::INT16:
      return literal.ints.push_back(load<int16_t>(bytes));
    case TensorProto::UINT16:
      return literal.ints.push_back(load<uint16_t>(bytes));
    case TensorProto::INT32:
      return literal.ints.push_back(load<int32_t>(bytes));
    case TensorProto::UINT32:
      return literal.ints.push_back(load<uint32_t>(bytes));
    default:
      return literal.ints.push_back(load<int64_t>(bytes));
  }
}

/// The typed repeated field that holds the data when there are no raw bytes.
void read_typed_field(const TensorProto& proto, Literal& literal) {
  switch (proto.data_type()) {
    case TensorProto::FLOAT:
      literal.floats.assign(proto.float_data().begin(), proto.float_data().end());
      return;
    case TensorProto::DOUBLE:
      for (double v : proto.double_data()) literal.floats.push_back(static_cast<float>(v));
      return;
    case TensorProto::FLOAT16:
      for (int32_t v : proto.int32_data()) literal.floats.push_back(half(static_cast<uint16_t>(v)));
      return;
    case TensorProto::BFLOAT16:
      for (int32_t v : proto.int32_data())
        literal.floats.push_back(bfloat16(static_cast<uint16_t>(v)));
      return;
    case TensorProto::INT64:
      literal.ints.assign(proto.int64_data().begin(), proto.int64_data().end());
      return;
    case TensorProto::UINT32:
      literal.ints.assign(proto.uint64_data().begin(), proto.uint64_data().end());
      return;
    default:
      literal.ints.assign(proto.int32_data().begin(), proto.int32_data().end());
  }
}

/// The bytes of an external tensor. The file must lie in the network's folder or below it.
std::string read_external(const TensorProto& proto, const std::filesystem::path& folder,
                          size_t expected) {
  std::string location;
  uint64_t offset = 0;
  for (const onnx::StringStringEntryProto& entry : proto.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() != "offset") continue;
    const char* end = entry.value().data() + entry.value().size();
    const auto parsed = std::from_chars(entry.value().data(), end, offset);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
      throw Error(fmt::format("tensor '{}': external offset '{}' is not a number", proto.name(),
                              entry.value()));
    }
  }
  const std::filesystem::path relative(location);
  bool outside = location.empty() || relative.is_absolute();
  for (const auto& part : relative) outside |= part == "..";
  if (outside) {
    throw Error(fmt::format("tensor '{}': external file '{}' is not inside the network's folder",
                            proto.name(), location));
  }
  const std::filesystem::path path = folder / relative;
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw Error(
        fmt::format("tensor '{}': cannot open its external file {}", proto.name(), path.string()));
  std::error_code ignored;
  const uint64_t size = std::filesystem::file_size(path, ignored);
  if (ignored || offset > size || size - offset < expected) {
    throw Error(fmt::format("tensor '{}': external file {} is too short, expected {} bytes at {}",
                            proto.name(), path.string(), expected, offset));
  }
  std::string bytes(expected, '\0');
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(bytes.data(), static_cast<std::streamsize>(expected));
  if (!file) throw Error(fmt::format("tensor '{}': cannot read {}", proto.name(), path.string()));
  return bytes;
}

}  // namespace

bool is_real_type(int type) {
  return type == TensorProto::FLOAT || type == TensorProto::DOUBLE ||
         type == TensorProto::FLOAT16 || type == TensorProto::BFLOAT16;
}

std::string type_name(int type) {
  return TensorProto::DataType_IsValid(type)
             ? TensorProto::DataType_Name(static_cast<TensorProto::DataType>(type))
             : std::to_string(type);
}

std::string dims_text(const Dims& dims) { return fmt::format("[{}]", fmt::join(dims, ", ")); }

int64_t element_count(const Dims& dims, const std::string& what, int64_t limit) {
  int64_t count = 1;
  for (int64_t d : dims) {
    if (d < 0)
      throw Error(fmt::format("{}: dimensions {} hold a negative one", what, dims_text(dims)));
    if (d > limit || count > limit / std::max<int64_t>(d, 1)) {
      throw Error(
          fmt::format("{}: dimensions {} are more than {} elements", what, dims_text(dims), limit));
    }
    count *= d;
  }
  return count;
}

namespace {

/// Two elements a byte, the first in its low half (ONNX 1.16).
Literal read_nibbles(const TensorProto& proto, const std::filesystem::path& folder,
                     const std::string& what) {
  Literal literal;
  literal.dims.assign(proto.dims().begin(), proto.dims().end());
  literal.is_float = false;
  literal.type = proto.data_type();
  const auto count = static_cast<size_t>(element_count(literal.dims, what));
  const size_t expected = (count + 1) / 2;
  std::string bytes = proto.raw_data();
  if (proto.data_location() == TensorProto::EXTERNAL) {
    bytes = read_external(proto, folder, expected);
  } else if (!proto.has_raw_data()) {
    for (int32_t pair : proto.int32_data()) bytes.push_back(static_cast<char>(pair));
  }
  if (bytes.size() != expected) {
    throw Error(fmt::format("{}: holds {} bytes, expected {} for {}", what, bytes.size(), expected,
                            dims_text(literal.dims)));
  }
  for (size_t i = 0; i < count; ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i / 2]);
    const int nibble = i % 2 == 0 ? byte & 15 : byte >> 4;
    literal.ints.push_back(literal.type == kOnnxInt4 && nibble > 7 ? nibble - 16 : nibble);
  }
  return literal;
}

}  // namespace

Literal read_literal(const TensorProto& proto, const std::filesystem::path& folder) {
  const std::string what = fmt::format("tensor '{}'", proto.name());
  const int type = proto.data_type();
  if (type == kOnnxUint4 || type == kOnnxInt4) return read_nibbles(proto, folder, what);
  const size_t width = element_bytes(type);
  if (width == 0)
    throw Error(fmt::format("{}: data type {} is not supported", what, type_name(type)));
  if (proto.has_segment()) throw Error(what + ": segmented tensors are not supported");
  Literal literal;
  literal.dims.assign(proto.dims().begin(), proto.dims().end());
  literal.type = type;
  literal.is_float = is_real_type(type);
  const int64_t count = element_count(literal.dims, what);
  const size_t expected = static_cast<size_t>(count) * width;

  const bool external = proto.data_location() == TensorProto::EXTERNAL;
  if (!external && !proto.has_raw_data()) {
    read_typed_field(proto, literal);
    if (literal.size() != count) {
      throw Error(fmt::format("{}: holds {} elements, expected {} for {}", what, literal.size(),
                              count, dims_text(literal.dims)));
    }
    return literal;
  }
  const std::string from_file = external ? read_external(proto, folder, expected) : std::string();
  const std::string& bytes = external ? from_file : proto.raw_data();
  if (bytes.size() != expected) {
    throw Error(fmt::format("{}: holds {} bytes, expected {} for {}", what, bytes.size(), expected,
                            dims_text(literal.dims)));
  }
  if (type == TensorProto::FLOAT && count > 0) {
    literal.floats.resize(static_cast<size_t>(count));
    std::memcpy(literal.floats.data(), bytes.data(), expected);
    return literal;
  }
  if (literal.is_float) {
    literal.floats.reserve(static_cast<size_t>(count));
  } else {
    literal.ints.reserve(static_cast<size_t>(count));
  }
  for (size_t at = 0; at < expected; at += width) append(literal, type, bytes.data() + at);
  return literal;
}

}  // namespace systole::values
