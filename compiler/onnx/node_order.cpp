// SPDX-License-Identifier: Apache-2.0
// Kahn, "Topological sorting of large networks", CACM 1962; of the nodes that are ready, the first
// in the file goes first.
#include "compiler/onnx/node_order.h"

#include <functional>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "compiler/onnx/graph_reads.h"

namespace systole::importer {

namespace {

/// Old index by new index.
std::vector<int> order_nodes(const onnx::GraphProto& graph) {
  std::map<std::string, int> maker;
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const std::string& out : graph.node(i).output()) maker.emplace(out, i);
  }
  const auto count = static_cast<size_t>(graph.node_size());
  std::vector<std::vector<int>> readers(count);
  std::vector<int> waits(count, 0);
  for (int i = 0; i < graph.node_size(); ++i) {
    std::set<std::string> names;
    add_reads(graph.node(i), names);
    std::set<int> makers;
    for (const std::string& name : names) {
      const auto found = maker.find(name);
      if (!name.empty() && found != maker.end()) makers.insert(found->second);
    }
    for (int made : makers) readers[static_cast<size_t>(made)].push_back(i);
    waits[static_cast<size_t>(i)] = static_cast<int>(makers.size());
  }
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int i = 0; i < graph.node_size(); ++i) {
    if (waits[static_cast<size_t>(i)] == 0) ready.push(i);
  }
  std::vector<int> order;
  std::vector<bool> taken(count, false);
  while (!ready.empty()) {
    const int next = ready.top();
    ready.pop();
    order.push_back(next);
    taken[static_cast<size_t>(next)] = true;
    for (int reader : readers[static_cast<size_t>(next)]) {
      if (--waits[static_cast<size_t>(reader)] == 0) ready.push(reader);
    }
  }
  for (int i = 0; i < graph.node_size(); ++i) {
    if (!taken[static_cast<size_t>(i)]) order.push_back(i);
  }
  return order;
}

}  // namespace

void sort_nodes(onnx::GraphProto& graph) {
  google::protobuf::RepeatedPtrField<onnx::NodeProto> sorted;
  for (int index : order_nodes(graph)) sorted.Add()->Swap(graph.mutable_node(index));
  graph.mutable_node()->Swap(&sorted);
}

}  // namespace systole::importer
