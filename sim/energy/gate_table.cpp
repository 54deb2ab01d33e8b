// SPDX-License-Identifier: Apache-2.0
// Reads the table of gates.
#include "model/arch/config_directories.h"
#include "model/arch/figure_reader.h"
#include "sim/energy/gates.h"
#include "sim/energy/table_file.h"

namespace systole::energy {
namespace {

constexpr const char* kGatesFolder = "gates";
constexpr int kGatesDepth = 3;  // element.bits8.value

struct GateFigure {
  const char* key;
  double* value;
};

std::vector<GateFigure> gate_figures(GateTable& t) {
  const auto reference = [&t](GateKind kind) { return &t.reference[static_cast<size_t>(kind)]; };
  return {{"reference.bits8", reference(GateKind::kMac8)},
          {"reference.bits4", reference(GateKind::kMac4)},
          {"reference.bits2", reference(GateKind::kMac2)},
          {"reference.bits1", reference(GateKind::kMac1)},
          {"reference.register_bit", reference(GateKind::kRegister)},
          {"reference.int_add", reference(GateKind::kIntAdd)},
          {"reference.fp_add", reference(GateKind::kFpAdd)},
          {"reference.fp_multiply", reference(GateKind::kFpMultiply)},
          {"bit.register", &t.register_bit},
          {"bit.multiplexer", &t.multiplexer},
          {"bit.shift", &t.shift_bit},
          {"element.bits8", &t.element.bits8},
          {"element.bits4", &t.element.bits4},
          {"element.bits2", &t.element.bits2},
          {"element.bits1", &t.element.bits1},
          {"element.structured", &t.element.structured},
          {"element.structured_narrow", &t.element.structured_narrow},
          {"matrix_unit.fixed", &t.matrix_unit.fixed},
          {"matrix_unit.row", &t.matrix_unit.row},
          {"matrix_unit.row_structured", &t.matrix_unit.row_structured},
          {"matrix_unit.byte_narrow", &t.matrix_unit.byte_narrow},
          {"accumulators.column", &t.accumulator_column},
          {"unified_buffer.bank", &t.unified_buffer.bank},
          {"unified_buffer.bank_byte", &t.unified_buffer.bank_byte},
          {"weight_ring.fixed", &t.ring_fixed},
          {"vector_unit.fixed", &t.vector_fixed},
          {"lane.multiply", &t.lane.multiply},
          {"lane.add", &t.lane.add},
          {"lane.integer", &t.lane.integer},
          {"lane.other", &t.lane.other},
          {"lane.narrow", &t.lane.narrow},
          {"lane.table", &t.lane.table},
          {"load.fixed", &t.load.fixed},
          {"load.byte", &t.load.byte},
          {"weights.fixed", &t.weights.fixed},
          {"weights.column", &t.weights.column},
          {"weights.bits4", &t.weights.bits4},
          {"weights.bits2", &t.weights.bits2},
          {"weights.bits1", &t.weights.bits1},
          {"weights.codebook", &t.weights.codebook},
          {"weights.mask", &t.weights.mask},
          {"weights.rank", &t.weights.rank},
          {"weights.structured", &t.weights.structured},
          {"store.fixed", &t.store.fixed},
          {"store.shift_bit", &t.store.shift_bit},
          {"fetch.fixed", &t.fetch_fixed},
          {"bus.byte", &t.bus.byte},
          {"bus.slot", &t.bus.slot},
          {"issue.fixed", &t.issue_fixed},
          {"issue.lock", &t.lock},
          {"control.fixed", &t.control},
          {"registers.fixed", &t.registers.fixed},
          {"registers.row", &t.registers.row},
          {"registers.column", &t.registers.column},
          {"registers.word_byte", &t.registers.word_byte},
          {"registers.axi_byte", &t.registers.axi_byte}};
}

}  // namespace

std::filesystem::path find_gate_table(const std::string& name_or_path) {
  return arch::find_config(kGatesFolder, name_or_path, "table of gates");
}

GateTable load_gate_table(const std::string& name_or_path) {
  const std::filesystem::path file = find_gate_table(name_or_path);
  arch::FigureReader reader(arch::read_yaml_keys(file, kGatesDepth), file.string(),
                            "a table of gates");
  GateTable table;
  reader.find("description");
  for (const GateFigure& figure : gate_figures(table))
    *figure.value = reader.figure(figure.key).value;
  table.reference[static_cast<size_t>(GateKind::kOther)] = 1;
  reader.finish();
  return table;
}

}  // namespace systole::energy
