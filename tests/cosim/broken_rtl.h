// SPDX-License-Identifier: Apache-2.0
// A bug planted in a copy of the RTL.
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace systole {

/// A copy of the RTL in which a piece of one file is another, for the builds of this process.
class BrokenRtl {
 public:
  BrokenRtl(const char* file, const std::string& right, const std::string& wrong)
      : folder_(std::filesystem::temp_directory_path() /
                ("systole-broken-" + std::to_string(getpid()))) {
    std::filesystem::copy(SYSTOLE_SOURCE_DIR "/rtl", folder_);
    std::ifstream in(folder_ / file);
    std::ostringstream text;
    text << in.rdbuf();
    std::string source = text.str();
    const size_t at = source.find(right);
    REQUIRE(at != std::string::npos);
    source.replace(at, right.size(), wrong);
    std::ofstream(folder_ / file) << source;
    setenv("SYSTOLE_RTL_DIR", folder_.c_str(), 1);
  }
  ~BrokenRtl() {
    unsetenv("SYSTOLE_RTL_DIR");
    std::filesystem::remove_all(folder_);
  }
  BrokenRtl(const BrokenRtl&) = delete;
  BrokenRtl& operator=(const BrokenRtl&) = delete;

 private:
  const std::filesystem::path folder_;
};

}  // namespace systole
