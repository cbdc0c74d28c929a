// For this folder's tests: a stock client's side of the ceremony, and certificates as unusual clients make them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "client_certificate.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/x509.hpp"
#include "registrar.hpp"

namespace punktfunk::pairing {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
namespace phase = nvhttp::pair_phase;

inline const nlohmann::json& vectors(const char* group) {
    static const auto document = nlohmann::json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json"));
    return document.at(group);
}
inline std::string text(const nlohmann::json& object, const char* name) {
    return object.at(name).get<std::string>();
}
template <size_t N = 16>
std::array<uint8_t, N> fixed(const std::string& hex) {
    const auto bytes = from_hex(hex).value();
    std::array<uint8_t, N> value{};
    EXPECT_EQ(bytes.size(), N);
    std::copy_n(bytes.begin(), std::min(N, bytes.size()), value.begin());
    return value;
}

inline std::string pem(const std::string& label, ByteView der) {
    std::string base64(der.size() * 4 / 3 + 8, '\0');
    base64.resize(static_cast<size_t>(
        ::EVP_EncodeBlock(reinterpret_cast<uint8_t*>(base64.data()), der.data(), static_cast<int>(der.size()))));
    std::string out = "-----BEGIN " + label + "-----\n";
    for (size_t at = 0; at < base64.size(); at += 64) out += base64.substr(at, 64) + "\n";
    return out + "-----END " + label + "-----\n";
}

inline crypto::Identity vector_identity(const std::string& who) {
    const auto& vector = vectors("pairing");
    const auto key = from_hex(text(vector, (who + "_private_key_pkcs8_der").c_str())).value();
    return crypto::parse_identity(text(vector, (who + "_cert_pem_text").c_str()), pem("PRIVATE KEY", key)).value();
}
inline HostSigner signer(const std::string& who) {
    return HostSigner::create(vector_identity(who)).value();
}

inline const HostSigner& client_signer() {
    static const HostSigner own = signer("client");
    return own;
}

struct WithKey {
    std::string certificate_pem;
    Bytes certificate_der;
};
// A self-signed certificate as an unusual client might make it. `version` counts from 0.
inline WithKey certificate(EVP_PKEY* key, long version, const char* not_after = "20400101000000Z") {
    const crypto::Certificate made(::X509_new());
    ::X509_set_version(made.get(), version);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(made.get()), 0);
    ::ASN1_TIME_set_string_X509(::X509_getm_notBefore(made.get()), "20200101000000Z");
    ::ASN1_TIME_set_string_X509(::X509_getm_notAfter(made.get()), not_after);
    ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const uint8_t*>("NVIDIA GameStream Client"), -1, -1, 0);
    ::X509_set_issuer_name(made.get(), ::X509_get_subject_name(made.get()));
    ::X509_set_pubkey(made.get(), key);
    ::X509_sign(made.get(), key, ::EVP_sha256());
    Bytes der(static_cast<size_t>(::i2d_X509(made.get(), nullptr)));
    uint8_t* end = der.data();
    ::i2d_X509(made.get(), &end);
    return {pem("CERTIFICATE", der), der};
}

// What a stock client computes, by spec §3.2.
class FakeClient {
  public:
    explicit FakeClient(std::string pin, std::string unique_id = "0123456789ABCDEF")
        : pin_(std::move(pin)), unique_id_(std::move(unique_id)), own_(client_signer()) {}

