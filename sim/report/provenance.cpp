// SPDX-License-Identifier: Apache-2.0
// Reads the process's own command line and hashes the network's file.
#include "sim/report/provenance.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "sim/report/format.h"

namespace systole::report {
namespace {

/// The words of the command line, the program's name left out.
std::vector<std::string> own_arguments() {
  std::ifstream stream("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(stream, word, '\0');) words.push_back(printable(word));
  if (!words.empty()) words.erase(words.begin());
  return words;
}

class Sha256 {
 public:
  Sha256() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string digits() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned bytes = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &bytes);
    std::string text;
    for (unsigned i = 0; i < bytes; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(),
                                                                         EVP_MD_CTX_free};
};

}  // namespace

std::string sha256_of_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error(file.string() + ": cannot be read");
  Sha256 sha256;
  std::vector<char> buffer(1 << 20);
  while (stream) {
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    sha256.add({buffer.data(), static_cast<size_t>(stream.gcount())});
  }
  return sha256.digits();
}

std::string sha256_of(std::string_view text) {
  Sha256 sha256;
  sha256.add(text);
  return sha256.digits();
}

nlohmann::ordered_json provenance_json(const std::filesystem::path& network, const Report& report) {
  std::vector<std::string> options = own_arguments();
  std::string command;
  if (!options.empty()) {
    command = options.front();
    options.erase(options.begin());
  }
  return {{"version", SYSTOLE_VERSION},
          {"command", command},
          {"options", options},
          {"network", {{"file", printable(network.string())}, {"sha256", sha256_of_file(network)}}},
          {"date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
          {"simulation_seconds", report.host_seconds},
          {"simulation_cpu_seconds", report.cpu_seconds}};
}

}  // namespace systole::report
