// SPDX-License-Identifier: Apache-2.0
// Catch2 3 under the name of Catch2 2, for systems that ship only the former (Ubuntu 24.04).
#pragma once

#include <catch2/catch_all.hpp>

using Catch::Approx;
