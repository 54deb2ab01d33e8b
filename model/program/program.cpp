// SPDX-License-Identifier: Apache-2.0
// The program file: a header with checksum, JSON metadata, then code and segments as they stand in
// DRAM.
#include "model/program/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "model/base/checksum.h"
#include "model/base/error.h"
#include "model/program/program_file.h"
#include "model/program/program_json.h"

namespace systole::program {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

constexpr char kMagic[4] = {'S', 'Y', 'S', 'B'};
constexpr uint32_t kFormatVersion = 3;
// Code and data of 4 GiB of DRAM, and metadata.
constexpr uint64_t kMaxFileBytes = (uint64_t{1} << 32) + (uint64_t{1} << 28);

/// What a file starts with. Everything after it is under the checksum.
struct FileHeader {
  char magic[4];
  uint32_t format_version;
  uint32_t isa_version;
  uint32_t metadata_bytes;
  uint64_t body_bytes;  ///< metadata, code and segments
  uint64_t checksum;    ///< of those bytes
};
static_assert(sizeof(FileHeader) == 32);

/// A file's bytes as they stand on disk.
class MappedFile {
 public:
  MappedFile(const fs::path& path, size_t bytes) : bytes_(bytes) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && bytes > 0)
      data_ = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (fd >= 0) close(fd);
  }
  ~MappedFile() {
    if (valid()) munmap(data_, bytes_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  bool valid() const { return data_ != MAP_FAILED; }
  std::string_view bytes() const { return {static_cast<const char*>(data_), bytes_}; }

 private:
  const size_t bytes_;
  void* data_ = MAP_FAILED;
};

template <typename Item>
json list_of(const std::vector<Item>& items) {
  json list = json::array();
  for (const Item& item : items) list.push_back(to_json(item));
  return list;
}

std::string metadata_of(const Program& program, const std::string& architecture) {
  json segments = json::array();
  for (const Segment& segment : program.segments)
    segments.push_back(
        {{"addr", segment.addr}, {"name", segment.name}, {"bytes", segment.bytes.size()}});
  json metadata = {{"name", program.name},
                   {"hardware", to_json(program.hw)},
                   {"code_addr", program.code_addr},
                   {"instructions", program.code.size()},
                   {"dram_bytes", program.dram_bytes},
                   {"batch", program.batch},
                   {"segments", segments},
                   {"inputs", list_of(program.inputs)},
                   {"outputs", list_of(program.outputs)},
                   {"layers", list_of(program.layers)},
                   {"host_steps", list_of(program.host_steps)}};
  if (program.repeat != 1) metadata["repeat"] = program.repeat;
  if (!architecture.empty()) metadata["architecture"] = architecture;
  // Names come from networks and may hold any bytes.
  return metadata.dump(-1, ' ', false, json::error_handler_t::replace);
}

const json& list_in(const json& metadata, const std::string& key) {
  const auto it = metadata.find(key);
  if (it == metadata.end() || !it->is_array()) throw Error("key '" + key + "' is not a list");
  return *it;
}

// Takes the next `bytes` of the body; the sizes were written by whoever made the file, so they are
// checked.
class BodyReader {
 public:
  BodyReader(std::string_view body, size_t at) : body_(body), at_(at) {}
  std::span<const uint8_t> take(uint64_t bytes, const std::string& what) {
    if (bytes > body_.size() - at_)
      throw Error(
          fmt::format("{} needs {} bytes, the file has {} left", what, bytes, body_.size() - at_));
    const auto* data = reinterpret_cast<const uint8_t*>(body_.data() + at_);
    at_ += bytes;
    return {data, static_cast<size_t>(bytes)};
  }
  bool at_end() const { return at_ == body_.size(); }

 private:
  const std::string_view body_;
  size_t at_;
};

/// What follows the header, sound by its checksum.
struct Body {
  std::shared_ptr<const MappedFile> file;  ///< which the segments share
  uint32_t metadata_bytes = 0;
  std::string_view bytes() const { return file->bytes().substr(sizeof(FileHeader)); }
  json metadata() const { return json::parse(bytes().begin(), bytes().begin() + metadata_bytes); }
};

Program parse_body(const Body& from) {
  const json metadata = from.metadata();
  constexpr int64_t kMost = int64_t{1} << 32;
  Program program;
  program.name = json_string(metadata, "name");
  program.hw = hw_from_json(metadata.at("hardware"));
  program.code_addr = static_cast<uint32_t>(json_integer(metadata, "code_addr", 0, kMost - 1));
  program.dram_bytes = static_cast<uint64_t>(json_integer(metadata, "dram_bytes", 0, kMost));
  program.batch = json_integer(metadata, "batch", 1, kMost);
  if (metadata.contains("repeat"))
    program.repeat = json_integer(metadata, "repeat", 1, program.batch);
  BodyReader reader(from.bytes(), from.metadata_bytes);
  const int64_t instructions =
      json_integer(metadata, "instructions", 0, kMost / isa::kInstructionBytes);
  const std::span<const uint8_t> code =
      reader.take(static_cast<uint64_t>(instructions) * isa::kInstructionBytes, "the code");
  program.code.resize(static_cast<size_t>(instructions));
  if (!code.empty()) std::memcpy(program.code.data(), code.data(), code.size());
  for (const json& entry : list_in(metadata, "segments")) {
    Segment segment;
    segment.addr = static_cast<uint32_t>(json_integer(entry, "addr", 0, kMost - 1));
    segment.name = json_string(entry, "name");
    const int64_t bytes = json_integer(entry, "bytes", 0, kMost);
    segment.bytes = SharedBytes(
        from.file, reader.take(static_cast<uint64_t>(bytes), "segment '" + segment.name + "'"));
    program.segments.push_back(std::move(segment));
  }
  if (!reader.at_end()) throw Error("bytes follow the last segment");
  for (const json& entry : list_in(metadata, "inputs"))
    program.inputs.push_back(tensor_from_json(entry));
  for (const json& entry : list_in(metadata, "outputs"))
    program.outputs.push_back(tensor_from_json(entry));
  for (const json& entry : list_in(metadata, "layers"))
    program.layers.push_back(layer_from_json(entry));
  for (const json& entry : list_in(metadata, "host_steps"))
    program.host_steps.push_back(host_step_from_json(entry));
  check_structure(program);
  return program;
}

[[noreturn]] void refuse(const fs::path& path, const std::string& reason) {
  throw Error(fmt::format("{}: {}", path.string(), reason));
}

Body read_body(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) refuse(path, "no such program file");
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path, "cannot open the program file");
  FileHeader header{};
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  const auto header_bytes = static_cast<size_t>(file.gcount());
  if (header_bytes < sizeof kMagic || std::memcmp(header.magic, kMagic, sizeof kMagic) != 0)
    refuse(path, "not a systole program (its first bytes are not 'SYSB')");
  if (header_bytes < sizeof header)
    refuse(path,
           fmt::format("truncated: the header has {} of {} bytes", header_bytes, sizeof header));
  if (header.format_version != kFormatVersion)
    refuse(path, fmt::format("format version {}, expected {}; compile the network again",
                             header.format_version, kFormatVersion));
  if (header.isa_version != isa::kVersion)
    refuse(path, fmt::format("instruction set version {}, expected {}; compile the network again",
                             header.isa_version, isa::kVersion));
  const uint64_t present = fs::file_size(path, error) - sizeof header;
  if (error || header.body_bytes > kMaxFileBytes || present < header.body_bytes)
    refuse(path, fmt::format("truncated: {} bytes follow the header, expected {}", present,
                             header.body_bytes));
  if (present > header.body_bytes)
    refuse(path,
           fmt::format("{} bytes follow the header, expected {}", present, header.body_bytes));
  if (header.metadata_bytes > header.body_bytes)
    refuse(path, fmt::format("{} bytes of metadata, the file has {}", header.metadata_bytes,
                             header.body_bytes));
  const Body body{std::make_shared<const MappedFile>(path, sizeof header + header.body_bytes),
                  header.metadata_bytes};
  if (!body.file->valid()) refuse(path, "cannot read the program file");
  const uint64_t checksum = checksum_of(body.bytes());
  if (checksum != header.checksum)
    refuse(path,
           fmt::format("corrupted: checksum {:016x}, expected {:016x}", checksum, header.checksum));
  return body;
}

