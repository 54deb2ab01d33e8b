// SPDX-License-Identifier: Apache-2.0
// What the name of an output stands for: a file of its own, or something that is only written to.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace systole::cli {

/// Where the bytes for a name go once its links are followed.
struct Destination {
  enum class Kind {
    kFile,        ///< a regular file, or none yet: replaced as a whole
    kThrough,     ///< a device, a pipe: written to, never replaced
    kDescriptor,  ///< an open file of this process (/dev/stdout, /dev/fd/3): written to
  };
  Kind kind = Kind::kFile;
  std::filesystem::path path;  ///< kFile, kThrough: behind all links
  int descriptor = -1;         ///< kDescriptor
};

/// The directory that `path` is in: "." where it does not say.
std::filesystem::path parent_of(const std::filesystem::path& path);

/// Throws Error: a directory, a socket, a loop of links, a name that is too long.
Destination find_destination(const std::filesystem::path& target);

/// `target` of stage `index`, from 0, of a network of several: net.sysb becomes net-1.sysb.
std::filesystem::path of_stage(const std::filesystem::path& target, size_t index);

/// The directory that `target` names behind its links, or would be made as.
std::filesystem::path find_directory(const std::filesystem::path& target);

/// Throws Error if the file `target` cannot be written or made, before any work is done for it.
void check_creatable(const std::filesystem::path& target);
/// The same for a directory that files are put into.
void check_directory(const std::filesystem::path& target);

/// Writes all of `bytes` to a new or emptied `file`, or throws Error that names `named`.
void write_file(const std::filesystem::path& file, std::string_view bytes,
                const std::filesystem::path& named);

/// Writes all of `bytes` to what is no file of its own, or throws Error.
void write_through(const Destination& to, std::string_view bytes,
                   const std::filesystem::path& target);

/// Puts the finished file `from` where `target` says: in place of a regular file, whose permissions
/// stay, or through anything else. Throws Error.
void put_in_place(const std::filesystem::path& from, const std::filesystem::path& target);

}  // namespace systole::cli
