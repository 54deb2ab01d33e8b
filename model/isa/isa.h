// SPDX-License-Identifier: Apache-2.0
// The instruction set: what isa.toml declares, in C++.
#pragma once

#include "model/isa/hw_params.h"
#include "model/isa/instruction_info.h"
#include "model/isa/instructions.h"
#include "model/isa/names.h"
