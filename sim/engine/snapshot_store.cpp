// SPDX-License-Identifier: Apache-2.0
// Names LIBRARY.HASH.snap, and removes the oldest of them.
#include "sim/engine/snapshot_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/arch/arch_text.h"
#include "model/base/checksum.h"

namespace systole::engine {

namespace fs = std::filesystem;

fs::path snapshot_file(const fs::path& library, const arch::ArchConfig& arch,
                       const program::Program& program, const platform::DramImage& dram,
                       uint64_t reset_seed) {
  const uint64_t image = checksum_of({reinterpret_cast<const char*>(dram.data()), dram.size()});
  const std::string all = fmt::format("{} {} {} {} {} {}", image, dram.size(), program.code_addr,
                                      program.code.size(), reset_seed, arch::to_stored_yaml(arch));
  return library.parent_path() /
         fmt::format("{}.{:016x}.snap", library.stem().string(), checksum_of(all));
}

SnapshotPlan snapshot_plan(const program::Program& program, Cycle interval) {
  SnapshotPlan plan;
  if (interval > 0) {
    plan.interval = plan.least_interval = interval;
    plan.share = 1;
    return plan;
  }
  std::set<uint16_t> seen;
  for (size_t pc = 0; pc < program.code.size(); ++pc)
    if (seen.insert(isa::Header::decode(program.code[pc]).tag).second)
      plan.borders.push_back(program.code_addr +
                             static_cast<uint32_t>(pc) * isa::kInstructionBytes);
  return plan;
}

void limit_snapshots(const fs::path& directory, const fs::path& kept, uint64_t most_bytes) {
  struct File {
    fs::file_time_type used;
    uint64_t bytes;
    fs::path path;
  };
  std::vector<File> files;
  std::error_code error;
  uint64_t sum = 0;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() != ".snap") continue;
    const File file{entry.last_write_time(error), entry.file_size(error), entry.path()};
    if (error) continue;  // another process has removed it
    sum += file.bytes;
    if (file.path != kept) files.push_back(file);
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.used < b.used; });
  for (const File& file : files) {
    if (sum <= most_bytes) return;
    if (fs::remove(file.path, error)) sum -= file.bytes;
  }
}

}  // namespace systole::engine
