// SPDX-License-Identifier: Apache-2.0
// Parts of the command line: --wave, atomic outputs, .npy, numbers for people.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "compiler/data/npy.h"
#include "model/base/error.h"
#include "sim/cli/output.h"
#include "sim/cli/run_files.h"
#include "sim/cli/wave_option.h"
#include "sim/numpy/npy_writer.h"
#include "sim/report/format.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// An empty directory for the life of the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory()
      : path_(fs::temp_directory_path() / ("cli_parts_" + std::to_string(getpid()))) {
    fs::remove_all(path_);
    fs::create_directory(path_);
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const fs::path& path() const { return path_; }
  size_t entries() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  const fs::path path_;
};

TEST_CASE("the option --wave takes none, one or two words and never the network's name") {
  CHECK(cli::join_wave_words({"run", "--wave", "net.onnx"}) ==
        Words{"run", "--wave=all", "net.onnx"});
  CHECK(cli::join_wave_words({"--wave", "10:20", "x"}) == Words{"--wave=10:20", "x"});
  CHECK(cli::join_wave_words({"--wave", "layer", "conv 1"}) == Words{"--wave=layer:conv 1"});
  CHECK(cli::join_wave_words({"--wave"}) == Words{"--wave=all"});
  CHECK(cli::join_wave_words({"--wave=5:6", "-o", "d"}) == Words{"--wave=5:6", "-o", "d"});
}

TEST_CASE("a wave window may leave out either end") {
  CHECK(cli::parse_wave("10:20").from == 10);
  CHECK(cli::parse_wave("10:20").to == 20);
  CHECK(cli::parse_wave(":20").from == 0);
  CHECK(cli::parse_wave("10:").to == ~Cycle{0});
  CHECK(cli::parse_wave("all").to == ~Cycle{0});
  CHECK(cli::parse_wave("layer:a:b").layer == "a:b");
  CHECK_THROWS_WITH(cli::parse_wave("20:10"),
                    "--wave 20:10: the window is empty, expected FROM < TO");
  CHECK_THROWS_WITH(cli::parse_wave("x"), "--wave x: expected FROM:TO in cycles, or layer NAME");
  CHECK_THROWS_WITH(cli::parse_wave("1:2:3"),
                    "--wave 1:2:3: expected FROM:TO in cycles, or layer NAME");
}

TEST_CASE("a directory of results appears when it is committed and not before") {
  const TemporaryDirectory place;
  const fs::path target = place.path() / "out";
  {
    cli::OutputDirectory output(target);
    output.write("a.txt", "a");
    CHECK_FALSE(fs::exists(target));
    output.commit();
    CHECK(fs::exists(target / "a.txt"));
  }
  CHECK(place.entries() == 1);
  {
    const cli::OutputDirectory abandoned(target);
    abandoned.write("b.txt", "b");
  }
  CHECK_FALSE(fs::exists(target / "b.txt"));
  CHECK(place.entries() == 1);
}

TEST_CASE("a run that is killed leaves nothing behind") {
  const TemporaryDirectory place;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const cli::OutputDirectory output(place.path() / "out");
    output.write("waves.fst", "half");
    (void)!write(ready[1], "r", 1);
    pause();
  }
  char byte;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  CHECK(place.entries() == 1);  // the temporary directory
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  for (int i = 0; i < 500 && place.entries() > 0; ++i)
    usleep(10'000);  // the guardian needs a moment
  CHECK(place.entries() == 0);
}

TEST_CASE("outputs that cannot be made are refused") {
  const TemporaryDirectory place;
  const std::string missing = (place.path() / "none" / "x").string();
  CHECK_THROWS_WITH(
      cli::check_creatable(missing),
      missing + ": cannot be written: there is no directory " + (place.path() / "none").string());
  CHECK_THROWS_WITH(cli::write_output(place.path(), "x"),
                    place.path().string() + ": cannot be written: is a directory");
  cli::write_output(place.path() / "x", "abc");
  CHECK(fs::file_size(place.path() / "x") == 3);
  CHECK(place.entries() == 1);
}

