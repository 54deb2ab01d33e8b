// SPDX-License-Identifier: Apache-2.0
// Tasks "archs" and "arch": names of architectures, and one of them with all its keys.
#include "sim/energy/area.h"
#include "sim/report/json.h"
#include "sim/serve/tasks.h"
#include "sim/session/machine.h"

namespace systole::serve {

Json list_archs(Task& task) {
  task.fields.refuse_others();
  return {{"archs", arch::list_archs()}};
}

Json load_arch(Task& task) {
  Fields& fields = task.fields;
  const std::string name = fields.text("name");
  const std::string memory = fields.text("memory", "");
  const std::vector<std::string> set = fields.texts("set");
  const std::string table = fields.text("energy", energy::kDefaultEnergyTable);
  fields.refuse_others();
  auto arch = std::make_unique<arch::ArchConfig>(session::load_machine(name, memory, set));
  Json result = report::architecture_json(*arch);
  result["description"] = arch->description;
  result["yaml"] = arch::to_yaml(*arch);
  result["peak_bytes_per_cycle"] = arch::peak_bytes_per_cycle(*arch);
  result["area_mm2"] =
      energy::estimate_area(energy::load_energy_table(table), arch->hw).total_mm2();
  result["area_table"] = table;
  result["handle"] = task.state.archs.add(std::move(arch), task.state.last_handle);
  return result;
}

}  // namespace systole::serve
