// SPDX-License-Identifier: Apache-2.0
// The file: magic, checksum of the rest, then the members of the set in their order.
#include "sim/engine/snapshots.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string_view>

#include "model/base/checksum.h"
#include "model/base/error.h"
#include "sim/engine/state_bytes.h"

namespace systole::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "systole snapshots 1\n";

std::string_view as_text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<uint8_t> to_bytes(const SnapshotSet& set) {
  StateWriter out;
  size_t states = 0;
  for (const Snapshot& snapshot : set.snapshots) states += snapshot.state.size();
  out.reserve(states + set.pages.size() * sizeof(DramPage) + (states >> 4) + (1 << 20));
  out.value(set.reached);
  out.list(set.log.retired);
  out.list(set.log.dram);
  for (const auto& unit : set.log.causes) out.list(unit);
  out.list(set.pages);
  out.value(uint64_t{set.snapshots.size()});
  for (const Snapshot& snapshot : set.snapshots) {
    out.value(snapshot.cycle);
    out.value(snapshot.logs);
    out.value(snapshot.written);
    out.list(snapshot.state);
  }
  return out.take();
}

SnapshotSet from_bytes(std::span<const uint8_t> bytes) {
  StateReader in(bytes);
  SnapshotSet set;
  in.value(set.reached);
  in.list(set.log.retired);
  in.list(set.log.dram);
  for (auto& unit : set.log.causes) in.list(unit);
  in.list(set.pages);
  uint64_t count = 0;
  in.value(count);
  for (uint64_t i = 0; i < count; ++i) {
    Snapshot& snapshot = set.snapshots.emplace_back();
    in.value(snapshot.cycle);
    in.value(snapshot.logs);
    in.value(snapshot.written);
    in.list(snapshot.state);
  }
  return set;
}

bool write_whole(const fs::path& file, std::span<const uint8_t> body) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  const uint64_t sum = checksum_of(as_text(body));
  out.write(kMagic.data(), static_cast<std::streamsize>(kMagic.size()));
  out.write(reinterpret_cast<const char*>(&sum), sizeof sum);
  out.write(reinterpret_cast<const char*>(body.data()), static_cast<std::streamsize>(body.size()));
  out.close();
  return !out.fail();
}

std::optional<std::vector<uint8_t>> read_whole(const fs::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return std::nullopt;
  std::vector<uint8_t> bytes(static_cast<size_t>(in.tellg()));
  in.seekg(0);
  if (!in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
    return std::nullopt;
  return bytes;
}

template <class Item>
std::vector<Item> first(const std::vector<Item>& items, uint64_t count) {
  return {items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

const Snapshot* SnapshotSet::before(Cycle cycle) const {
  const auto after =
      std::upper_bound(snapshots.begin(), snapshots.end(), cycle,
                       [](Cycle c, const Snapshot& snapshot) { return c < snapshot.cycle; });
  return after == snapshots.begin() ? nullptr : &*std::prev(after);
}

core::RunLog log_at(const SnapshotSet& set, const Snapshot& snapshot) {
  core::RunLog log;
  log.retired = first(set.log.retired, snapshot.logs.retired);
  log.dram = first(set.log.dram, snapshot.logs.dram);
  for (size_t i = 0; i < log.causes.size(); ++i)
    log.causes[i] = first(set.log.causes[i], snapshot.logs.causes[i]);
  return log;
}

void restore_dram(const SnapshotSet& set, const Snapshot& snapshot, platform::DramImage& dram) {
  if (snapshot.written.to > dram.size()) dram.resize(snapshot.written.to);
  for (uint64_t i = 0; i < snapshot.logs.pages; ++i) {
    const DramPage& page = set.pages[i];
    const uint64_t addr = uint64_t{page.number} * kSnapshotPage;
    const uint64_t bytes = std::min<uint64_t>(kSnapshotPage, dram.size() - addr);
    std::copy_n(page.bytes.begin(), bytes, dram.begin() + static_cast<std::ptrdiff_t>(addr));
  }
}

bool write_snapshots(const fs::path& file, const SnapshotSet& set) {
  const fs::path part = fmt::format("{}.{}", file.string(), getpid());
  std::error_code error;
  if (write_whole(part, to_bytes(set))) {
    fs::rename(part, file, error);
    if (!error) return true;
  }
  fs::remove(part, error);
  return false;
}

std::optional<SnapshotSet> read_snapshots(const fs::path& file) {
  const auto bytes = read_whole(file);
  uint64_t sum = 0;
  const size_t head = kMagic.size() + sizeof sum;
  if (!bytes || bytes->size() < head) return std::nullopt;
  const std::span<const uint8_t> all(*bytes);
  std::memcpy(&sum, all.data() + kMagic.size(), sizeof sum);
  const auto body = all.subspan(head);
  if (as_text(all.first(kMagic.size())) != kMagic || checksum_of(as_text(body)) != sum)
    return std::nullopt;
  return from_bytes(body);
}

}  // namespace systole::engine
