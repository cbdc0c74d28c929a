// Who may pair when: the PIN that is waited for, and how many may wait.
#include "test_ceremony.hpp"

namespace punktfunk::pairing {

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
    // Whoever holds two places gives one up; once nobody does, it is full.
    const uint64_t first = registrar.waiting().front().id;
    begin(FakeClient("1234"), "203.0.113.1");
    EXPECT_THAT(released(first).body, HasSubstr("<paired>0</paired>"));
    EXPECT_EQ(registrar.waiting().size(), Registrar::kMaxCeremonies);
    now += Registrar::kCooldown;
    EXPECT_THAT(body(FakeClient("1234").first(), "203.0.113.2"), Not(HasSubstr("plaincert")));
}

// IPv6 gives a home more addresses than there are places.
TEST_F(PairingTest, ANetworkOfIpv6CountsAsOneAddress) {
    begin(FakeClient("1234"), "2001:db8:0:1::1");
    begin(FakeClient("1234"), "2001:db8:0:1::2");
    now += Registrar::kCooldown;
    EXPECT_THAT(body(FakeClient("1234").first(), "2001:db8:0:1:ffff::3"), Not(HasSubstr("plaincert")));
    begin(FakeClient("1234"), "2001:db8:0:2::1");
    EXPECT_EQ(registrar.waiting().size(), 3u);
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

}  // namespace punktfunk::pairing
