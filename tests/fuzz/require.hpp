// What a fuzz target demands of the code. Not assert(): it must hold, and stop, in every build type.
#pragma once

#include <cstdio>
#include <cstdlib>

#define REQUIRE(condition)                                                                        \
    do {                                                                                          \
        if (!(condition)) {                                                                       \
            std::fprintf(stderr, "%s:%d: property broken: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                         \
        }                                                                                         \
    } while (false)
