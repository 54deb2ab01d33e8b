// SPDX-License-Identifier: Apache-2.0
// Program files come back as they were saved; damaged ones are refused with the reason.
#include "model/program/program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <iterator>

#include "model/base/error.h"
#include "model/base/seeded_random.h"
#include "model/golden/random_program.h"
#include "model/program/assembler.h"
#include "model/program/program_file.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

// A file in the temporary directory that goes away with its test.
class TemporaryFile {
 public:
  TemporaryFile()
      : path_(fs::temp_directory_path() / fmt::format("systole-program-test-{}.sysb", getpid())) {}
  ~TemporaryFile() { fs::remove(path_); }
  const fs::path& path() const { return path_; }
  std::string read() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  /// The reason why the file is refused, without its name.
  std::string refusal() const {
    try {
      program::Program::load(path_);
    } catch (const Error& error) {
      const std::string text = error.what(), prefix = path_.string() + ": ";
      return text.starts_with(prefix) ? text.substr(prefix.size()) : "unnamed: " + text;
    }
    return "loaded";
  }

 private:
  fs::path path_;
};

void poke(std::string& bytes, size_t at, auto value) {
  std::memcpy(&bytes[at], &value, sizeof value);
}

// Four FNV-1a sums over words in turn, and one over the sums.
void fix_checksum(std::string& bytes) {
  const auto fnv1a = [](uint64_t& hash, uint64_t word) { hash = (hash ^ word) * 0x100000001b3u; };
  uint64_t sums[4], total = 0xcbf29ce484222325u;
  for (uint64_t& sum : sums) sum = total;
  for (size_t i = 32; i < bytes.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, &bytes[i], std::min<size_t>(8, bytes.size() - i));
    fnv1a(sums[(i - 32) / 8 % 4], word);
  }
  for (const uint64_t sum : sums) fnv1a(total, sum);
  poke(bytes, 24, total);
}

program::Program example() {
  program::Program program = golden::random_program(isa::HwParams{}, 5);
  program.outputs.push_back({"out", program.segments[1].addr, {1, 2, 2, 3}, {1, 3, 2, 2}, 0.3f, 4});
  program.outputs.back().order = {{2, 6}, {2, 1}, {3, 2}};
  program.layers.push_back({7, "c\xc3\xb6nv", "conv 3x3/1", 1, 2, 3, 4, 5, 6, 7});
  return program;
}

}  // namespace

TEST_CASE("a program file comes back as it was saved") {
  const TemporaryFile file;
  const program::Program program = example();
  program.save(file.path());
  const program::Program loaded = program::Program::load(file.path());
  CHECK(program::disassemble_program(loaded) == program::disassemble_program(program));
  CHECK(loaded.outputs[0].scale == 0.3f);
  CHECK(loaded.outputs[0].order == program.outputs[0].order);
  CHECK(fs::exists(file.path()));
}

TEST_CASE("a program file tells the architecture that it was written with, or none") {
  const TemporaryFile file;
  program::save_program(example(), file.path(), "name: \"tiny\"\n");
  CHECK(program::architecture_of(file.path()) == "name: \"tiny\"\n");
  CHECK(program::disassemble_program(program::Program::load(file.path())) ==
        program::disassemble_program(example()));
  example().save(file.path());
  CHECK(program::architecture_of(file.path()).empty());
  file.write("SYSC");
  CHECK_THROWS_WITH(program::architecture_of(file.path()), Catch::EndsWith("are not 'SYSB')"));
}

