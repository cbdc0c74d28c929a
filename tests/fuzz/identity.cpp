// Certificates and keys as they lie on the disk. What is accepted has the fingerprint that a peer will compute from the
// bytes it is shown; what is not is refused with a typed error, and the files stay as they are.
#include "punktfunk/crypto/identity.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <optional>

#include "folder.hpp"

using namespace punktfunk;

namespace {

std::string pem(const std::string& label, ByteView der) {
    std::string base64(der.size() * 4 / 3 + 8, '\0');
    base64.resize(static_cast<size_t>(
        ::EVP_EncodeBlock(reinterpret_cast<uint8_t*>(base64.data()), der.data(), static_cast<int>(der.size()))));
    std::string text = "-----BEGIN " + label + "-----\n";
    for (size_t at = 0; at < base64.size(); at += 64) text += base64.substr(at, 64) + "\n";
    return text + "-----END " + label + "-----\n";
}

// What must hold of any certificate and key.
std::optional<crypto::Identity> parse(const std::string& certificate, const std::string& key) {
    auto identity = crypto::parse_identity(certificate, key);
    REQUIRE(::ERR_peek_error() == 0);
    if (!identity) {
        REQUIRE(identity.error().code == ErrorCode::InvalidArgument && !identity.error().message.empty());
        return std::nullopt;
    }
    REQUIRE(identity->certificate_pem == certificate && identity->private_key_pem == key);
    REQUIRE(identity->fingerprint == crypto::fingerprint_of(identity->certificate_der));
    return std::move(*identity);
}

void check_files(const std::string& certificate, const std::string& key) {
    static const Folder folder;
    const auto identity = parse(certificate, key);
    if (identity) {
        const auto again = parse(pem("CERTIFICATE", identity->certificate_der), key);
        REQUIRE(again && again->certificate_der == identity->certificate_der);
    }
    folder.write("cert.pem", certificate);
    folder.write("key.pem", key);
    const auto loaded =
        crypto::load_or_create_identity(folder.path(), "cert.pem", "key.pem", crypto::IdentityKind::Client);
    REQUIRE(loaded.has_value() == identity.has_value());
    REQUIRE(!loaded || loaded->fingerprint == identity->fingerprint);
    REQUIRE(folder.read("cert.pem") == certificate && folder.read("key.pem") == key);
}

}  // namespace

// The first byte: 0 = certificate and key as text, a zero byte between them; 1 = both as DER, a u16 length before the
// certificate, since a mutated byte of base64 rarely gets past the base64.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 3) return 0;
    const ByteView body(data + 1, size - 1);
    if (data[0] % 2 == 0) {
        const auto end = std::ranges::find(body, uint8_t{0});
        check_files({body.begin(), end}, {end == body.end() ? end : end + 1, body.end()});
        return 0;
    }
    const size_t length = std::min<size_t>(load_le<uint16_t>(body.data()), body.size() - 2);
    const ByteView der = body.subspan(2, length);
    const auto identity = parse(pem("CERTIFICATE", der), pem("PRIVATE KEY", body.subspan(2 + length)));
    REQUIRE(!identity || std::ranges::equal(identity->certificate_der, der));
    return 0;
}
