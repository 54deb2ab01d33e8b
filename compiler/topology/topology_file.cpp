// SPDX-License-Identifier: Apache-2.0
// The header tells the form and the columns behind the fixed ones; lines are read by position.
#include "compiler/topology/topology_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <optional>

#include "compiler/topology/csv_table.h"
#include "model/base/error.h"

namespace systole::topology {
namespace {

constexpr int64_t kMaxSize = int64_t{1} << 31;
constexpr int64_t kMaxBatch = 65535;

/// Small letters and digits of a header's name, without a plural.
std::string normalised(const std::string& name) {
  std::string result;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)))
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (result.size() > 1 && result.back() == 's') result.pop_back();
  return result;
}

/// The columns of each form in their order, by normalised name; the first is the layer's name.
using Form = std::vector<std::string>;
const Form& gemm_form() {
  static const Form form = {"layer", "m", "n", "k"};
  return form;
}
const Form& conv_form(bool two_strides) {
  static const Form one = {"layername",   "ifmapheight", "ifmapwidth", "filterheight",
                           "filterwidth", "channel",     "numfilter",  "stride"};
  static const Form two = {"layername",    "ifmapheight",  "ifmapwidth",
                           "filterheight", "filterwidth",  "channel",
                           "numfilter",    "strideheight", "stridewidth"};
  return two_strides ? two : one;
}

class TopologyFileReader {
 public:
  explicit TopologyFileReader(const std::filesystem::path& csv) : table_(csv), file_(csv.string()) {
    for (const std::string& name : table_.header()) header_.push_back(normalised(name));
  }

  Topology read() {
    choose_form();
    Topology topology;
    std::optional<int64_t> batch;
    for (const CsvTable::Row& row : table_.rows()) {
      if (is_remark(row)) continue;
      topology.layers.push_back(read_layer(row));
      if (!batch_column_) continue;
      const int64_t own = table_.integer(row, *batch_column_, 1, kMaxBatch);
      if (batch && *batch != own)
        throw Error(fmt::format("{}: {}, expected {} as in the lines before",
                                table_.place(row.line, *batch_column_), own, *batch));
      batch = own;
    }
    if (topology.layers.empty()) throw Error(file_ + ": has a header and no layers");
    topology.batch = batch.value_or(1);
    return topology;
  }

 private:
  std::optional<size_t> column(const std::string& name) const {
    const auto at = std::find(header_.begin(), header_.end(), name);
    if (at == header_.end()) return std::nullopt;
    return static_cast<size_t>(at - header_.begin());
  }

  void choose_form() {
    gemm_ = column("m") || column("n") || column("k");
    form_ =
        gemm_ ? gemm_form()
              : conv_form(column("strideheight").has_value() || column("stridewidth").has_value());
    if (header_.size() < form_.size())
      throw Error(fmt::format("{}:1: the header has {} columns, expected {}", file_, header_.size(),
                              form_text()));
    // SCALE-Sim reads by position whatever the header says; a header that says otherwise is no
    // form of its.
    for (size_t i = 1; i < form_.size(); ++i) {
      const auto elsewhere = column(form_[i]);
      if (header_[i] != form_[i] && (elsewhere || gemm_ || !is_known(header_[i])))
        throw Error(fmt::format("{}: '{}', columns are read by position: expected {}",
                                table_.header_place(i), table_.header()[i], form_text()));
    }
    sparsity_column_ = column("sparsity");
    batch_column_ = column("batchsize");
    if (!batch_column_) batch_column_ = column("batch");
  }

  static bool is_known(const std::string& name) {
    return std::find(conv_form(false).begin(), conv_form(false).end(), name) !=
           conv_form(false).end();
  }

  const char* form_text() const {
    return gemm_ ? "Layer, M, N, K"
                 : "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "
                   "Num Filter, Strides";
  }

  /// A title (a name alone), or the header once more.
  bool is_remark(const CsvTable::Row& row) const {
    const auto& fields = row.fields;
    if (std::all_of(fields.begin() + 1, fields.end(), [](const auto& f) { return f.empty(); }))
      return true;
    return normalised(fields[1]) == header_[1];
  }

  TopologyLayer read_layer(const CsvTable::Row& row) const {
    const auto number = [&](size_t column) { return table_.integer(row, column, 1, kMaxSize); };
    TopologyLayer layer;
    layer.name = row.fields[0].empty() ? fmt::format("line {}", row.line) : row.fields[0];
    layer.place = fmt::format("{}:{}", file_, row.line);
    layer.gemm = gemm_;
    if (gemm_) {
      layer.height = number(1);
      layer.filters = number(2);
      layer.channels = number(3);
    } else {
      layer.height = number(1);
      layer.width = number(2);
      layer.filter_height = number(3);
      layer.filter_width = number(4);
      layer.channels = number(5);
      layer.filters = number(6);
      layer.stride_height = number(7);
      layer.stride_width = number(form_.size() - 1);
      expect_fits(row, 3, layer.filter_height, layer.height);
      expect_fits(row, 4, layer.filter_width, layer.width);
      layer.depthwise = layer.name.find("DP") != std::string::npos;  // SCALE-Sim's mark
    }
    read_sparsity(row, layer);
    return layer;
  }

  void expect_fits(const CsvTable::Row& row, size_t column, int64_t filter, int64_t size) const {
    if (filter > size)
      throw Error(fmt::format("{}: {} is larger than the input's {}",
                              table_.place(row.line, column), filter, size));
  }

  /// N:M of SCALE-Sim v3: of M weights N are kept.
  void read_sparsity(const CsvTable::Row& row, TopologyLayer& layer) const {
    if (!sparsity_column_ || *sparsity_column_ >= row.fields.size()) return;
    const std::string& text = row.fields[*sparsity_column_];
    if (text.empty()) return;
    int kept = 0, of = 0, length = 0;
    if (std::sscanf(text.c_str(), "%d:%d%n", &kept, &of, &length) != 2 ||
        static_cast<size_t>(length) != text.size() || kept < 1 || kept > of)
      throw Error(fmt::format("{}: '{}', expected a ratio N:M with 1 <= N <= M",
                              table_.place(row.line, *sparsity_column_), text));
    layer.kept = kept;
    layer.of = of;
  }

  const CsvTable table_;
  const std::string file_;
  std::vector<std::string> header_;  ///< normalised
  bool gemm_ = false;
  Form form_;
  std::optional<size_t> sparsity_column_, batch_column_;
};

}  // namespace

Topology read_topology_file(const std::filesystem::path& csv) {
  return TopologyFileReader(csv).read();
}

}  // namespace systole::topology