TEST_CASE("damaged program files are refused with the reason") {
  const TemporaryFile file;
  example().save(file.path());
  const std::string good = file.read();

  file.write("");
  CHECK(file.refusal() == "not a systole program (its first bytes are not 'SYSB')");
  file.write("SYSC" + good.substr(4));
  CHECK(file.refusal() == "not a systole program (its first bytes are not 'SYSB')");
  file.write(good.substr(0, 20));
  CHECK(file.refusal() == "truncated: the header has 20 of 32 bytes");
  file.write(good.substr(0, good.size() - 1));
  CHECK(file.refusal() == fmt::format("truncated: {} bytes follow the header, expected {}",
                                      good.size() - 33, good.size() - 32));
  file.write(good + "x");
  CHECK(file.refusal() ==
        fmt::format("{} bytes follow the header, expected {}", good.size() - 31, good.size() - 32));

  std::string bad = good;
  poke(bad, 4, uint32_t{9});
  file.write(bad);
  CHECK(file.refusal() == "format version 9, expected 3; compile the network again");
  bad = good;
  poke(bad, 8, uint32_t{isa::kVersion + 1});
  file.write(bad);
  CHECK(file.refusal() ==
        fmt::format("instruction set version {}, expected {}; compile the network again",
                    isa::kVersion + 1, isa::kVersion));
  bad = good;
  bad.back() = static_cast<char>(bad.back() ^ 1);
  file.write(bad);
  CHECK(file.refusal().starts_with("corrupted: checksum "));
  fs::remove(file.path());
  CHECK(file.refusal() == "no such program file");
}

TEST_CASE("program files with a right checksum and wrong contents are refused") {
  const TemporaryFile file;
  example().save(file.path());
  const std::string good = file.read();
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string bytes = good;
    const size_t at = bytes.find(from);
    REQUIRE(at != std::string::npos);
    REQUIRE(from.size() == to.size());
    bytes.replace(at, from.size(), to);
    fix_checksum(bytes);
    file.write(bytes);
    return file.refusal();
  };
  CHECK(replaced("\"array.rows\":16", "\"array.rows\":99") ==
        "loaded");  // no longer what was meant,
  // but whole: check_program_for is there to tell
  CHECK(replaced("\"array.rows\":16", "\"array.rows\":-1") ==
        "key 'array.rows': -1 is not an integer in 1..256");
  CHECK(replaced("\"ub.banks\":4", "\"ub.banks\":3") ==
        "ub.banks: 3 is not a power of two in 1..16");
  CHECK(replaced("\"batch\"", "\"botch\"") == "key 'batch' is missing");
  CHECK(replaced("\"batch\":1", "\"batch\":x").starts_with("metadata: "));
  CHECK(replaced("\"shape\":[1,2,2,3]", "\"shape\":[1,2,2,-]").starts_with("metadata: "));
  CHECK(replaced("\"shape\":[1,2,2,3]", "\"shape\":[1,2,0,3]") ==
        "key 'shape': 0 is not a size in 1..2^32");
  CHECK(replaced("\"order\":[[2,6]", "\"order\":[[2,9]") ==
        "key 'order': [[2,9],[2,1],[3,2]] are no loops over the 12 elements of an item");
  CHECK(replaced("\"order\":[[2,6]", "\"order\":[[9,6]") ==
        "key 'order': [[9,6],[2,1],[3,2]] are no loops over the 12 elements of an item");
  CHECK(replaced("\"bytes\":", "\"bytos\":") == "key 'bytes' is missing");
}

TEST_CASE("random damage never crashes the reader") {
  const TemporaryFile file;
  example().save(file.path());
  const std::string good = file.read();
  SeededRandom random(77);
  INFO("seed 77");
  for (int i = 0; i < 300; ++i) {
    std::string bytes = good;
    for (int64_t k = random.range(1, 4); k > 0; --k)
      bytes[random.below(std::min<int64_t>(static_cast<int64_t>(bytes.size()), 2000))] =
          static_cast<char>(random.next());
    if (random.chance(70)) fix_checksum(bytes);
    file.write(bytes);
    file.refusal();
  }
}

TEST_CASE("an unwritable program file is refused and leaves nothing") {
  const program::Program program = example();
  CHECK_THROWS_WITH(program.save("/nonexistent-directory/p.sysb"),
                    "/nonexistent-directory/p.sysb: cannot write the program file");
}

TEST_CASE("a program for other hardware is refused by the parameter's name") {
  const program::Program program = example();
  isa::HwParams hw;
  CHECK_NOTHROW(program::check_program_for(program, hw, "edge-16x16"));
  hw.cols = 8;
  CHECK_THROWS_WITH(
      program::check_program_for(program, hw, "small"),
      "program 'random-5' was compiled for array.cols = 16, architecture 'small' has 8");
}

}  // namespace systole