TEST_CASE("an .npy that is written reads back") {
  const TemporaryDirectory place;
  const std::vector<float> values = {0.5f, -1.0f, 3.0f, 4.0f, 5.0f, 6.25f};
  const std::string bytes = numpy::to_npy(values, {2, 3});
  cli::write_output(place.path() / "x.npy", bytes);
  const data::NpyArray array = data::read_npy(place.path() / "x.npy");
  CHECK(array.type == data::NpyArray::Type::kF32);
  CHECK(array.shape == std::vector<int64_t>{2, 3});
  for (int64_t i = 0; i < 6; ++i) CHECK(array.at(i) == values[static_cast<size_t>(i)]);
  CHECK((bytes.size() - 6 * sizeof(float)) % 64 == 0);  // data is aligned as the format asks
  CHECK((numpy::to_npy(std::vector<int8_t>{1}, {1}).size() - 1) % 64 == 0);
}

TEST_CASE("files are named after outputs: letters of any script stay, the rest does not") {
  const auto name = [](const std::string& tensor) { return cli::tensor_file_names({tensor})[0]; };
  CHECK(name("ausgang_gr\xc3\xb6\xc3\x9f"
             "e") ==
        "ausgang_gr\xc3\xb6\xc3\x9f"
        "e");
  CHECK(name("\xe5\x87\xba\xe5\x8a\x9b:0") == "\xe5\x87\xba\xe5\x8a\x9b_0");
  CHECK(name("../a/b.c") == "___a_b_c");
  CHECK(name("a\nb\x7f\xc2\x85") == "a_b__");  // control characters, one of them of two bytes
  CHECK(name("\xff\xc3") == "__");             // no UTF-8
  CHECK(name("\xe2\x80\xae"
             "x") == "_x");  // turns the direction of text
  CHECK(name("") == "output");
  std::string most;
  for (int i = 0; i < 100; ++i) most += "\xc3\xa4";
  CHECK(name(most + "\xc3\xa4") == most);  // cut between characters
  CHECK(name("a" + most) == "a" + most.substr(0, 198));
  CHECK(cli::tensor_file_names({"a/b", "a:b", "a_b-2", "a_b"}) ==
        std::vector<std::string>{"a_b", "a_b-2", "a_b-2-2", "a_b-3"});
}

TEST_CASE("numbers and names are printed for people") {
  CHECK(report::with_commas(0) == "0");
  CHECK(report::with_commas(999) == "999");
  CHECK(report::with_commas(1000) == "1,000");
  CHECK(report::with_commas(1234567) == "1,234,567");
  CHECK(report::bytes_text(1023) == "1023 B");
  CHECK(report::bytes_text(1536) == "1.5 KiB");
  CHECK(report::bytes_text(3 << 20) == "3.0 MiB");
  CHECK(report::printable("\xff\xc0\x80") == "\\xff\\xc0\\x80");  // no UTF-8
  CHECK(report::printable("\xe2\x80\xae") == "\\u202e");          // turns the direction of text
  CHECK(report::printable("\xe6\x97\xa5\xe6\x9c\xac") == "\xe6\x97\xa5\xe6\x9c\xac");
  CHECK(report::fit("\xe6\x97\xa5\xe6\x9c\xac", 4) ==
        "\xe6\x97\xa5\xe6\x9c\xac");  // two columns each
  CHECK(report::fit("\xe6\x97\xa5\xe6\x9c\xac", 3) == "\xe6\x97\xa5~");
  CHECK(report::printable("a\x1b[0m\n\xc3\xa9") == "a\\u001b[0m\\u000a\xc3\xa9");
  CHECK(report::fit("abcdef", 4) == "abc~");
  CHECK(report::fit("abcd", 4) == "abcd");
}

}  // namespace
}  // namespace systole
