// SPDX-License-Identifier: Apache-2.0
// Which instruction gave the tokens that another one took.
#pragma once

#include <cstdint>
#include <vector>

#include "model/program/program.h"

namespace systole::trace {

/// `consumer` waited for the token that `producer` gave at its end.
struct Token {
  uint32_t producer = 0, consumer = 0;  ///< program counters
};

/// All tokens that the first `count` instructions take, in the order of their consumers. A
/// semaphore has one giver and one taker, both in order: the taker's n-th wait takes the giver's
/// n-th signal. Waits for what no instruction of them gives are left out.
std::vector<Token> tokens_taken(const program::Program& program, size_t count);

}  // namespace systole::trace
