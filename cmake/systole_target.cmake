# SPDX-License-Identifier: Apache-2.0
# The flags of every target of ours: C++20, fatal warnings, no fused multiply-add.
function(systole_target target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  # Debian's SystemC is built as C++17 and checks that its users say so.
  target_compile_definitions(${target} PUBLIC SC_CPLUSPLUS=201703L)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Werror -ffp-contract=off)
  if(SYSTOLE_SANITIZE)
    # What is found ends the program: a test fails by it. Clang's coverage hooks are there for who links a fuzzer.
    target_compile_options(${target} PUBLIC -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
      $<$<CXX_COMPILER_ID:Clang>:-fsanitize=fuzzer-no-link>)
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
  endif()
endfunction()