/// What `read` makes of a file's body.
template <typename Read>
auto read_file(const fs::path& path, Read read) {
  const Body body = read_body(path);
  try {
    return read(body);
  } catch (const Error& reason) {
    refuse(path, reason.what());
  } catch (const json::exception& reason) {
    refuse(path, std::string("metadata: ") + reason.what());
  }
}

}  // namespace

std::string program_bytes(const Program& program, const std::string& architecture) {
  check_structure(program);
  const std::string metadata = metadata_of(program, architecture);
  const std::vector<isa::Words>& code = program.code;
  FileHeader header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.format_version = kFormatVersion;
  header.isa_version = isa::kVersion;
  header.metadata_bytes = static_cast<uint32_t>(metadata.size());
  size_t total = sizeof header + metadata.size() + code.size() * isa::kInstructionBytes;
  for (const Segment& segment : program.segments) total += segment.bytes.size();
  std::string text(sizeof header, '\0');
  text.reserve(total);
  text += metadata;
  text.append(reinterpret_cast<const char*>(code.data()), code.size() * isa::kInstructionBytes);
  for (const Segment& segment : program.segments)
    text.append(reinterpret_cast<const char*>(segment.bytes.data()), segment.bytes.size());
  header.body_bytes = text.size() - sizeof header;
  header.checksum = checksum_of(std::string_view(text).substr(sizeof header));
  std::memcpy(text.data(), &header, sizeof header);
  return text;
}

void Program::save(const fs::path& path) const { save_program(*this, path, ""); }

void save_program(const Program& program, const fs::path& path, const std::string& architecture) {
  const std::string text = program_bytes(program, architecture);
  const fs::path temporary = path.string() + fmt::format(".tmp{}", getpid());
  std::ofstream file(temporary, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  std::error_code error;
  if (file.good()) fs::rename(temporary, path, error);
  if (!file.good() || error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    refuse(path, error ? "cannot write the program file: " + error.message()
                       : "cannot write the program file");
  }
}

Program Program::load(const fs::path& path) { return read_file(path, parse_body); }

std::string architecture_of(const fs::path& path) {
  return read_file(path, [](const Body& body) -> std::string {
    const json metadata = body.metadata();
    return metadata.contains("architecture") ? json_string(metadata, "architecture") : "";
  });
}

void check_program_for(const Program& program, const isa::HwParams& hw,
                       const std::string& arch_name) {
  for (const isa::HwParamInfo& param : isa::kHwParams)
    if (program.hw.*param.member != hw.*param.member)
      throw Error(fmt::format("program '{}' was compiled for {} = {}, architecture '{}' has {}",
                              program.name, param.key, program.hw.*param.member, arch_name,
                              hw.*param.member));
}

}  // namespace systole::program
