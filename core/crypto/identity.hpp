// A peer's long-lived identity: a self-signed X.509 v3 certificate and its key (spec §1.4, §1.5).
// Trust is the fingerprint: SHA-256 over the DER of the whole leaf certificate.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::crypto {

using Fingerprint = std::array<uint8_t, 32>;

[[nodiscard]] Fingerprint fingerprint_of(ByteView certificate_der);
[[nodiscard]] std::optional<Fingerprint> fingerprint_from_hex(std::string_view text);

struct Identity {
    std::string certificate_pem;
    std::string private_key_pem;  // PKCS#8; never logged
    Bytes certificate_der;
    Fingerprint fingerprint{};
};

enum class IdentityKind {
    Host,    // RSA 2048, CN punktfunk, valid 2020..2040
    Client,  // ECDSA P-256, SAN punktfunk-client
};

[[nodiscard]] Result<Identity> generate_identity(IdentityKind kind);
// Parses a PEM pair. The key must belong to the certificate.
[[nodiscard]] Result<Identity> parse_identity(std::string certificate_pem, std::string private_key_pem);

// Loads <directory>/<certificate_name> and <key_name>; when neither exists, generates and stores them (0600, atomic).
// One file without the other, or an unreadable one, is an error that names it: an identity is never replaced silently.
[[nodiscard]] Result<Identity> load_or_create_identity(const std::filesystem::path& directory,
                                                       std::string_view certificate_name, std::string_view key_name,
                                                       IdentityKind kind);

}  // namespace punktfunk::crypto
