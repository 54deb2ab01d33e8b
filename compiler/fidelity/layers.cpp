// SPDX-License-Identifier: Apache-2.0
// Runs each item in float32, quantised, and with one layer quantised at a time.
#include "compiler/fidelity/layers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "compiler/exec/float_node.h"
#include "compiler/fidelity/tensor_values.h"
#include "compiler/pipeline/float_run.h"
#include "compiler/pipeline/plan_executor.h"
#include "compiler/quant/tensor_io.h"
#include "model/base/error.h"
#include "model/isa/element_type.h"

namespace systole::fidelity {

namespace {

using Values = std::vector<exec::Tensor>;

constexpr int kNone = -1;

/// Index of the first of the greatest.
int64_t named_class(const std::vector<float>& output) {
  return std::max_element(output.begin(), output.end()) - output.begin();
}

/// What is summed up of a layer over the items.
struct Record {
  LayerFidelity layer;
  std::vector<Likeness> channels;  ///< of its result, alone
  uint64_t elements = 0, saturated = 0;
  double least = INFINITY, greatest = -INFINITY;  ///< codes that float32 reaches
};

/// A stage of the accelerator in both forms.
struct Stage {
  const exec::FloatExecutor* real = nullptr;
  const graph::QGraph* graph = nullptr;
  std::vector<graph::ValueId> value_of;  ///< by tensor; kNoValue: it has no form in float32
  std::vector<int> node_of;              ///< by tensor: what makes it; kNone: nothing
  std::vector<int> record_of;            ///< by tensor; kNone: nothing is told of it
  Values values;                         ///< of the item under way
};

class Comparison {
 public:
  Comparison(const pipeline::FloatPlan& network, const pipeline::NetworkPlan& plan)
      : network_(network), plan_(plan), executor_(plan), stages_(plan.stages.size()) {
    for (size_t s = 0; s < plan.stages.size(); ++s)
      if (plan.stages[s].device) match(s);
    if (records_.empty()) throw Error("layers: none runs on the accelerator");
  }

  /// `label`: negative: it has none.
  void take(data::Item item, int64_t label) {
    const data::Dataset one{{std::move(item)}, {}};
    run_float(pipeline::host_items(network_.inputs, one).at(0));
    run_quantised(one, label);
    for (size_t s = 0; s < stages_.size(); ++s)
      if (stages_[s].graph != nullptr) run_alone(s, label);
    right_float_ += static_cast<size_t>(named_class(reference_) == label);
    ++items_;
  }

  NetworkFidelity finish(bool has_labels) {
    NetworkFidelity result;
    result.items = items_;
    result.has_labels = has_labels;
    result.right_float = right_float_;
    result.right = right_;
    result.output = output_;
    for (Record& record : records_) result.layers.push_back(finished(record));
    std::stable_sort(result.layers.begin(), result.layers.end(), does_more_damage);
    return result;
  }

 private:
  /// Finds the float form of each tensor of stage `s`, by its name.
  void match(size_t s) {
    Stage& stage = stages_[s];
    stage.real = network_.stages[s].device.get();
    stage.graph = plan_.stages[s].device.get();
    const graph::Graph& real = stage.real->graph();
    std::map<std::string, std::pair<graph::ValueId, int>> made;  // by name: value and node
    for (const graph::ValueId in : real.inputs)
      made[real.values[static_cast<size_t>(in)].name] = {in, kNone};
    for (size_t n = 0; n < real.nodes.size(); ++n) {
      const graph::ValueId out = real.nodes[n].output;
      made[real.values[static_cast<size_t>(out)].name] = {out, static_cast<int>(n)};
    }
    for (const graph::QTensor& tensor : stage.graph->tensors) {
      const auto found = made.find(tensor.name);
      const bool known = found != made.end();
      stage.value_of.push_back(known ? found->second.first : graph::kNoValue);
      stage.node_of.push_back(known ? found->second.second : kNone);
      stage.record_of.push_back(kNone);
    }
    for (const graph::TensorId in : stage.graph->inputs) {
      const graph::QTensor& tensor = stage.graph->tensors[static_cast<size_t>(in)];
      add_record(stage, in, tensor.name, "input", 0);
    }
    for (const graph::QOp& op : stage.graph->ops)
      add_record(stage, op.out(), op.name, op.kind,
                 op.is<graph::QConv>() ? op.conv().weight_type.bits() : 0);
  }

