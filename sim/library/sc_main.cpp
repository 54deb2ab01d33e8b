// SPDX-License-Identifier: Apache-2.0
// SystemC's library wants `sc_main` to be there, which a main of its own calls that nobody uses
// here. A program that is one of SystemC's has another, which is taken then.
extern "C" [[gnu::weak]] int sc_main(int /*argc*/, char** /*argv*/) { return 0; }
