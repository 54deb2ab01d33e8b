// SPDX-License-Identifier: Apache-2.0
// What a search can choose: the bits of each layer's weights, of each tensor that layers read, and
// what a layer is pruned by.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/prune/prune_spec.h"
#include "compiler/quant/precision.h"
#include "compiler/quant/widths.h"
#include "model/isa/hw_params.h"

namespace systole::search {

/// What is chosen for a layer.
struct LayerChoice : quant::LayerWidths {
  size_t prune = 0;  ///< of SearchSpace::prunes(), from 1; 0: as it is
  bool operator==(const LayerChoice&) const = default;
};

/// Those of each layer of a SearchSpace, in its order.
using Choice = std::vector<LayerChoice>;

/// One thing to turn: the weights of a layer, or a tensor and with it all layers that read it, or
/// what a layer is pruned by.
struct Knob {
  enum class Kind { kWeights, kActivations, kPrune };
  Kind kind = Kind::kWeights;
  std::vector<size_t> layers;  ///< of the space; of weights and pruning: one

  /// What it is set to: bits, or, the less the further down the list, -LayerChoice::prune.
  int value(const Choice& choice) const;
  /// Sets it alone.
  void set(Choice& choice, int value) const;
};

/// What a search chooses beside widths.
struct JointChoices {
  std::vector<prune::PruneSpec> prunes;  ///< kinds that a layer may be pruned by, without pattern
  bool narrow_inputs = false;  ///< activations may be narrower than the weights they multiply
  isa::HwParams hw;            ///< of which blocks take the size of a weight tile
};

/// Reads "nm:2:4,codebook:16". Throws Error for what prunes other layers too, or names some.
std::vector<prune::PruneSpec> parse_layer_prunes(const std::string& list);

/// The layers of a network that a precision policy reaches, and the widths that they may have.
class SearchSpace {
 public:
  /// `graphs` of the accelerator's stages have been through run_passes and outlive this.
  /// `narrowest`: what the hardware takes.
  /// The first and the last layer keep 8 bits unless `all_layers`. Throws Error if there is nothing
  /// to choose, or if a policy could not tell two layers apart.
  SearchSpace(std::vector<const graph::Graph*> graphs, const quant::LayerWidths& narrowest,
              bool all_layers, JointChoices joint = {});

  const std::vector<std::string>& layers() const { return layers_; }
  /// Those that change something.
  const std::vector<Knob>& knobs() const { return knobs_; }
  const std::vector<prune::PruneSpec>& prunes() const { return joint_.prunes; }
  /// What a knob may be set to, the greatest first: of 8, 4 and 2 bits those that the hardware
  /// takes; of pruning 0 and what suits the layer.
  std::vector<int> values(const Knob& knob) const;

  /// All layers that may be narrow at `widths`, the others at 8 bits.
  Choice uniform(const quant::LayerWidths& widths) const;
  /// `choice` as it would be stored; the same for all choices that give the same program.
  Choice settle(const Choice& choice) const;
  /// `choice` with one knob set to another value, settled; `choice` itself where that is not
  /// possible. Weights are kept no wider than what they multiply unless inputs may be narrower:
  /// narrower activations take them along, and weights that would be wider are left as they are.
  Choice turned(const Choice& choice, const Knob& knob, int value) const;
  /// A choice as the indices of values() of each knob, and back; settled.
  std::vector<uint32_t> position(const Choice& choice) const;
  Choice choice(const std::vector<uint32_t>& position) const;
  /// What the layers are pruned by, in their order.
  std::vector<prune::PruneSpec> prunes(const Choice& choice) const;
  /// The bits of every weight and value of each graph.
  std::vector<quant::Widths> widths(const Choice& choice) const;

 private:
  void find_layers(bool all_layers);
  void find_knobs();
  void find_prunes();
  /// Sets a knob, and what goes with it.
  void set(Choice& choice, const Knob& knob, int value) const;

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
  const JointChoices joint_;
  std::vector<std::vector<int>> prunes_;  ///< by layer: values of a knob, those that suit it
  std::vector<Knob> knobs_;
};

}  // namespace systole::search