  void add_record(Stage& stage, graph::TensorId id, const std::string& name,
                  const std::string& kind, int weight_bits) {
    const auto t = static_cast<size_t>(id);
    if (stage.value_of[t] == graph::kNoValue) return;
    const graph::QTensor& tensor = stage.graph->tensors[t];
    stage.record_of[t] = static_cast<int>(records_.size());
    Record& record = records_.emplace_back();
    record.layer.layer = name;
    record.layer.kind = kind;
    record.layer.tensor = tensor.name;
    record.layer.weight_bits = weight_bits;
    record.layer.bits = tensor.type.bits();
    record.channels.resize(static_cast<size_t>(tensor.c));
  }

  /// Of the item: all values in float32, what stages begin with, the first output.
  void run_float(pipeline::HostValues values) {
    before_.clear();
    for (size_t s = 0; s < network_.stages.size(); ++s) {
      before_.push_back(values);
      const pipeline::FloatStage& stage = network_.stages[s];
      if (stage.host) {
        stage.host->run(values);
      } else {
        Values& seen = stages_[s].values;
        seen.assign(stage.device->graph().values.size(), {});
        auto outputs = stage.device->run(pipeline::stage_inputs(stage, values),
                                         [&](graph::ValueId v, const std::vector<float>& elements) {
                                           seen[static_cast<size_t>(v)] = elements;
                                         });
        pipeline::put_stage_outputs(stage, std::move(outputs), values,
                                    pipeline::HostSteps::kLeftOut);
      }
      pipeline::drop_values(network_, s + 1, values);
    }
    reference_ = first_output(values);
  }

  std::vector<float> first_output(const pipeline::HostValues& values) const {
    const std::string& name = network_.outputs.at(0).name;
    const auto found = values.find(name);
    return pipeline::numbers_of(found != values.end() ? found->second
                                                      : network_.constants.at(name));
  }

  void run_quantised(const data::Dataset& one, int64_t label) {
    std::vector<pipeline::HostValues> items = pipeline::host_items(plan_.inputs, one);
    executor_.run(items, pipeline::HostSteps::kLeftOut,
                  [&](size_t s, graph::TensorId id, std::vector<int8_t>& stored) {
                    const Stage& stage = stages_[s];
                    const auto t = static_cast<size_t>(id);
                    if (stage.record_of[t] == kNone) return;
                    record(stage, t).layer.cumulative.add(
                        reference(stage, t), real_values(stage.graph->tensors[t], stored));
                  });
    const std::vector<float> output = first_output(items[0]);
    output_.add(reference_, output);
    right_ += static_cast<size_t>(named_class(output) == label);
  }

  Record& record(const Stage& stage, size_t tensor) {
    return records_[static_cast<size_t>(stage.record_of[tensor])];
  }
  static const std::vector<float>& reference(const Stage& stage, size_t tensor) {
    return stage.values[static_cast<size_t>(stage.value_of[tensor])];
  }

  /// Each layer of stage `s` on inputs as float32 has them, rounded to their codes.
  void run_alone(size_t s, int64_t label) {
    Stage& stage = stages_[s];
    const pipeline::PlanStage& quantised = plan_.stages[s];
    std::vector<std::vector<int8_t>> inputs;
    for (size_t k = 0; k < quantised.inputs.size(); ++k)
      inputs.push_back(quant::quantise_input(
          quantised.tensors.inputs[k], pipeline::numbers_of(before_[s].at(quantised.inputs[k]))));
    executor_.stage(s).run(inputs, [&](graph::TensorId id, std::vector<int8_t>& stored) {
      const auto t = static_cast<size_t>(id);
      if (stage.record_of[t] == kNone) return;
      const graph::QTensor& tensor = stage.graph->tensors[t];
      std::vector<float> alone = real_values(tensor, stored);
      if (stage.node_of[t] != kNone) {
        const std::vector<float> local = on_codes(stage, static_cast<size_t>(stage.node_of[t]));
        const std::vector<float>& exact = reference(stage, t);
        for (size_t i = 0; i < alone.size(); ++i) alone[i] = exact[i] + (alone[i] - local[i]);
      }
      note(stage, t, alone);
      if (!tensor.sums()) stored = stored_values(tensor, reference(stage, t));
      damage(s, t, std::move(alone), label);
    });
  }

