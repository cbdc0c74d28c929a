// A GameStream client's certificate: what is accepted is what TLS will show, byte for byte, and checks signatures
// without harm.
#include "punktfunk/pairing/client_certificate.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>

#include "punktfunk/pairing/paired_list.hpp"
#include "require.hpp"

using namespace punktfunk;

namespace {

std::string pem(ByteView der) {
    std::string base64(der.size() * 4 / 3 + 8, '\0');
    base64.resize(static_cast<size_t>(
        ::EVP_EncodeBlock(reinterpret_cast<uint8_t*>(base64.data()), der.data(), static_cast<int>(der.size()))));
    std::string text = "-----BEGIN CERTIFICATE-----\n";
    for (size_t at = 0; at < base64.size(); at += 64) text += base64.substr(at, 64) + "\n";
    return text + "-----END CERTIFICATE-----\n";
}

}  // namespace

// The first byte: 0 = PEM as it is, 1 = DER, since a mutated byte of base64 rarely gets past the base64.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const ByteView body(data + 1, size - 1);
    const bool der = data[0] % 2 == 1;
    const auto client = pairing::parse_client_certificate(der ? pem(body) : std::string(body.begin(), body.end()));
    REQUIRE(::ERR_peek_error() == 0);
    if (!client) {
        REQUIRE(client.error().code == ErrorCode::ProtocolViolation);
        return 0;
    }
    REQUIRE(!der || std::ranges::equal(client->der, body));
    const Bytes signature(256, 1);
    REQUIRE(!client->verifies(body, signature) && !client->verifies(body, {}));
    REQUIRE(::ERR_peek_error() == 0);
    const Bytes list[] = {client->der, client->der};
    const auto stored = pairing::decode_paired_list(pairing::encode_paired_list(list));
    REQUIRE(stored && stored->size() == 2 && stored->front() == client->der);
    return 0;
}
