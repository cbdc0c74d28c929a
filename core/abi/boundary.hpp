// Where C meets C++: the public header with its symbols exported, Error as a status, and exceptions stopped.
#pragma once

#define PUNKTFUNK_FEATURE_QUIC
// The library is compiled with hidden visibility; what this header declares is what it shows.
#pragma GCC visibility push(default)
#include "punktfunk_core.h"
#pragma GCC visibility pop

#include <type_traits>

#include "punktfunk/base/error.hpp"

namespace punktfunk::abi {

[[nodiscard]] PunktfunkStatus status_of(const Error& error);

template <typename T>
[[nodiscard]] PunktfunkStatus status_of(const Result<T>& result) {
    return result ? PUNKTFUNK_STATUS_OK : status_of(result.error());
}

// Every entry point's body runs in here: nothing thrown passes.
template <typename Body>
std::invoke_result_t<Body> guard(Body&& body, std::invoke_result_t<Body> on_failure) noexcept {
    try {
        return body();
    } catch (...) {
        return on_failure;
    }
}
template <typename Body>
PunktfunkStatus guard(Body&& body) noexcept {
    return guard(body, PUNKTFUNK_STATUS_PANIC);
}

// Writes through an output that the caller may have left out.
template <typename T>
void store_if(T* out, std::type_identity_t<T> value) {
    if (out != nullptr) *out = value;
}

}  // namespace punktfunk::abi
