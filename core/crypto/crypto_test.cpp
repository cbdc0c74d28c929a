#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <rapidcheck.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "aead_backend.hpp"
#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/aead.hpp"
#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/crypto/random.hpp"
#include "punktfunk/crypto/spake2.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::crypto {

namespace {

const nlohmann::json& vectors(const char* group) {
    static const auto document = nlohmann::json::parse(std::ifstream(PUNKTFUNK_VECTORS "/punktfunk1-vectors.json"));
    return document.at(group);
}

template <size_t N>
std::array<uint8_t, N> fixed(const nlohmann::json& hex) {
    const Bytes bytes = *from_hex(hex.get<std::string>());
    std::array<uint8_t, N> value{};
    EXPECT_EQ(bytes.size(), N);
    std::copy_n(bytes.begin(), N, value.begin());
    return value;
}

SessionKey vector_key() {
    return {fixed<16>(vectors("aes_gcm").at("key")), fixed<4>(vectors("aes_gcm").at("salt"))};
}

Bytes datagram_around(ByteView plain) {
    Bytes datagram(plain.size() + kSealOverhead);
    std::ranges::copy(plain, datagram.begin() + kSequenceBytes);
    return datagram;
}

}  // namespace

TEST(Aead, SealsAsTheVectors) {
    const Bytes plain = *from_hex(vectors("aes_gcm").at("host_seq42_plain").get<std::string>());
    for (const auto& [direction, name] :
         {std::pair{Direction::HostToClient, "host_seq42_wire"}, {Direction::ClientToHost, "client_seq42_wire"}}) {
        auto sealer = Sealer::create(vector_key(), direction);
        ASSERT_TRUE(sealer);
        Bytes datagram;
        while (sealer->next_sequence() <= 42) {
            datagram = datagram_around(plain);
            sealer->seal_in_place(datagram);
        }
        EXPECT_EQ(to_hex(datagram), vectors("aes_gcm").at(name).get<std::string>());
        auto opener = Opener::create(vector_key(), direction);
        ASSERT_TRUE(opener);
        const auto opened = opener->open_in_place(datagram);
        EXPECT_TRUE(std::ranges::equal(opened, plain));
    }
}

TEST(Aead, RefusesTamperingTruncationReplayAndTheOtherDirection) {
    const SessionKey key = random_session_key();
    auto sealer = Sealer::create(key, Direction::HostToClient);
    auto opener = Opener::create(key, Direction::HostToClient);
    auto wrong_way = Opener::create(key, Direction::ClientToHost);
    Bytes sealed = datagram_around(Bytes(100, 7));
    sealer->seal_in_place(sealed);
    for (size_t i = 0; i < sealed.size(); ++i) {
        Bytes broken = sealed;
        broken[i] ^= 0x10;
        EXPECT_EQ(opener->open_in_place(broken).data(), nullptr) << i;
    }
    for (size_t length = 0; length < sealed.size(); ++length) {
        Bytes cut(sealed.begin(), sealed.begin() + static_cast<ptrdiff_t>(length));
        EXPECT_EQ(opener->open_in_place(cut).data(), nullptr);
    }
    Bytes copy = sealed;
    EXPECT_EQ(wrong_way->open_in_place(copy).data(), nullptr);
    copy = sealed;
    EXPECT_EQ(opener->open_in_place(copy).size(), 100u);
    copy = sealed;
    EXPECT_EQ(opener->open_in_place(copy).data(), nullptr) << "a replay";
    EXPECT_FALSE(Sealer::create({}, Direction::HostToClient)) << "the all-zero key";
}

TEST(Aead, EveryBackendSealsAsTheVectors) {
    const Bytes plain = *from_hex(vectors("aes_gcm").at("host_seq42_plain").get<std::string>());
    const Bytes wire = *from_hex(vectors("aes_gcm").at("host_seq42_wire").get<std::string>());
    const ByteView sequence = ByteView(wire).first<kSequenceBytes>();
    const SessionKey key = vector_key();
    Nonce nonce{};
    std::ranges::copy(key.salt, nonce.begin());
    nonce[0] &= 0x7f;
    std::ranges::copy(sequence, nonce.begin() + 4);
    for (const AeadBackend* backend : aead_backends()) {
        if (!backend->supported()) continue;
        const auto cipher = backend->make(key.key);
        ASSERT_NE(cipher, nullptr) << backend->name;
        Bytes out = datagram_around(plain);
        std::ranges::copy(sequence, out.begin());
        const auto text = std::span(out).subspan(kSequenceBytes, plain.size());
        const auto tag = std::span(out).last<kTagBytes>();
        cipher->seal(nonce, sequence, text, tag);
        EXPECT_EQ(to_hex(out), to_hex(wire)) << backend->name;
        EXPECT_TRUE(cipher->open(nonce, sequence, text, tag)) << backend->name;
        EXPECT_TRUE(std::ranges::equal(text, plain)) << backend->name;
    }
}