    [[nodiscard]] nvhttp::PairCall first(std::string otpauth = "") const {
        return call(phase::GetServerCertificate{to_hex(salt_), salt_, own_.certificate_pem(), std::move(otpauth)});
    }
    [[nodiscard]] nvhttp::PairCall second() const { return call(phase::ClientChallenge{ecb<16>(challenge_, true)}); }
    // True when the answer proves that the host knows the PIN.
    [[nodiscard]] nvhttp::PairCall third(const nvhttp::Response& answer) {
        const auto plain = ecb<48>(fixed<48>(element(answer, "challengeresponse")), false);
        server_hash_.assign(plain.begin(), plain.begin() + 32);
        Bytes joined(plain.begin() + 32, plain.end());
        append(joined, own_.certificate_signature());
        append(joined, secret_);
        std::array<uint8_t, 32> hash{};
        ::SHA256(joined.data(), joined.size(), hash.data());
        return call(phase::ServerChallengeResponse{ecb<32>(hash, true)});
    }
    [[nodiscard]] bool believes(const nvhttp::Response& answer, const HostSigner& host) const {
        const Bytes secret_and_signature = from_hex(element(answer, "pairingsecret")).value();
        const ByteView secret = ByteView(secret_and_signature).first(16);
        const auto host_certificate = parse_client_certificate(host.certificate_pem()).value();
        Bytes joined(challenge_.begin(), challenge_.end());
        append(joined, host.certificate_signature());
        append(joined, secret);
        Bytes hash(32);
        ::SHA256(joined.data(), joined.size(), hash.data());
        return hash == server_hash_ && host_certificate.verifies(secret, ByteView(secret_and_signature).subspan(16));
    }
    [[nodiscard]] nvhttp::PairCall fourth() const {
        return call(phase::ClientPairingSecret{secret_, own_.sign(secret_).value()});
    }
    template <typename Phase>
    [[nodiscard]] nvhttp::PairCall call(Phase p) const {
        return {unique_id_, "roth", std::move(p)};
    }
    [[nodiscard]] std::string token(const std::string& passphrase) const {
        return to_hex(one_time_token(pin_, to_hex(salt_), passphrase));
    }

    static std::string element(const nvhttp::Response& answer, const std::string& name) {
        const size_t from = answer.body.find("<" + name + ">");
        const size_t to = answer.body.find("</" + name + ">");
        if (from == std::string::npos || to == std::string::npos) return "";
        return answer.body.substr(from + name.size() + 2, to - from - name.size() - 2);
    }

  private:
    static void append(Bytes& to, ByteView what) { to.insert(to.end(), what.begin(), what.end()); }
    template <size_t N>
    [[nodiscard]] std::array<uint8_t, N> ecb(const std::array<uint8_t, N>& in, bool encrypt) const {
        EVP_CIPHER_CTX* context = ::EVP_CIPHER_CTX_new();
        std::array<uint8_t, N> out{};
        int written = 0;
        ::EVP_CipherInit_ex(context, ::EVP_aes_128_ecb(), nullptr, derive_key(salt_, pin_).data(), nullptr, encrypt);
        ::EVP_CIPHER_CTX_set_padding(context, 0);
        ::EVP_CipherUpdate(context, out.data(), &written, in.data(), N);
        ::EVP_CIPHER_CTX_free(context);
        return out;
    }

    std::string pin_, unique_id_;
    const HostSigner& own_;
    Block salt_ = fixed("ff5dc6eda99339a8a0793e216c4257c4");
    Block challenge_ = fixed("101112131415161718191a1b1c1d1e1f"), secret_ = fixed("404142434445464748494a4b4c4d4e4f");
    Bytes server_hash_;
};

inline constexpr TimePoint kStart{1h};
inline constexpr std::string_view kPeer = "192.0.2.7";

struct PairingTest : testing::Test {
    HostSigner host = signer("host");
    Registrar registrar{signer("host")};
    TimePoint now = kStart;

    Outcome handle(const nvhttp::PairCall& call, std::string_view peer = kPeer) {
        return registrar.handle(call, peer, now);
    }
    nvhttp::Response answer(const nvhttp::PairCall& call, std::string_view peer = kPeer) {
        auto outcome = handle(call, peer);
        EXPECT_TRUE(std::holds_alternative<nvhttp::Response>(outcome));
        return std::holds_alternative<nvhttp::Response>(outcome) ? std::get<nvhttp::Response>(outcome)
                                                                 : nvhttp::Response{};
    }
    std::string body(const nvhttp::PairCall& call, std::string_view peer = kPeer) { return answer(call, peer).body; }
    uint64_t begin(const FakeClient& client, std::string_view peer = kPeer) {
        now += Registrar::kCooldown;
        auto outcome = handle(client.first(), peer);
        EXPECT_TRUE(std::holds_alternative<Held>(outcome));
        return std::holds_alternative<Held>(outcome) ? std::get<Held>(outcome).id : 0;
    }
    nvhttp::Response released(uint64_t id) {
        const auto all = registrar.take_released();
        EXPECT_EQ(all.size(), 1u);
        if (all.size() != 1) return {};
        EXPECT_EQ(all[0].id, id);
        return all[0].response;
    }
    void begin_and_enter(const FakeClient& client, const std::string& pin) {
        const uint64_t id = begin(client);
        ASSERT_TRUE(registrar.enter_pin(id, pin, now));
        EXPECT_THAT(released(id).body, HasSubstr("<plaincert>"));
    }
};

}  // namespace punktfunk::pairing
