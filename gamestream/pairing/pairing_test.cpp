#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <rapidcheck.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "client_certificate.hpp"
#include "paired_list.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/x509.hpp"
#include "registrar.hpp"

namespace punktfunk::pairing {

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
namespace phase = nvhttp::pair_phase;

const nlohmann::json& vectors(const char* group) {
    static const auto document = nlohmann::json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json"));
    return document.at(group);
}
std::string text(const nlohmann::json& object, const char* name) {
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

std::string pem(const std::string& label, ByteView der) {
    std::string base64(der.size() * 4 / 3 + 8, '\0');
    base64.resize(static_cast<size_t>(
        ::EVP_EncodeBlock(reinterpret_cast<uint8_t*>(base64.data()), der.data(), static_cast<int>(der.size()))));
    std::string out = "-----BEGIN " + label + "-----\n";
    for (size_t at = 0; at < base64.size(); at += 64) out += base64.substr(at, 64) + "\n";
    return out + "-----END " + label + "-----\n";
}

crypto::Identity vector_identity(const std::string& who) {
    const auto& vector = vectors("pairing");
    const auto key = from_hex(text(vector, (who + "_private_key_pkcs8_der").c_str())).value();
    return crypto::parse_identity(text(vector, (who + "_cert_pem_text").c_str()), pem("PRIVATE KEY", key)).value();
}
HostSigner signer(const std::string& who) {
    return HostSigner::create(vector_identity(who)).value();
}

const HostSigner& client_signer() {
    static const HostSigner own = signer("client");
    return own;
}

struct WithKey {
    std::string certificate_pem;
    Bytes certificate_der;
};
// A self-signed certificate as an unusual client might make it. `version` counts from 0.
WithKey certificate(EVP_PKEY* key, long version, const char* not_after = "20400101000000Z") {
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

constexpr TimePoint kStart{1h};
constexpr std::string_view kPeer = "192.0.2.7";

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

}  // namespace

TEST(Vectors, KeysOfPins) {
    for (const auto& vector : vectors("pairing_key_derivation").at("cases")) {
        const Block salt = fixed(text(vector, "salt"));
        EXPECT_EQ(to_hex(derive_key(salt, text(vector, "pin_text"))), text(vector, "sha256_key"));
    }
    const auto& pairing = vectors("pairing");
    EXPECT_EQ(to_hex(derive_key(fixed(text(pairing, "salt")), text(pairing, "pin_text"))), text(pairing, "aes_key"));
}

TEST(Vectors, ApollosToken) {
    const auto& vector = vectors("apollo_otpauth");
    const auto token =
        one_time_token(text(vector, "pin_text"), text(vector, "salt_text"), text(vector, "passphrase_text"));
    EXPECT_EQ(to_hex(token), text(vector, "otpauth"));
}

TEST(Vectors, TheWholeTranscript) {
    const auto& vector = vectors("pairing");
    const HostSigner host = signer("host");
    EXPECT_EQ(to_hex(host.certificate_signature()), text(vector, "host_cert_signature"));
    EXPECT_EQ(to_hex(ByteView(reinterpret_cast<const uint8_t*>(host.certificate_pem().data()),
                              host.certificate_pem().size())),
              text(vector.at("phase1"), "response_plaincert"));
    const Bytes client_pem = from_hex(text(vector.at("phase1"), "request_clientcert")).value();
    auto client = parse_client_certificate(std::string(client_pem.begin(), client_pem.end()));
    ASSERT_TRUE(client);
    EXPECT_EQ(to_hex(client->signature), text(vector, "client_cert_signature"));
    const Bytes der = client->der;

    Ceremony ceremony(host, std::move(*client), fixed(text(vector.at("phase1"), "request_salt")),
                      {fixed(text(vector, "server_secret")), fixed(text(vector, "server_challenge"))});
    EXPECT_FALSE(ceremony.enter_pin("12345"));
    ASSERT_TRUE(ceremony.enter_pin(text(vector, "pin_text")));
    const auto second = ceremony.client_challenge(fixed(text(vector.at("phase2"), "request_clientchallenge")));
    ASSERT_TRUE(second);
    EXPECT_EQ(to_hex(*second), text(vector.at("phase2"), "response_challengeresponse"));
    const auto third =
        ceremony.server_challenge_response(fixed<32>(text(vector.at("phase3"), "request_serverchallengeresp")));
    ASSERT_TRUE(third);
    EXPECT_EQ(to_hex(*third), text(vector.at("phase3"), "response_pairingsecret"));
    const Bytes fourth = from_hex(text(vector.at("phase4"), "request_clientpairingsecret")).value();
    Block secret{};
    std::copy_n(fourth.begin(), secret.size(), secret.begin());
    const auto paired = ceremony.client_pairing_secret(secret, ByteView(fourth).subspan(secret.size()));
    ASSERT_TRUE(paired);
    EXPECT_EQ(*paired, der);
}

TEST_F(PairingTest, AClientPairs) {
    FakeClient client("0042");
    const uint64_t id = begin(client);
    EXPECT_TRUE(registrar.take_released().empty()) << "the answer waits for the PIN";
    const auto waiting = registrar.waiting();
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting[0].id, id);
    EXPECT_EQ(waiting[0].peer_address, kPeer);
    EXPECT_EQ(waiting[0].name, "roth");
    EXPECT_EQ(waiting[0].expires, now + Registrar::kPinPatience);

    EXPECT_EQ(registrar.enter_pin(id, "42", now).error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(registrar.enter_pin(id, "004\xb2", now).error().code, ErrorCode::InvalidArgument);
    ASSERT_TRUE(registrar.enter_pin(id, "0042", now)) << "a text that is no PIN uses nothing up";
    EXPECT_EQ(FakeClient::element(released(id), "plaincert"),
              text(vectors("pairing").at("phase1"), "response_plaincert"));
    EXPECT_TRUE(registrar.waiting().empty());
    EXPECT_EQ(registrar.enter_pin(id, "0042", now).error().code, ErrorCode::NotAvailable);

    const auto second = answer(client.second());
    const auto third = answer(client.third(second));
    EXPECT_TRUE(client.believes(third, host));
    const auto outcome = handle(client.fourth());
    ASSERT_TRUE(std::holds_alternative<Paired>(outcome));
    const auto& paired = std::get<Paired>(outcome);
    EXPECT_EQ(paired.client.certificate_der, vector_identity("client").certificate_der);
    EXPECT_EQ(paired.client.name, "roth");
    EXPECT_THAT(paired.stored.body, HasSubstr("<paired>1</paired>"));
    EXPECT_THAT(paired.not_stored.body, HasSubstr("<paired>0</paired>"));
    EXPECT_THAT(body(client.call(phase::PairChallenge{})), HasSubstr("<paired>1</paired>"));
    EXPECT_THAT(body(client.fourth()), HasSubstr("<paired>0</paired>")) << "the ceremony is over";
}

TEST_F(PairingTest, AWrongPinIsOneGuessAndTellsNothingMore) {
    FakeClient client("1234");
    begin_and_enter(client, "4321");
    const auto third = answer(client.third(answer(client.second())));
    EXPECT_FALSE(client.believes(third, host)) << "the client sees it";
    const auto last = body(client.fourth());
    EXPECT_THAT(last, HasSubstr("status_code=\"200\"><paired>0</paired>"));
    EXPECT_THAT(body(client.fourth()), HasSubstr("no pairing was begun"));
    EXPECT_THAT(body(client.second()), HasSubstr("<paired>0</paired>"));
}

TEST_F(PairingTest, TheThirdPhaseIsAnsweredOnce) {
    // What phase 3 discloses lets the PIN be found offline; with a second try it could then be used.
    FakeClient client("1234");
    begin_and_enter(client, "1234");
    const auto second = answer(client.second());
    const auto third = client.third(second);
    EXPECT_THAT(body(third), HasSubstr("<pairingsecret>"));
    EXPECT_THAT(body(third), Not(HasSubstr("<pairingsecret>")));
    EXPECT_THAT(body(client.fourth()), HasSubstr("<paired>0</paired>"));
}

TEST_F(PairingTest, AnyPhaseOutOfOrderEndsIt) {
    const auto make = [this](int which, FakeClient& client, const nvhttp::Response& second) {
        switch (which) {
            case 2:
                return client.second();
            case 3:
                return client.call(phase::ServerChallengeResponse{});
            case 4:
                return client.fourth();
            default:
                return client.call(phase::Malformed{"malformed"});
        }
        (void)second;
    };
    for (const int wrong : {0, 3, 4}) {  // where 2 is due
        FakeClient client("1234");
        begin_and_enter(client, "1234");
        EXPECT_THAT(body(make(wrong, client, {})), HasSubstr("status_code=\"400\"")) << wrong;
        EXPECT_THAT(body(client.second()), HasSubstr("no pairing was begun")) << wrong;
    }
    for (const int wrong : {0, 2, 4}) {  // where 3 is due
        FakeClient client("1234");
        begin_and_enter(client, "1234");
        const auto second = answer(client.second());
        EXPECT_THAT(body(make(wrong, client, second)), HasSubstr("status_code=\"400\"")) << wrong;
        EXPECT_THAT(body(client.third(second)), HasSubstr("no pairing was begun")) << wrong;
    }
    for (const int wrong : {0, 2, 3}) {  // where 4 is due
        FakeClient client("1234");
        begin_and_enter(client, "1234");
        const auto second = answer(client.second());
        std::ignore = answer(client.third(second));
        EXPECT_THAT(body(make(wrong, client, second)), HasSubstr("status_code=\"400\"")) << wrong;
        EXPECT_THAT(body(client.fourth()), HasSubstr("no pairing was begun")) << wrong;
    }
}

TEST_F(PairingTest, GoingOnWithoutThePinEndsIt) {
    FakeClient client("1234");
    const uint64_t id = begin(client);
    EXPECT_THAT(body(client.second()), HasSubstr("<paired>0</paired>"));
    EXPECT_THAT(released(id).body, HasSubstr("<paired>0</paired>"));
    EXPECT_EQ(registrar.enter_pin(id, "1234", now).error().code, ErrorCode::NotAvailable);
}

TEST_F(PairingTest, TheSecretMustBeSignedByTheCertificateOfPhaseOne) {
    FakeClient client("1234");
    begin_and_enter(client, "1234");
    std::ignore = answer(client.third(answer(client.second())));
    auto last = client.fourth();
    auto& secret = std::get<phase::ClientPairingSecret>(last.phase);
    secret.signature = host.sign(secret.secret).value();  // the right hash, another key
    EXPECT_THAT(body(last), HasSubstr("<paired>0</paired>"));

    for (const size_t length : {size_t{0}, size_t{255}, size_t{257}}) {
        FakeClient again("1234");
        begin_and_enter(again, "1234");
        std::ignore = answer(again.third(answer(again.second())));
        last = again.fourth();
        std::get<phase::ClientPairingSecret>(last.phase).signature.resize(length);
        EXPECT_THAT(body(last), HasSubstr("<paired>0</paired>")) << length;
    }
}

TEST_F(PairingTest, PhasesOfAnotherAddressOrIdTouchNothing) {
    FakeClient client("1234");
    begin_and_enter(client, "1234");
    EXPECT_THAT(body(client.second(), "192.0.2.8"), HasSubstr("no pairing was begun"));
    EXPECT_THAT(body(FakeClient("1234", "other").second()), HasSubstr("no pairing was begun"));
    registrar.abort("0123456789ABCDEF", "192.0.2.8");
    EXPECT_TRUE(client.believes(answer(client.third(answer(client.second()))), host));
}

TEST_F(PairingTest, WaitsEndAndHeldConnectionsAreAnswered) {
    FakeClient client("1234");
    uint64_t id = begin(client);
    registrar.expire(now + Registrar::kPinPatience - 1ms);
    EXPECT_TRUE(registrar.take_released().empty());
    registrar.expire(now + Registrar::kPinPatience);
    EXPECT_THAT(released(id).body, HasSubstr("<paired>0</paired>"));
    EXPECT_FALSE(registrar.enter_pin(id, "1234", now));

    id = begin(client);
    ASSERT_TRUE(registrar.reject(id));
    EXPECT_THAT(released(id).body, HasSubstr("<paired>0</paired>"));
    EXPECT_EQ(registrar.reject(id).error().code, ErrorCode::NotAvailable);

    id = begin(client);
    registrar.abort("0123456789ABCDEF", kPeer);
    EXPECT_THAT(released(id).body, HasSubstr("<paired>0</paired>"));

    id = begin(client);
    registrar.connection_closed(id);
    EXPECT_TRUE(registrar.take_released().empty());
    EXPECT_TRUE(registrar.waiting().empty());

    const uint64_t old = begin(client);
    id = begin(client);
    EXPECT_NE(old, id) << "a PIN for the one never reaches the other";
    EXPECT_THAT(released(old).body, HasSubstr("<paired>0</paired>"));
    EXPECT_FALSE(registrar.enter_pin(old, "1234", now));

    ASSERT_TRUE(registrar.enter_pin(id, "1234", now));
    std::ignore = released(id);
    now += Registrar::kPhasePatience;
    EXPECT_THAT(body(client.second()), HasSubstr("no pairing was begun")) << "the phases after the PIN are not endless";
    EXPECT_TRUE(registrar.take_released().empty());
}

TEST_F(PairingTest, ItsNumberIsBounded) {
    for (size_t i = 0; i < Registrar::kMaxPerAddress; ++i) begin(FakeClient("1234", std::to_string(i)));
    now += Registrar::kCooldown;
    const auto refused = body(FakeClient("1234").first());
    EXPECT_THAT(refused, HasSubstr("<paired>1</paired>"));
    EXPECT_THAT(refused, Not(HasSubstr("plaincert"))) << "clients say: already pairing";
    const size_t more = Registrar::kMaxCeremonies - Registrar::kMaxPerAddress;
    for (size_t i = 0; i < more; ++i) begin(FakeClient("1234"), "198.51.100." + std::to_string(i));
    EXPECT_EQ(registrar.waiting().size(), Registrar::kMaxCeremonies);
    EXPECT_THAT(body(FakeClient("1234").first(), "203.0.113.1"), Not(HasSubstr("plaincert")));
}

TEST_F(PairingTest, OneAddressCannotPromptWithoutEnd) {
    begin(FakeClient("1234", "a"));
    EXPECT_THAT(body(FakeClient("1234", "b").first()), HasSubstr("too many attempts"));
    EXPECT_EQ(registrar.waiting().size(), 1u);
    // And the memory of who asked lately is bounded too.
    for (int i = 0; i < 1000; ++i)
        std::ignore = handle(FakeClient("1234").call(phase::GetServerCertificate{}), std::to_string(i));
    EXPECT_THAT(body(FakeClient("1234", "b").first(), "one more"), HasSubstr("too many attempts"));
    now += Registrar::kCooldown;
    begin(FakeClient("1234", "b"));
}

TEST_F(PairingTest, ACertificateThatCannotBeReadPromptsNobody) {
    FakeClient client("1234");
    auto first = client.first();
    auto& request = std::get<phase::GetServerCertificate>(first.phase);
    for (const std::string& bad : {std::string(), std::string("no PEM"), std::string(kMaxCertificatePem + 1, '-'),
                                   request.client_certificate_pem + request.client_certificate_pem,
                                   request.client_certificate_pem.substr(0, 600)}) {
        now += Registrar::kCooldown;
        request.client_certificate_pem = bad;
        EXPECT_THAT(body(first), HasSubstr("<paired>0</paired>"));
        EXPECT_TRUE(registrar.waiting().empty());
    }
}

TEST_F(PairingTest, AOneTimePinPairsOneClientWithoutAPrompt) {
    FakeClient client("1234");
    EXPECT_EQ(registrar.arm_one_time_pin("12", "secret", now).error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(registrar.arm_one_time_pin("1234", "", now).error().code, ErrorCode::InvalidArgument);
    const auto attempt = [&](const std::string& token) {
        now += Registrar::kCooldown;
        return body(client.first(token));
    };
    EXPECT_THAT(attempt(client.token("secret")), HasSubstr("status_code=\"503\"")) << "none is armed";
    ASSERT_TRUE(registrar.arm_one_time_pin("1234", "secret", now));
    EXPECT_THAT(attempt(client.token("wrong")), HasSubstr("<paired>0</paired>"));
    EXPECT_THAT(attempt(client.token("secret")), HasSubstr("<paired>0</paired>")) << "one attempt, right or wrong";
    ASSERT_TRUE(registrar.arm_one_time_pin("1234", "secret", now));
    now += OneTimePin::kLifetime;
    EXPECT_THAT(attempt(client.token("secret")), HasSubstr("<paired>0</paired>")) << "too late";
    ASSERT_TRUE(registrar.arm_one_time_pin("1234", "secret", now));
    EXPECT_THAT(attempt(client.token("secret")), HasSubstr("<plaincert>"));
    EXPECT_TRUE(registrar.waiting().empty());
    EXPECT_TRUE(client.believes(answer(client.third(answer(client.second()))), host));
    EXPECT_TRUE(std::holds_alternative<Paired>(handle(client.fourth())));
}

TEST_F(PairingTest, RandomMutationsNeverPair) {
    EXPECT_TRUE(rc::check("one changed bit anywhere in phases 2 to 4", [this] {
        FakeClient client("1234");
        begin_and_enter(client, "1234");
        const int where = *rc::gen::inRange(0, 4);
        const auto flip = [](auto& bytes) {
            bytes[*rc::gen::inRange<size_t>(0, bytes.size())] ^= static_cast<uint8_t>(1 << *rc::gen::inRange(0, 8));
        };
        auto second = client.second();
        if (where == 0) flip(std::get<phase::ClientChallenge>(second.phase).encrypted);
        const auto answer2 = answer(second);
        auto third = client.third(answer2);
        if (where == 1) flip(std::get<phase::ServerChallengeResponse>(third.phase).encrypted);
        const auto answer3 = answer(third);
        if (where == 0) {
            RC_ASSERT(!client.believes(answer3, host));  // here it is the client who sees it
            return;
        }
        auto fourth = client.fourth();
        auto& secret = std::get<phase::ClientPairingSecret>(fourth.phase);
        if (where == 2) flip(secret.secret);
        if (where == 3) flip(secret.signature);
        RC_ASSERT(!std::holds_alternative<Paired>(handle(fourth)));
    }));
}

TEST(ClientCertificate, AnyVersionAnyDatesButRsaOf2048) {
    const crypto::Key rsa(EVP_RSA_gen(2048)), small(EVP_RSA_gen(1024)), curve(EVP_EC_gen("P-256"));
    for (const long version : {0L, 2L}) {
        const auto made = certificate(rsa.get(), version, "20210101000000Z");
        const auto parsed = parse_client_certificate(made.certificate_pem);
        ASSERT_TRUE(parsed) << version;
        EXPECT_EQ(parsed->der, made.certificate_der);
        EXPECT_EQ(parsed->signature.size(), 256u);
    }
    for (EVP_PKEY* key : {small.get(), curve.get()})
        EXPECT_EQ(parse_client_certificate(certificate(key, 2).certificate_pem).error().code,
                  ErrorCode::ProtocolViolation);
    // Bytes after the certificate would not be in what TLS shows.
    auto trailing = certificate(rsa.get(), 2).certificate_der;
    trailing.push_back(0);
    EXPECT_FALSE(parse_client_certificate(pem("CERTIFICATE", trailing)));
}

TEST(HostSigner, MustBeRsa) {
    const auto client = crypto::generate_identity(crypto::IdentityKind::Client).value();
    EXPECT_EQ(HostSigner::create(client).error().code, ErrorCode::InvalidArgument);
    EXPECT_TRUE(HostSigner::create(crypto::generate_identity(crypto::IdentityKind::Host).value()));
}

TEST(PairedList, ComesBackAsItWasWritten) {
    const std::vector<Bytes> certificates = {vector_identity("client").certificate_der,
                                             vector_identity("host").certificate_der};
    const auto json = encode_paired_list(certificates);
    EXPECT_TRUE(json.starts_with("[[48,130,"));
    EXPECT_EQ(decode_paired_list(json).value(), certificates);
    EXPECT_EQ(decode_paired_list(encode_paired_list({})).value(), std::vector<Bytes>{});
}

TEST(PairedList, AnythingElseTrustsNobody) {
    for (const char* json :
         {"", "{}", "[", "[1]", "[[]]", "[[256]]", "[[-1]]", "[[48.5]]", "[[48,0]]", "[\"MII\"]", "null"})
        EXPECT_EQ(decode_paired_list(json).error().code, ErrorCode::InvalidArgument) << json;
    std::string many = "[[]";
    for (size_t i = 0; i < kMaxPairedClients; ++i) many += ",[]";
    EXPECT_FALSE(decode_paired_list(many + "]"));
}

}  // namespace punktfunk::pairing
