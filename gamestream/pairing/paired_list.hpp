// paired.json: the certificates of the paired GameStream clients, a JSON array of arrays of bytes (punktfunk/1 §7.2).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::pairing {

inline constexpr size_t kMaxPairedClients = 1024;

// InvalidArgument when it is anything but such an array of certificates: nobody is trusted by a file that cannot be
// read.
[[nodiscard]] Result<std::vector<Bytes>> decode_paired_list(std::string_view json);
[[nodiscard]] std::string encode_paired_list(std::span<const Bytes> certificates);

}  // namespace punktfunk::pairing
