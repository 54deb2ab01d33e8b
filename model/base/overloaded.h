// SPDX-License-Identifier: Apache-2.0
// Visitors of a variant, put together of a lambda for each case: a case without one is an error of
// the compiler.
#pragma once

#include <type_traits>

namespace systole {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

/// Of a case for several types: [](const OneOf<A, B> auto& of) { ... }.
template <typename T, typename... Types>
concept OneOf = (std::is_same_v<T, Types> || ...);

}  // namespace systole
