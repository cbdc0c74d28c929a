// The ceremony itself: the vectors, and every way of getting it wrong.
#include <rapidcheck.h>

#include "test_ceremony.hpp"

namespace punktfunk::pairing {

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
    const auto make = [](int which, FakeClient& client, const nvhttp::Response& second) {
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

}  // namespace punktfunk::pairing
