// SPDX-License-Identifier: Apache-2.0
// Writes a text in pieces.
#include "sim/trace/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "model/base/error.h"
#include "sim/process/descriptor.h"

namespace systole::trace {
namespace {

[[noreturn]] void fail_to_write(const std::string& named) {
  throw Error(fmt::format("{}: cannot be written: {}", named, std::strerror(errno)));
}

}  // namespace

TextFile::TextFile(const std::filesystem::path& file, const std::filesystem::path& named)
    : named_(named.string()),
      descriptor_(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) fail_to_write(named_);
  if (named.extension() != ".gz") return;
  packed_ = gzdopen(descriptor_, "wb");
  if (packed_ == nullptr) fail_to_write(named_);
}

TextFile::~TextFile() {
  if (packed_ != nullptr)
    gzclose(packed_);
  else if (descriptor_ >= 0)
    ::close(descriptor_);
}

void TextFile::flush() {
  if (packed_ != nullptr) {
    if (!buffer_.empty() &&
        gzwrite(packed_, buffer_.data(), static_cast<unsigned>(buffer_.size())) == 0)
      fail_to_write(named_);
    buffer_.clear();
    return;
  }
  if (!process::write_all(descriptor_, buffer_.data(), buffer_.size())) fail_to_write(named_);
  buffer_.clear();
}

void TextFile::close() {
  flush();
  if (packed_ != nullptr) {
    const gzFile packed = packed_;
    packed_ = nullptr;
    descriptor_ = -1;
    if (gzclose(packed) != Z_OK) fail_to_write(named_);
    return;
  }
  // Some file systems tell only here that the disk is full.
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (::close(descriptor) != 0 && errno != EINTR) fail_to_write(named_);
}

}  // namespace systole::trace
