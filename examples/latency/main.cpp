// SPDX-License-Identifier: Apache-2.0
// What more columns gain: `latency NET.onnx`.
#include <systole.h>

#include <iostream>

int main(int, char** argv) try {
  for (const char* columns : {"8", "16", "32"}) {
    const systole::Network network({.network = argv[1]},
                                   {.set = {std::string("array.cols=") + columns}});
    std::cout << columns << " columns: " << network.run().cycles << " cycles\n";
  }
} catch (const systole::Failure& failure) {
  std::cerr << failure.what() << '\n';
  return failure.code();
}
