// SPDX-License-Identifier: Apache-2.0
// The choices of a best-first search, whose bounds are made closer only where that can matter.
#pragma once

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <vector>

namespace systole::lower {

/// Choices that are still open, by what each costs at least.
class OpenChoices {
 public:
  struct Choice {
    double least;
    size_t index;
    bool close;  ///< whether `least` is the closer bound
    bool operator<(const Choice& o) const {
      return std::tie(least, index) > std::tie(o.least, o.index);
    }
  };

  bool empty() const { return heap_.empty(); }
  void add(const Choice& choice) {
    heap_.push_back(choice);
    std::push_heap(heap_.begin(), heap_.end());
  }
  /// The choice that could cost the least; of equal ones the first.
  Choice take() {
    std::pop_heap(heap_.begin(), heap_.end());
    const Choice choice = heap_.back();
    heap_.pop_back();
    return choice;
  }

 private:
  std::vector<Choice> heap_;
};

}  // namespace systole::lower
