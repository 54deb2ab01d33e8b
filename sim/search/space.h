// SPDX-License-Identifier: Apache-2.0
// What a search for widths can choose: the bits of each layer's weights, and of each tensor that
// layers read.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/quant/precision.h"
#include "compiler/quant/widths.h"

namespace systole::search {

/// The widths of each layer of a SearchSpace, in its order.
using Choice = std::vector<quant::LayerWidths>;

/// One thing to turn: the weights of a layer, or a tensor and with it all layers that read it.
struct Knob {
  bool activations = false;
  std::vector<size_t> layers;  ///< of the space; of weights: one

  /// The bits that it is set to.
  int bits(const Choice& choice) const {
    const quant::LayerWidths& widths = choice[layers[0]];
    return activations ? widths.activations : widths.weights;
  }
  /// Sets it. The search keeps weights no wider than what they multiply: narrower activations take
  /// them along, and wider weights than activations are left as they are.
  void set(Choice& choice, int bits) const;
};

/// The layers of a network that a precision policy reaches, and the widths that they may have.
class SearchSpace {
 public:
  /// `graphs` of the accelerator's stages have been through run_passes and outlive this.
  /// `narrowest`: what the hardware takes.
  /// The first and the last layer keep 8 bits unless `all_layers`. Throws Error if there is nothing
  /// to choose, or if a policy could not tell two layers apart.
  SearchSpace(std::vector<const graph::Graph*> graphs, const quant::LayerWidths& narrowest,
              bool all_layers);

  const std::vector<std::string>& layers() const { return layers_; }
  /// Those that change something.
  const std::vector<Knob>& knobs() const { return knobs_; }
  /// The widths that a knob may have, widest first: of 8, 4 and 2 those that the hardware takes.
  std::vector<int> widths(const Knob& knob) const;

  /// All layers that may be narrow at `widths`, the others at 8 bits.
  Choice uniform(const quant::LayerWidths& widths) const;
  /// `choice` as it would be stored; the same for all choices that give the same program.
  Choice settle(const Choice& choice) const;
  /// `choice` with one knob at another width, settled; `choice` itself where that is not possible.
  Choice turned(const Choice& choice, const Knob& knob, int bits) const;
  /// The bits of every weight and value of each graph.
  std::vector<quant::Widths> widths(const Choice& choice) const;

 private:
  void find_layers(bool all_layers);
  void find_knobs();

  /// Where a layer is.
  struct Place {
    size_t graph, node;
  };
  const graph::Node& node(const Place& place) const {
    return graphs_[place.graph]->nodes[place.node];
  }

  const std::vector<const graph::Graph*> graphs_;
  const quant::LayerWidths narrowest_;
  std::vector<std::string> layers_;
  std::vector<Place> places_;  ///< of the layers
  std::vector<bool> free_;     ///< layers that may be narrow
  std::vector<Knob> knobs_;
};

}  // namespace systole::search
