// SPDX-License-Identifier: Apache-2.0
// Runs the quantised graphs and writes what they show.
#include "sim/cli/dump_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "compiler/fidelity/tensor_values.h"
#include "compiler/pipeline/plan_executor.h"
#include "compiler/quant/tensor_io.h"
#include "model/base/error.h"
#include "sim/cli/run_files.h"
#include "sim/numpy/npy_writer.h"
#include "sim/report/format.h"
#include "sim/session/data.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;

/// As the network states it, or as it is stored where it does not.
std::vector<int64_t> shape_of_values(const graph::QTensor& tensor) {
  const auto& stated = tensor.onnx_shape;
  const int64_t elements = std::accumulate(stated.begin(), stated.end(), int64_t{1},
                                           [](int64_t a, int64_t b) { return a * b; });
  if (elements == tensor.elements()) return stated;
  return {tensor.n, tensor.c, tensor.h, tensor.w};
}

std::vector<float> values_of(const graph::QTensor& tensor, const std::vector<int8_t>& stored) {
  program::TensorInfo info = graph::tensor_info(tensor);
  info.shape = {tensor.n, tensor.h, tensor.w, tensor.c};  // one byte a value at every width
  std::vector<float> all;
  for (int64_t i = 0; i < tensor.n; ++i) {
    const std::vector<float> one = quant::dequantise_output(info, stored.data(), i);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

/// Writes the tensors of a run as they are shown.
class Dump {
 public:
  Dump(const OutputDirectory& directory, const pipeline::NetworkPlan& plan)
      : directory_(directory), plan_(plan) {
    std::vector<std::string> tensors;
    for (const pipeline::PlanTensor& out : plan.outputs) add_name(out.name, tensors);
    for (const graph::QGraph* graph : plan.graphs())
      for (const graph::QTensor& tensor : graph->tensors) add_name(tensor.name, tensors);
    const std::vector<std::string> files = tensor_file_names(tensors);
    for (size_t k = 0; k < files.size(); ++k) file_of_[tensors[k]] = files[k];
  }

  void write(const graph::QGraph& graph, graph::TensorId id, const std::vector<int8_t>& stored) {
    const graph::QTensor& tensor = graph.tensors[static_cast<size_t>(id)];
    if (!written_.insert(tensor.name).second) return;  // another stage has given it
    const std::string& file = file_of_.at(tensor.name);
    Json row = {{"name", report::printable(tensor.name)}, {"layer", nullptr}};
    for (const graph::QOp& op : graph.ops)
      if (op.out() == id) row["layer"] = report::printable(op.name);
    row["shape"] = shape_of_values(tensor);
    row["file"] = file + ".npy";
    if (!is_output(tensor.name))
      directory_.write(file + ".npy",
                       numpy::to_npy(values_of(tensor, stored), shape_of_values(tensor)));
    const std::vector<int64_t> nhwc = {tensor.n, tensor.h, tensor.w, tensor.c};
    const std::string bytes = file + (tensor.sums() ? ".int32.npy" : ".int8.npy");
    directory_.write(bytes, tensor.sums() ? numpy::to_npy(fidelity::sums_of(tensor, stored), nhwc)
                                          : numpy::to_npy(stored, nhwc));
    row["stored_file"] = bytes;
    row["stored_shape"] = nhwc;
    row["bits"] = tensor.type.bits();
    if (tensor.sums()) {
      row["channel_scale"] = tensor.channel_scale;
    } else {
      row["scale"] = tensor.scale;
      row["zero_point"] = tensor.zero_point;
    }
    rows_.push_back(std::move(row));
  }

  /// What the network gives, the host's last steps done.
  void write_outputs(const std::vector<pipeline::HostValues>& items) {
    for (size_t k = 0; k < plan_.outputs.size(); ++k) {
      const pipeline::PlanTensor& out = plan_.outputs[k];
      const int64_t times = plan_.batch_of_output(k);
      std::vector<float> all;
      for (int64_t i = 0; i < times; ++i) {
        const auto one = pipeline::numbers_of(items.at(static_cast<size_t>(i)).at(out.name));
        all.insert(all.end(), one.begin(), one.end());
      }
      const auto shape = session::batch_shape(out.type.dims, times);
      directory_.write(file_of_.at(out.name) + ".npy", numpy::to_npy(all, shape));
      if (written_.insert(out.name).second)
        rows_.push_back({{"name", report::printable(out.name)},
                         {"layer", nullptr},
                         {"shape", shape},
                         {"file", file_of_.at(out.name) + ".npy"}});
    }
  }

  void write_list() const {
    std::vector<std::string> files = directory_.names();
    files.emplace_back(kTensorsFile);
    const Json list = {{"schema", "systole.tensors"},
                       {"schema_version", 1},
                       {"network", report::printable(plan_.name)},
                       {"tensors", rows_},
                       {"files", files}};
    directory_.write(kTensorsFile, list.dump(1) + "\n");
  }

 private:
  void add_name(const std::string& name, std::vector<std::string>& names) {
    if (file_of_.emplace(name, "").second) names.push_back(name);
  }
  bool is_output(const std::string& name) const {
    return std::any_of(plan_.outputs.begin(), plan_.outputs.end(),
                       [&](const pipeline::PlanTensor& out) { return out.name == name; });
  }

  const OutputDirectory& directory_;
  const pipeline::NetworkPlan& plan_;
  std::map<std::string, std::string> file_of_;
  std::set<std::string> written_;
  Json rows_ = Json::array();
};

/// What an earlier dump put into `directory`.
std::vector<std::string> files_of_earlier_dump(const std::filesystem::path& directory) {
  std::ifstream stream(directory / kTensorsFile, std::ios::binary);
  const auto json = nlohmann::json::parse(stream, nullptr, false);
  if (!json.is_object() || json.value("schema", nlohmann::json()) != "systole.tensors") return {};
  std::vector<std::string> names;
  for (const auto& name : json.value("files", nlohmann::json::array()))
    if (name.is_string() && std::filesystem::path(name.get<std::string>()).filename().string() ==
                                name.get<std::string>())
      names.push_back(name.get<std::string>());
  return names;
}

}  // namespace

void dump_tensors(OutputDirectory& directory, const pipeline::NetworkPlan& plan,
                  const data::Dataset& data) {
  Dump dump(directory, plan);
  std::vector<pipeline::HostValues> items = pipeline::host_items(plan.inputs, data);
  pipeline::PlanExecutor(plan).run(
      items, pipeline::HostSteps::kDone,
      [&](size_t stage, graph::TensorId id, const std::vector<int8_t>& stored) {
        dump.write(*plan.stages[stage].device, id, stored);
      });
  dump.write_outputs(items);
  dump.write_list();
  directory.commit(files_of_earlier_dump(directory.target()), kTensorsFile);
}

void check_dump(const std::filesystem::path& directory, const std::filesystem::path& output,
                bool has_data, bool is_program) {
  if (directory.empty()) return;
  if (is_program)
    throw Error("--dump-tensors: a program file has no quantised network, expected an ONNX file");
  if (!has_data)
    throw Error("--dump-tensors: a run that is timing only has no values, add --data or --input");
  const auto plain = [](const std::filesystem::path& path) {
    std::error_code error;
    const auto whole = std::filesystem::absolute(find_directory(path), error);
    return std::filesystem::weakly_canonical(whole, error);
  };
  if (!output.empty() && plain(output) == plain(directory))
    throw Error(
        fmt::format("--dump-tensors {}: is where -o puts its files, expected another "
                    "directory",
                    directory.string()));
  check_directory(directory);
}

}  // namespace systole::cli