TEST(Aead, BackendsAgreeOnEveryLengthAndRefuseTheSameChanges) {
    EXPECT_TRUE(rc::check("what one seals, the other opens", [](const std::array<uint8_t, 16>& key,
                                                                const Nonce& nonce) {
        const Bytes plain =
            *rc::gen::container<Bytes>(*rc::gen::inRange<size_t>(0, 2100), rc::gen::arbitrary<uint8_t>());
        const Bytes aad = *rc::gen::container<Bytes>(kSequenceBytes, rc::gen::arbitrary<uint8_t>());
        const auto is_canary = [](uint8_t byte) { return byte == 0xA5; };
        const size_t offset = *rc::gen::inRange<size_t>(0, 64), damage = *rc::gen::arbitrary<uint16_t>();
        for (const AeadBackend* sealing : aead_backends()) {
            for (const AeadBackend* opening : aead_backends()) {
                if (!sealing->supported() || !opening->supported()) continue;
                const auto sealer = sealing->make(key), opener = opening->make(key);
                Bytes memory(offset + plain.size() + kTagBytes + 1, 0xA5);
                const auto text = std::span(memory).subspan(offset, plain.size());
                const auto tag = std::span(memory).subspan(offset + plain.size()).first<kTagBytes>();
                std::ranges::copy(plain, text.begin());
                sealer->seal(nonce, aad, text, tag);
                RC_ASSERT(is_canary(memory.back()) && std::ranges::all_of(std::span(memory).first(offset), is_canary));

                Bytes broken = memory;
                broken[offset + damage % (plain.size() + kTagBytes)] ^= static_cast<uint8_t>(1 << damage % 8);
                RC_ASSERT(!opener->open(nonce, aad, std::span(broken).subspan(offset, plain.size()),
                                        std::span(broken).subspan(offset + plain.size()).first<kTagBytes>()));
                RC_ASSERT(opener->open(nonce, aad, text, tag));
                RC_ASSERT(std::ranges::equal(text, plain));
            }
        }
    }));
}

TEST(ReplayWindow, AcceptsEachNumberOnceWithinItsWidth) {
    EXPECT_TRUE(rc::check("as a set with a moving floor", [](const std::vector<uint32_t>& steps) {
        ReplayWindow window;
        std::set<uint64_t> seen;
        uint64_t highest = 0, base = 1'000'000;
        for (const uint32_t step : steps) {
            const uint64_t sequence = base + step % (3 * ReplayWindow::kWidth);
            const bool fresh = !seen.contains(sequence) && (seen.empty() || sequence + ReplayWindow::kWidth > highest);
            RC_ASSERT(window.accept(sequence) == fresh);
            if (fresh) {
                seen.insert(sequence);
                highest = std::max(highest, sequence);
            }
        }
    }));
    ReplayWindow window;
    EXPECT_TRUE(window.accept(5));
    EXPECT_TRUE(window.accept(5 + ReplayWindow::kWidth));
    EXPECT_FALSE(window.accept(5));
    EXPECT_TRUE(window.accept(6));
    EXPECT_TRUE(window.accept(~uint64_t{0}));
}

TEST(Spake2, TheVectorsCeremony) {
    const auto& v = vectors("spake2").at("punktfunk");
    const auto client = fixed<32>(v.at("client_fingerprint")), host = fixed<32>(v.at("host_fingerprint"));
    const Spake2 a(Spake2Side::Client, v.at("pin").get<std::string>(), client, host, fixed<32>(v.at("x_le32")));
    const Spake2 b(Spake2Side::Host, v.at("pin").get<std::string>(), client, host, fixed<32>(v.at("y_le32")));
    EXPECT_EQ(to_hex(a.message()), v.at("msg_a").get<std::string>());
    EXPECT_EQ(to_hex(b.message()), v.at("msg_b").get<std::string>());
    const auto key_a = a.finish(b.message()), key_b = b.finish(a.message());
    ASSERT_TRUE(key_a && key_b);
    EXPECT_EQ(to_hex(key_a->key), v.at("key").get<std::string>());
    EXPECT_EQ(key_a->key, key_b->key);
    EXPECT_EQ(to_hex(key_a->host_confirmation(client, host)), v.at("confirm_host").get<std::string>());
    EXPECT_EQ(to_hex(key_a->client_confirmation(client, host)), v.at("confirm_client").get<std::string>());
}

TEST(Spake2, AnotherPinOrAnotherCertificateGivesAnotherKey) {
    const Fingerprint client{1}, host{2}, impostor{3};
    const Spake2 right(Spake2Side::Host, "1234", client, host);
    const Spake2 wrong_pin(Spake2Side::Client, "1235", client, host);
    const Spake2 wrong_host(Spake2Side::Client, "1234", client, impostor);
    EXPECT_NE(right.finish(wrong_pin.message())->key, wrong_pin.finish(right.message())->key);
    EXPECT_NE(right.finish(wrong_host.message())->key, wrong_host.finish(right.message())->key);
}

