// SPDX-License-Identifier: Apache-2.0
// The recurrent cells, for operators that compute one on other operands.
#pragma once

#include "compiler/host/host_call.h"

namespace systole::host {

/// An LSTM. `rounds_states`: the hidden state is rounded to 8 bits at every step, over its own
/// range (com.microsoft's dynamic quantisation).
HostResults lstm_of(const HostCall& call, bool rounds_states);

/// Rounds to unsigned integers of 8 bits over the range of all values, as DynamicQuantizeLinear
/// does, and back.
void round_dynamically(float* values, size_t count);

}  // namespace systole::host
