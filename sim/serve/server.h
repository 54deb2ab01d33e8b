// SPDX-License-Identifier: Apache-2.0
// A resident worker: takes messages, answers each, until the stream ends (docs/serve.md).
#pragma once

#include "sim/serve/host.h"

namespace systole::serve {

/// Of the messages; a change that older clients do not understand raises it.
inline constexpr int kProtocol = 1;

/// Reads messages from `in` and writes answers to `out`; arrays lie in the file `arrays` (-1:
/// none). Ends the process as soon as nobody holds the other end of `in`, a pipe, whatever is under
/// way. Nothing in a message ends it: what is wrong is answered. Throws Error: the stream ends
/// within a message.
void serve(int in, int out, int arrays, const Host& host);

}  // namespace systole::serve
