// SPDX-License-Identifier: Apache-2.0
// Task "layers": which layer of a program loses what float32 had.
#include "compiler/fidelity/layers.h"

#include "sim/report/fidelity.h"
#include "sim/serve/arrays.h"
#include "sim/serve/tasks.h"
#include "sim/session/prepared.h"

namespace systole::serve {
namespace {

/// Of as many items as there are; none where the message has none.
std::vector<int> take_labels(Task& task, size_t items) {
  if (!task.fields.has("labels")) return {};
  const Json& json = task.fields.value("labels");
  std::vector<int> labels;
  if (json.is_array())
    for (const Json& label : json)
      if (label.is_number_integer() && label >= 0 && label <= 1000000)
        labels.push_back(label.get<int>());
  if (!json.is_array() || labels.size() != json.size() || labels.size() != items)
    throw Error(fmt::format("labels: expected {} whole numbers in 0..1000000", items));
  return labels;
}

/// Quantised for one item at a time, beside its form in float32; made once.
const Compared& compared(Compiled& compiled, const session::Watcher& watch) {
  if (compiled.compared) return *compiled.compared;
  session::NetworkRequest request = compiled.request;
  const bool as_it_is = request.batch == 1 && request.repeat == 1 && !request.timing_only;
  request.batch = request.repeat = 1;
  request.timing_only = false;
  Compared made{session::load_prepared(request, compiled.arch), compiled.network.plan};
  if (!as_it_is) made.plan = session::compile_network(request, compiled.arch, false, watch).plan;
  compiled.compared = std::make_unique<Compared>(std::move(made));
  return *compiled.compared;
}

}  // namespace

Json tell_layers(Task& task) {
  Compiled& compiled = task.find(task.state.programs, "program");
  if (compiled.request.is_program())
    throw Error("layers: a program file has no quantised network, expected an ONNX file");
  data::Dataset data = take_items(task, "inputs", inputs_of(compiled.network.plan));
  data.labels = take_labels(task, data.items.size());
  task.fields.refuse_others();
  const Compared& network = compared(compiled, task.watch);
  if (network.plan.states_own_integers())
    throw Error(
        "layers: the network states its own integers, there is no float32 to compare its layers "
        "with");
  const fidelity::NetworkFidelity told =
      fidelity::compare_layers(network.real, network.plan, data, [&](size_t done) {
        if (task.watch) task.watch({"layers", "items", done, data.items.size()});
      });
  return {{"layers", report::fidelity_json(told)}};
}

}  // namespace systole::serve
