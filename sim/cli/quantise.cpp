// SPDX-License-Identifier: Apache-2.0
// systole quantise: what will run as an ONNX file, for other tools and for fine-tuning.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/cli/streams.h"
#include "sim/report/format.h"
#include "sim/session/written.h"

namespace systole::cli {
namespace {

struct QuantiseCommand {
  CompileOptions compile;
  ArchOptions arch;
  std::string output, masks;
  int64_t opset = session::kNewestWrittenOpset;
};

void quantise(QuantiseCommand options) {
  if (options.compile.is_program())
    throw Error(options.compile.network.string() + ": is compiled already, expected an ONNX file");
  if (options.output == "-" && options.compile.dump_ir)
    throw Error("-o -: standard output cannot also take --dump-ir");
  const arch::ArchConfig arch = options.arch.load(options.compile.choices);
  std::optional<OutputFile> output, masks;  // both of them are there, or none
  if (options.output != "-") output.emplace(options.output);
  if (!options.masks.empty()) masks.emplace(options.masks);
  ShownProgress shown;
  const session::WrittenNetwork written = session::write_quantised(
      options.compile, arch, options.opset, options.compile.dump_ir, shown.watcher());
  shown.wipe();
  if (options.compile.dump_ir) print_out(written.ir);
  if (masks) masks->write(session::masks_npz(written.file));
  if (output)
    output->write(written.file.onnx);
  else
    write_output("-", written.file.onnx);
  if (masks) masks->commit();
  if (output) output->commit();
  print_warnings(written.warnings);
  if (!output) return;
  print_out("{}: {} layers with weights, {} in all, opset {}, for {}\n", options.output,
            written.file.masks.size(), written.file.layers, written.file.opset,
            report::printable(arch.name));
}

}  // namespace

void add_quantise_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand(
      "quantise", "Write a network as it will run: pruned and quantised, as ONNX");
  auto options = std::make_shared<QuantiseCommand>();
  options->compile.add_to(*command, "Network to quantise (.onnx)");
  command->remove_option(command->get_option("--repeat"));
  options->compile.add_data_to(*command, "Data to take the int8 ranges from, without --calib");
  options->arch.add_to(*command);
  command
      ->add_option("-o,--output", options->output,
                   "The network that is written; -: to standard output")
      ->type_name("-|FILE.onnx")
      ->required();
  command
      ->add_option("--masks", options->masks,
                   "Write which weights pruning has left, and the range of each tensor")
      ->type_name("FILE.npz");
  command
      ->add_option("--opset", options->opset,
                   "Newest opset to write; integers of 4 bits are QONNX's before 21")
      ->check(CLI::Range(session::kOldestWrittenOpset, session::kNewestWrittenOpset))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  systole quantise net.onnx --calib calib.yaml -o q.onnx\n"
      "  systole quantise net.onnx --calib calib.yaml --prune nm:2:4 -o q.onnx --masks m.npz\n"
      "  systole run q.onnx");
  command->callback([options] { quantise(*options); });
}

}  // namespace systole::cli