TEST(Spake2, HostileMessagesAreRefused) {
    const Spake2 host(Spake2Side::Host, "1234", {1}, {2});
    const Spake2 client(Spake2Side::Client, "1234", {1}, {2});
    EXPECT_FALSE(host.finish({}));
    EXPECT_FALSE(host.finish(host.message())) << "its own side";
    Spake2Message message = client.message();
    EXPECT_FALSE(host.finish(std::span(message).first(32)));
    std::fill(message.begin() + 1, message.end(), 0);  // a point of order 4
    EXPECT_FALSE(host.finish(message));
    message[1] = 1;  // the neutral element
    EXPECT_FALSE(host.finish(message));
    std::fill(message.begin() + 1, message.end(), 0xff);
    EXPECT_FALSE(host.finish(message));
}

TEST(Spake2, APeerThatSendsOnlyTheBlindingIsRefused) {
    const Spake2 host(Spake2Side::Host, "1234", {1}, {2});
    const Spake2 zero(Spake2Side::Client, "1234", {1}, {2}, std::array<uint8_t, 32>{});
    const auto key = host.finish(zero.message());
    ASSERT_FALSE(key) << "anybody who guesses the PIN would know the key without a secret";
    EXPECT_EQ(key.error().code, ErrorCode::ProtocolViolation);
}

TEST(Identity, FingerprintOfTheVectorsCertificate) {
    const auto& v = vectors("certificate_fingerprint");
    EXPECT_EQ(to_hex(fingerprint_of(*from_hex(v.at("der").get<std::string>()))),
              v.at("fingerprint").get<std::string>());
}

TEST(Identity, IsKeptAndNeverReplacedSilently) {
    const test::TempDirectory temp;
    const auto& directory = temp.path();
    for (const IdentityKind kind : {IdentityKind::Host, IdentityKind::Client}) {
        const auto home = directory / (kind == IdentityKind::Host ? "host" : "client");
        const auto first = load_or_create_identity(home, "cert.pem", "key.pem", kind);
        ASSERT_TRUE(first) << first.error().message;
        const auto second = load_or_create_identity(home, "cert.pem", "key.pem", kind);
        ASSERT_TRUE(second);
        EXPECT_EQ(first->fingerprint, second->fingerprint);
        struct stat status{};
        ASSERT_EQ(::stat((home / "key.pem").c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600u);
        std::ofstream(home / "cert.pem") << "damaged";
        const auto damaged = load_or_create_identity(home, "cert.pem", "key.pem", kind);
        ASSERT_FALSE(damaged);
        EXPECT_NE(damaged.error().message.find((home / "cert.pem").string()), std::string::npos);
        std::filesystem::remove(home / "cert.pem");
        const auto half = load_or_create_identity(home, "cert.pem", "key.pem", kind);
        ASSERT_FALSE(half);
        EXPECT_NE(half.error().message.find((home / "cert.pem").string()), std::string::npos);
    }
    const auto a = generate_identity(IdentityKind::Client), b = generate_identity(IdentityKind::Client);
    EXPECT_FALSE(parse_identity(a->certificate_pem, b->private_key_pem)) << "a key of another certificate";
    EXPECT_FALSE(parse_identity("", ""));
    EXPECT_FALSE(parse_identity(a->certificate_pem, "")) << "no key";
    std::string encrypted = a->certificate_pem;
    encrypted.insert(encrypted.find('\n') + 1,
                     "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n");
    EXPECT_FALSE(parse_identity(encrypted, a->private_key_pem)) << "it would need a passphrase";
    std::ofstream(directory / "file") << "";
    EXPECT_FALSE(load_or_create_identity(directory / "file", "cert.pem", "key.pem", IdentityKind::Client));
    std::filesystem::create_directories(directory / "taken" / "cert.pem");
    EXPECT_FALSE(load_or_create_identity(directory / "taken", "cert.pem", "key.pem", IdentityKind::Client));
}

// A peer computes the fingerprint of the bytes it is shown: they must be the ones that ours is of.
TEST(Identity, ACertificateThatIsNotExactlyDerIsRefused) {
    const auto made = generate_identity(IdentityKind::Client).value();
    const auto pem = [](const Bytes& der) {
        std::string base64(der.size() * 4 / 3 + 8, '\0');
        base64.resize(static_cast<size_t>(
            ::EVP_EncodeBlock(reinterpret_cast<uint8_t*>(base64.data()), der.data(), static_cast<int>(der.size()))));
        return "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n";
    };
    const Bytes& der = made.certificate_der;
    ASSERT_TRUE(parse_identity(pem(der), made.private_key_pem));
    ASSERT_EQ(der[1], 0x82) << "a length of two bytes";
    Bytes trailing = der, indefinite = der, longer = der;
    trailing.push_back(0);
    indefinite[1] = 0x80;
    indefinite.erase(indefinite.begin() + 2, indefinite.begin() + 4);
    indefinite.insert(indefinite.end(), 2, 0);
    longer[1] = 0x83;
    longer.insert(longer.begin() + 2, 0);
    for (const Bytes& other : {trailing, indefinite, longer}) {
        const auto identity = parse_identity(pem(other), made.private_key_pem);
        ASSERT_FALSE(identity);
        EXPECT_EQ(identity.error().code, ErrorCode::InvalidArgument);
    }
}

}  // namespace punktfunk::crypto
