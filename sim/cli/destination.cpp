// SPDX-License-Identifier: Apache-2.0
// Follows links by hand: those of /proc lead to open files, which have no name to be replaced by.
#include "sim/cli/destination.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <vector>

#include "model/base/error.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  ///< as many as Linux follows

[[noreturn]] void fail(const fs::path& target, std::string_view reason) {
  throw Error(fmt::format("{}: cannot be written: {}", target.string(), reason));
}
[[noreturn]] void fail(const fs::path& target, int reason) {
  fail(target, std::string_view(std::strerror(reason)));
}

bool in_proc(const fs::path& link) {
  struct statfs info = {};
  return statfs(parent_of(link).c_str(), &info) == 0 && info.f_type == PROC_SUPER_MAGIC;
}

/// The number of an open file of this process that the link in /proc stands for.
std::optional<int> descriptor_of(const fs::path& link) {
  std::error_code error;
  const fs::path own = fs::path("/proc") / std::to_string(getpid()) / "fd";
  if (fs::canonical(parent_of(link), error) != own || error) return std::nullopt;
  const std::string name = link.filename().string();
  int number = -1;
  const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (wrong != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

/// An open file that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close_now(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }
  /// Some file systems tell only here that the disk is full.
  bool close_now() {
    const int number = number_;
    number_ = -1;
    return number < 0 || close(number) == 0 || errno == EINTR;
  }

 private:
  int number_;
};

/// False with errno set.
bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = write(descriptor, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return true;
}

void write_to(Descriptor& to, std::string_view bytes, const fs::path& named) {
  if (!to.valid() || !write_all(to.get(), bytes) || !to.close_now()) fail(named, errno);
}

/// Copies the file `from` to `to`; false with errno set.
bool copy_all(const fs::path& from, Descriptor& to) {
  const Descriptor source(open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source.valid() || !to.valid()) return false;
  std::vector<char> buffer(size_t{1} << 20);
  while (true) {
    const ssize_t size = read(source.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    if (size == 0) return to.close_now();
    if (!write_all(to.get(), {buffer.data(), static_cast<size_t>(size)})) return false;
  }
}

Descriptor open_through(const Destination& to) {
  std::fflush(nullptr);  // what was printed to the same file comes first
  return Descriptor(to.kind == Destination::Kind::kDescriptor
                        ? fcntl(to.descriptor, F_DUPFD_CLOEXEC, 3)
                        : open(to.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
}

/// In another file system: a copy beside `to`, then its name.
void move_across(const fs::path& from, const fs::path& to, const fs::path& target) {
  const fs::path beside = parent_of(to) / fmt::format(".systole.{}.part", getpid());
  Descriptor copy(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  const bool good = copy_all(from, copy) && rename(beside.c_str(), to.c_str()) == 0;
  const int reason = errno;
  if (!good) unlink(beside.c_str());
  if (!good) fail(target, reason);
}

void check_place(const fs::path& directory, const fs::path& target) {
  std::error_code error;
  if (!fs::exists(directory, error))
    fail(target, fmt::format("there is no directory {}", directory.string()));
  if (!fs::is_directory(directory, error))
    fail(target, fmt::format("{} is a file, expected a directory", directory.string()));
  if (access(directory.c_str(), W_OK | X_OK) != 0) fail(target, errno);
}

fs::path without_trailing_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

fs::path parent_of(const fs::path& path) {
  const fs::path parent = path.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

Destination find_destination(const fs::path& target) {
  fs::path path = target;
  for (int links = 0; links <= kMostLinks; ++links) {
    struct stat info = {};
    if (lstat(path.c_str(), &info) != 0) {
      if (errno != ENOENT || in_proc(path)) fail(target, errno);
      return {Destination::Kind::kFile, path, -1};
    }
    if (S_ISDIR(info.st_mode)) fail(target, "is a directory");
    if (S_ISSOCK(info.st_mode)) fail(target, "is a socket");
    if (S_ISREG(info.st_mode)) return {Destination::Kind::kFile, path, -1};
    if (!S_ISLNK(info.st_mode)) return {Destination::Kind::kThrough, path, -1};
    if (in_proc(path)) {
      if (const auto number = descriptor_of(path))
        return {Destination::Kind::kDescriptor, path, *number};
      // "self" and its like are links as others are; that of another process's file is a door.
      if (stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode))
        return {Destination::Kind::kThrough, path, -1};
    }
    std::error_code error;
    const fs::path next = fs::read_symlink(path, error);
    if (error) fail(target, error.message());
    path = next.is_absolute() ? next : path.parent_path() / next;
  }
  fail(target, ELOOP);
}

std::filesystem::path of_stage(const std::filesystem::path& target, size_t index) {
  return target.parent_path() /
         fmt::format("{}-{}{}", target.stem().string(), index + 1, target.extension().string());
}

fs::path find_directory(const fs::path& target) {
  fs::path path = without_trailing_slash(target);
  std::error_code error;
  for (int links = 0; links <= kMostLinks; ++links) {
    if (!fs::is_symlink(path, error)) return path;
    const fs::path next = fs::read_symlink(path, error);
    path = next.is_absolute() ? next : path.parent_path() / next;
  }
  fail(target, ELOOP);
}

void check_creatable(const fs::path& target) {
  if (!target.has_filename()) fail(target, "expected the name of a file");
  const Destination to = find_destination(target);
  switch (to.kind) {
    case Destination::Kind::kDescriptor: {
      const int flags = fcntl(to.descriptor, F_GETFL);
      if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) fail(target, "is not open for writing");
      return;
    }
    case Destination::Kind::kFile: {
      check_place(parent_of(to.path), target);
      std::error_code error;
      if (!fs::exists(to.path, error)) return;
      [[fallthrough]];
    }
    case Destination::Kind::kThrough:
      if (access(to.path.c_str(), W_OK) != 0) fail(target, errno);
  }
}

void check_directory(const fs::path& target) {
  const fs::path place = find_directory(target);
  struct stat info = {};
  if (lstat(place.c_str(), &info) != 0) {
    if (errno == ENAMETOOLONG) fail(target, errno);
    return check_place(parent_of(place), target);
  }
  if (!S_ISDIR(info.st_mode)) fail(target, "is a file, expected a directory");
  check_place(place, target);
}

void write_file(const fs::path& file, std::string_view bytes, const fs::path& named) {
  Descriptor to(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  write_to(to, bytes, named);
}

void write_through(const Destination& to, std::string_view bytes, const fs::path& target) {
  Descriptor through = open_through(to);
  write_to(through, bytes, target);
}

void put_in_place(const fs::path& from, const fs::path& target) {
  const Destination to = find_destination(target);
  if (to.kind != Destination::Kind::kFile) {
    Descriptor through = open_through(to);
    if (!copy_all(from, through)) fail(target, errno);
    return;
  }
  struct stat before = {};
  if (stat(to.path.c_str(), &before) == 0 && chmod(from.c_str(), before.st_mode & 0777) == 0 &&
      before.st_uid != geteuid() && chown(from.c_str(), before.st_uid, before.st_gid) != 0)
    errno = 0;  // not this user's to give away: the new file is his own
  if (rename(from.c_str(), to.path.c_str()) == 0) return;
  if (errno != EXDEV) fail(target, errno);
  move_across(from, to.path, target);
}

}  // namespace systole::cli
