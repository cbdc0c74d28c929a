#include "punktfunk/crypto/identity.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/random.hpp"
#include "punktfunk/crypto/x509.hpp"

namespace punktfunk::crypto {

namespace {

using Bio = std::unique_ptr<BIO, Deleter<::BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<::X509_EXTENSION_free>>;

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    return {data, static_cast<size_t>(length)};
}

struct Shape {
    const char* common_name;
    const char* alt_name;  // nullptr: none
    const char* not_before;
    const char* not_after;
};

constexpr Shape shape_of(IdentityKind kind) {
    if (kind == IdentityKind::Host) return {"punktfunk", nullptr, "20200101000000Z", "20400101000000Z"};
    return {"punktfunk client", "DNS:punktfunk-client", "19750101000000Z", "40960101000000Z"};
}

// Version 3: the reference peers' parser takes no other (spec §1.4).
bool fill(X509* certificate, EVP_PKEY* key, const Shape& shape) {
    std::array<uint8_t, 8> serial{};
    random_bytes(serial);
    serial[0] = static_cast<uint8_t>((serial[0] & 0x7f) | 0x01);
    const std::unique_ptr<BIGNUM, Deleter<::BN_free>> number(::BN_bin2bn(serial.data(), serial.size(), nullptr));
    X509_NAME* name = ::X509_get_subject_name(certificate);
    bool good = ::X509_set_version(certificate, 2) == 1 && number != nullptr &&
                ::BN_to_ASN1_INTEGER(number.get(), ::X509_get_serialNumber(certificate)) != nullptr &&
                ::ASN1_TIME_set_string_X509(::X509_getm_notBefore(certificate), shape.not_before) == 1 &&
                ::ASN1_TIME_set_string_X509(::X509_getm_notAfter(certificate), shape.not_after) == 1 &&
                ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                             reinterpret_cast<const uint8_t*>(shape.common_name), -1, -1, 0) == 1 &&
                ::X509_set_issuer_name(certificate, name) == 1 && ::X509_set_pubkey(certificate, key) == 1;
    if (good && shape.alt_name != nullptr) {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
        const Extension alt(::X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, shape.alt_name));
        good = alt != nullptr && ::X509_add_ext(certificate, alt.get(), -1) == 1;
    }
    return good && ::X509_sign(certificate, key, ::EVP_sha256()) != 0;
}

}  // namespace

Fingerprint fingerprint_of(ByteView certificate_der) {
    Fingerprint fingerprint{};
    ::SHA256(certificate_der.data(), certificate_der.size(), fingerprint.data());
    return fingerprint;
}

std::optional<Fingerprint> fingerprint_from_hex(std::string_view text) {
    const auto bytes = from_hex(text);
    Fingerprint fingerprint{};
    if (!bytes || bytes->size() != fingerprint.size()) return std::nullopt;
    std::ranges::copy(*bytes, fingerprint.begin());
    return fingerprint;
}

Result<Identity> generate_identity(IdentityKind kind) {
    const Key key(kind == IdentityKind::Host ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    const Certificate certificate(::X509_new());
    const Bio certificate_text(::BIO_new(::BIO_s_mem())), key_text(::BIO_new(::BIO_s_mem()));
    if (!key || !certificate || !certificate_text || !key_text || !fill(certificate.get(), key.get(), shape_of(kind)) ||
        ::PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
        ::PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        ::ERR_clear_error();
        return fail(ErrorCode::Crypto, "OpenSSL could not make a certificate");
    }
    return parse_identity(text_of(certificate_text.get()), text_of(key_text.get()));
}

Result<Identity> parse_identity(std::string certificate_pem, std::string private_key_pem) {
    Bytes der;
    const Certificate certificate = read_certificate(certificate_pem, der);
    const Key key = read_private_key(private_key_pem);
    if (!certificate) return fail(ErrorCode::InvalidArgument, "the certificate is not DER in an unencrypted PEM file");
    if (!key) return fail(ErrorCode::InvalidArgument, "the private key is not an unencrypted PEM key");
    if (::X509_check_private_key(certificate.get(), key.get()) != 1) {
        ::ERR_clear_error();
        return fail(ErrorCode::InvalidArgument, "the private key does not belong to the certificate");
    }
    Identity identity{std::move(certificate_pem), std::move(private_key_pem), std::move(der), {}};
    identity.fingerprint = fingerprint_of(identity.certificate_der);
    return identity;
}

Result<Identity> load_or_create_identity(const std::filesystem::path& directory, std::string_view certificate_name,
                                         std::string_view key_name, IdentityKind kind) {
    const auto certificate_file = directory / certificate_name, key_file = directory / key_name;
    auto certificate = read_file(certificate_file);
    auto key = read_file(key_file);
    const auto missing = [](const Result<std::string>& read) {
        return !read && read.error().code == ErrorCode::NotAvailable;
    };
    if (missing(certificate) && missing(key)) {
        auto made = generate_identity(kind);
        if (!made) return made;
        // The key first: a certificate alone would look like an identity.
        if (auto written = write_file_atomic(key_file, made->private_key_pem); !written)
            return std::unexpected(written.error());
        if (auto written = write_file_atomic(certificate_file, made->certificate_pem); !written) {
            std::error_code ignored;
            std::filesystem::remove(key_file, ignored);  // half an identity would stop the next start too
            return std::unexpected(written.error());
        }
        return made;
    }
    const auto unusable = [&](const std::string& why) {
        return fail(ErrorCode::Io, "{}; restore it, or delete {} and {} to become a new device (pair again then)", why,
                    certificate_file.string(), key_file.string());
    };
    if (!certificate || !key) return unusable((certificate ? key.error() : certificate.error()).message);
    auto parsed = parse_identity(std::move(*certificate), std::move(*key));
    if (!parsed) return unusable(certificate_file.string() + ": " + parsed.error().message);
    return parsed;
}

}  // namespace punktfunk::crypto
