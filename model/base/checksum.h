// SPDX-License-Identifier: Apache-2.0
// A checksum of many bytes: finds damage, not malice.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace systole {

/// FNV-1a over 64-bit words, the last one filled up with zeros, dealt in turn to four sums, and
/// over those: one sum byte by byte would take as long as a simulation.
inline uint64_t checksum_of(std::string_view bytes) {
  constexpr size_t kSums = 4;
  constexpr uint64_t kStart = 0xcbf29ce484222325u, kPrime = 0x100000001b3u;
  std::array<uint64_t, kSums> sums;
  sums.fill(kStart);
  const auto add = [&](size_t at) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    uint64_t& sum = sums[at / sizeof word % kSums];
    sum = (sum ^ word) * kPrime;
  };
  constexpr size_t kStep = kSums * sizeof(uint64_t);
  size_t at = 0;
  for (; at + kStep <= bytes.size(); at += kStep)
    for (size_t i = 0; i < kSums; ++i) add(at + i * sizeof(uint64_t));
  for (; at < bytes.size(); at += sizeof(uint64_t)) add(at);
  uint64_t total = kStart;
  for (const uint64_t sum : sums) total = (total ^ sum) * kPrime;
  return total;
}

}  // namespace systole
