// SPDX-License-Identifier: Apache-2.0
// Instructions and programs as text, and back; the text is described in docs/assembler.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/isa/isa.h"
#include "model/program/program.h"

namespace systole::program {

/// Instructions from text, one a line. `file` names the text in errors ("file:line: ..."). Throws
/// Error naming the field and its legal range. Directives other than .word are refused.
std::vector<isa::Words> assemble(std::string_view text, const std::string& file);

/// Text that assembles to the same words. What no mnemonic can express becomes .word.
std::string disassemble(std::span<const isa::Words> code);
/// One instruction as one line, without its end.
std::string disassemble(const isa::Words& words);

/// A whole program from text with directives. `hw` are the hardware parameters where no .hw line
/// gives them.
Program assemble_program(std::string_view text, const std::string& file, const isa::HwParams& hw);

/// Text that assemble_program turns into the same program.
std::string disassemble_program(const Program& program);

}  // namespace systole::program
