// SPDX-License-Identifier: Apache-2.0
// Writes arrays and manifest into a directory that goes with the call, and reads the last line.
#include "sim/metric/command.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "model/base/error.h"
#include "sim/numpy/npy_writer.h"
#include "sim/process/tool.h"
#include "sim/report/format.h"

namespace systole::metric {
namespace {

namespace fs = std::filesystem;

/// A directory that goes with this object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (fs::temp_directory_path() / "systole-metric-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      throw Error(name + ": cannot make a directory for the outputs");
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void write(const fs::path& file, const std::string& bytes) {
  std::ofstream stream(file, std::ios::binary);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) throw Error(file.string() + ": cannot be written");
}

/// The last line that is not blank, without blanks around it.
std::string last_line(const fs::path& file) {
  constexpr const char* kBlanks = " \t\r";
  std::ifstream stream(file, std::ios::binary);
  std::string last;
  for (std::string line; std::getline(stream, line);) {
    const size_t begin = line.find_first_not_of(kBlanks);
    if (begin != std::string::npos)
      last = line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin);
  }
  return last;
}

std::string shown(const std::string& line) {
  constexpr size_t kWidth = 120;
  return report::columns_in(report::printable(line)) <= kWidth ? report::printable(line)
                                                               : report::fit(line, kWidth);
}

/// The labels of `items` as a file, of shape [items] or [items, tokens]; none without labels.
std::string labels_npy(const data::Dataset& data, const std::vector<size_t>& items) {
  std::vector<int32_t> labels;
  std::vector<int64_t> shape = {static_cast<int64_t>(items.size())};
  if (!data.token_labels.empty()) {
    shape.push_back(static_cast<int64_t>(data.token_labels[0].size()));
    for (const size_t i : items)
      labels.insert(labels.end(), data.token_labels[i].begin(), data.token_labels[i].end());
  } else if (!data.labels.empty()) {
    for (const size_t i : items) labels.push_back(data.labels[i]);
  } else {
    return "";
  }
  return numpy::to_npy(labels, shape);
}

std::string output_npy(const Output& output, size_t k, const Outputs& given,
                       const std::vector<size_t>& items, std::vector<int64_t>& shape) {
  std::vector<float> all;
  for (const size_t i : items) all.insert(all.end(), given[i][k].begin(), given[i][k].end());
  shape = output.shape;
  if (shape.empty()) shape.push_back(1);
  shape[0] *= static_cast<int64_t>(items.size());
  return numpy::to_npy(all, shape);
}

}  // namespace

std::vector<Output> outputs_of(const pipeline::NetworkPlan& plan) {
  std::vector<Output> outputs;
  for (const pipeline::PlanTensor& out : plan.outputs) outputs.push_back({out.name, out.type.dims});
  return outputs;
}

Command::Command(std::string command, size_t groups, const data::Dataset& data,
                 const std::vector<Output>& outputs)
    : command_(std::move(command)), groups_(groups), data_(data), outputs_(outputs) {}

Replicates Command::measure(const std::string& form, const Outputs& given) const {
  std::vector<size_t> items(given.size());
  for (size_t i = 0; i < items.size(); ++i) items[i] = i;
  Replicates result{run(form, given, items), {}};
  const size_t groups = std::min(groups_, items.size());
  for (size_t g = 0; groups > 1 && g < groups; ++g) {
    std::vector<size_t> kept;
    std::copy_if(items.begin(), items.end(), std::back_inserter(kept),
                 [&](size_t i) { return i % groups != g; });
    result.without.push_back(run(form, given, kept));
  }
  return result;
}

double Command::run(const std::string& form, const Outputs& given,
                    const std::vector<size_t>& items) const {
  const TemporaryDirectory directory;
  const fs::path& at = directory.path();
  nlohmann::ordered_json manifest = {{"schema", "systole.metric"},
                                     {"schema_version", 1},
                                     {"form", form},
                                     {"items", items},
                                     {"labels", nullptr},
                                     {"outputs", nlohmann::ordered_json::array()}};
  if (const std::string labels = labels_npy(data_, items); !labels.empty()) {
    write(at / "labels.npy", labels);
    manifest["labels"] = (at / "labels.npy").string();
  }
  for (size_t k = 0; k < outputs_.size(); ++k) {
    const fs::path file = at / fmt::format("output-{}.npy", k);
    std::vector<int64_t> shape;
    write(file, output_npy(outputs_[k], k, given, items, shape));
    manifest["outputs"].push_back(
        {{"name", report::printable(outputs_[k].name)}, {"file", file.string()}, {"shape", shape}});
  }
  const fs::path list = at / "manifest.json", out = at / "out", log = at / "err";
  write(list, manifest.dump(1) + "\n");

  // The shell takes the user's words as one text, so that what they lack (a quote) stays theirs.
  const int status =
      process::run_tool({"/bin/sh", "-c", R"(exec > "$1"; eval "$3 \"\$2\"")", "sh", out.string(),
                         list.string(), command_},
                        fs::current_path(), log, "metric of " + form,
                        [](double seconds) { return fmt::format("{:.0f} s", seconds); });
  std::string what = fmt::format("--metric-command {}: {}", shown(command_), form);
  if (items.size() != given.size())
    what += fmt::format(", {} of {} items", items.size(), given.size());
  if (status != 0) {
    const std::string reason = last_line(log);
    throw Error(fmt::format("{}: ended with status {}{}", what, status,
                            reason.empty() ? "" : ": " + shown(reason)));
  }
  const std::string line = last_line(out);
  if (line.empty()) throw Error(what + ": printed nothing, expected a number in the last line");
  double value = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  if (error != std::errc() || end != line.data() + line.size() || !std::isfinite(value))
    throw Error(fmt::format("{}: the last line is '{}', expected a number", what, shown(line)));
  return value;
}

}  // namespace systole::metric