  /// What node `index` makes, in float32, of its inputs as their codes hold them.
  std::vector<float> on_codes(Stage& stage, size_t index) const {
    const graph::Node& node = stage.real->graph().nodes[index];
    std::vector<std::pair<graph::ValueId, std::vector<float>>> exact;
    for (const graph::ValueId in : node.inputs) {
      const auto at = std::find(stage.value_of.begin(), stage.value_of.end(), in);
      const bool twice =
          std::any_of(exact.begin(), exact.end(), [&](const auto& one) { return one.first == in; });
      if (at == stage.value_of.end() || twice) continue;
      const auto t = static_cast<size_t>(at - stage.value_of.begin());
      const graph::QTensor& tensor = stage.graph->tensors[t];
      if (tensor.sums()) continue;
      std::vector<float>& value = stage.values[static_cast<size_t>(in)];
      exact.emplace_back(in,
                         std::exchange(value, real_values(tensor, stored_values(tensor, value))));
    }
    std::vector<float> made = exec::make_node(stage.real->graph(), node, stage.values);
    for (auto& [value, elements] : exact)
      stage.values[static_cast<size_t>(value)] = std::move(elements);
    return made;
  }

  /// The result of a layer that is alone, and how float32 fits its codes.
  void note(const Stage& stage, size_t t, const std::vector<float>& alone) {
    Record& to = record(stage, t);
    const graph::QTensor& tensor = stage.graph->tensors[t];
    const std::vector<float>& exact = reference(stage, t);
    to.layer.alone.add(exact, alone);
    const auto area = static_cast<size_t>(tensor.h * tensor.w);
    for (size_t i = 0; i < exact.size(); ++i) to.channels[i / area].add(exact[i], alone[i]);
    if (tensor.sums()) return;
    const double least = tensor.type.least(), greatest = tensor.type.greatest();
    for (const float value : exact) {
      const double code = std::nearbyint(double{value} / tensor.scale) + tensor.zero_point;
      to.saturated += static_cast<uint64_t>(code < least || code > greatest);
      to.least = std::min(to.least, std::clamp(code, least, greatest));
      to.greatest = std::max(to.greatest, std::clamp(code, least, greatest));
    }
    to.elements += exact.size();
  }

  /// The rest of the network in float32 behind a layer of stage `s` that is alone.
  void damage(size_t s, size_t t, std::vector<float> alone, int64_t label) {
    Stage& stage = stages_[s];
    Record& to = record(stage, t);
    pipeline::HostValues values = before_[s];
    auto outputs =
        exec::outputs_if(stage.real->graph(), stage.values, stage.value_of[t], std::move(alone));
    pipeline::put_stage_outputs(network_.stages[s], std::move(outputs), values,
                                pipeline::HostSteps::kLeftOut);
    pipeline::drop_values(network_, s + 1, values);
    pipeline::run_float_from(network_, s + 1, values, pipeline::HostSteps::kLeftOut);
    const std::vector<float> output = first_output(values);
    to.layer.output_alone.add(reference_, output);
    to.layer.right_alone += static_cast<size_t>(named_class(output) == label);
  }

  static LayerFidelity finished(Record& record) {
    LayerFidelity& layer = record.layer;
    if (record.elements > 0) {
      layer.saturated =
          static_cast<double>(record.saturated) / static_cast<double>(record.elements);
      const auto type = isa::ElementType::integer(layer.bits);
      layer.range_used = (record.greatest - record.least) / (type.greatest() - type.least());
    }
    for (size_t c = 0; c < record.channels.size(); ++c) {
      const std::optional<double> db = record.channels[c].decibels();
      if (!db || (layer.worst_decibels && *db >= *layer.worst_decibels)) continue;
      layer.worst_channel = static_cast<int64_t>(c);
      layer.worst_decibels = db;
    }
    return std::move(layer);
  }

  static bool does_more_damage(const LayerFidelity& a, const LayerFidelity& b) {
    return a.output_alone.decibels().value_or(INFINITY) <
           b.output_alone.decibels().value_or(INFINITY);
  }

  const pipeline::FloatPlan& network_;
  const pipeline::NetworkPlan& plan_;
  const pipeline::PlanExecutor executor_;
  std::vector<Stage> stages_;
  std::vector<Record> records_;
  std::vector<pipeline::HostValues> before_;  ///< what each stage begins with
  std::vector<float> reference_;              ///< the first output in float32
  Likeness output_;
  size_t items_ = 0, right_float_ = 0, right_ = 0;
};

}  // namespace

NetworkFidelity compare_layers(const pipeline::FloatPlan& network,
                               const pipeline::NetworkPlan& plan, const data::Items& items,
                               const std::vector<int>& labels,
                               const std::function<void(size_t done)>& progress) {
  if (items.count == 0) throw Error("layers: no items to compare on, expected at least one");
  Comparison comparison(network, plan);
  for (size_t i = 0; i < items.count; ++i) {
    comparison.take(items.at(i), labels.empty() ? -1 : labels[i]);
    if (progress) progress(i + 1);
  }
  return comparison.finish(!labels.empty());
}

}  // namespace systole::fidelity
