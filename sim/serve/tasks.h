// SPDX-License-Identifier: Apache-2.0
// What a worker can be asked for (docs/serve.md): each task reads its fields and returns its
// result. All throw Error.
#pragma once

#include "sim/serve/state.h"

namespace systole::serve {

Json list_archs(Task& task);
Json load_arch(Task& task);
Json load_network(Task& task);
Json compile_program(Task& task);
Json quantise_network(Task& task);
Json run_program(Task& task);
Json predict(Task& task);
Json tell_layers(Task& task);
Json save_program(Task& task);
Json tell_cost(Task& task);
Json run_command(Task& task);

}  // namespace systole::serve
