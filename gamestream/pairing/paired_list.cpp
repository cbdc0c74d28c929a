#include "paired_list.hpp"

#include <nlohmann/json.hpp>

#include "punktfunk/crypto/x509.hpp"

namespace punktfunk::pairing {

namespace {

std::optional<Bytes> bytes_from(const nlohmann::json& array) {
    if (!array.is_array()) return std::nullopt;
    Bytes bytes;
    for (const auto& byte : array) {
        if (!byte.is_number_unsigned() || byte.get<uint64_t>() > 255) return std::nullopt;
        bytes.push_back(byte.get<uint8_t>());
    }
    return bytes;
}

}  // namespace

Result<std::vector<Bytes>> decode_paired_list(std::string_view json) {
    const auto document = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
    if (!document.is_array()) return fail(ErrorCode::InvalidArgument, "the list of paired clients is not a JSON array");
    if (document.size() > kMaxPairedClients)
        return fail(ErrorCode::InvalidArgument, "the list has more than {} paired clients", kMaxPairedClients);
    std::vector<Bytes> certificates;
    for (const auto& entry : document) {
        auto bytes = bytes_from(entry);
        if (!bytes || !crypto::read_certificate(*bytes))
            return fail(ErrorCode::InvalidArgument, "entry {} of the paired clients is not a certificate",
                        certificates.size());
        certificates.push_back(std::move(*bytes));
    }
    return certificates;
}

std::string encode_paired_list(std::span<const Bytes> certificates) {
    auto document = nlohmann::json::array();
    for (const Bytes& certificate : certificates) document.push_back(certificate);
    return document.dump() + "\n";
}

}  // namespace punktfunk::pairing
