// The handshake, and the sessions that wait for theirs.
#include "captured_client.hpp"

namespace punktfunk::rtsp {

TEST(Handshake, InPlainText) {
    Session desk = session(setup(false));
    const auto answers = run(desk, 7);
    for (const auto& answer : answers) expect_acceptable(answer);
    EXPECT_EQ(answers[0], "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n");
    EXPECT_EQ(answers[1].substr(answers[1].find("\r\n\r\n") + 4), describe(setup(false).offer));
    EXPECT_EQ(answers[2],
              "RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: DEADBEEFCAFE;timeout = 90\r\nTransport: server_port=48000\r\n"
              "X-SS-Ping-Payload: 1314287C0FA52D2B\r\n\r\n");
    EXPECT_THAT(answers[3],
                testing::AllOf(HasSubstr("server_port=47998\r\n"), HasSubstr("X-SS-Ping-Payload: 2314287C0FA52D2B")));
    EXPECT_THAT(answers[4],
                testing::AllOf(HasSubstr("server_port=47999\r\n"), HasSubstr("X-SS-Connect-Data: 4000000000\r\n")));
    EXPECT_TRUE(desk.playing());
    ASSERT_TRUE(desk.config());
    EXPECT_EQ(desk.config()->video.width, 1280u);
    EXPECT_FALSE(desk.config()->audio.high_quality) << "the Host header was 0.0.0.0";
    EXPECT_FALSE(desk.expired(kStart + 1h));
    EXPECT_EQ(status_of(desk.answer(plain(request(6)), kStart)), 455) << "PLAY comes once";
}

TEST(Handshake, Sealed) {
    Session desk = session(setup(true));
    const auto client = MessageCipher::create(vector_secret()).value();
    uint32_t sequence = 8;  // a client's counter goes on from its earlier sessions
    for (size_t i = 0; i < 7; ++i, ++sequence) {
        const auto answer = desk.answer(*parse_sealed(client.seal(request(i), sequence, Sender::Client)), kStart);
        ASSERT_TRUE(answer) << i;
        EXPECT_EQ(answer->announced.has_value(), i == 5);
        EXPECT_EQ(answer->play, i == 6);
        const auto sealed = parse_sealed(answer->bytes);
        ASSERT_TRUE(sealed);
        EXPECT_EQ(sealed->sequence, i + 1) << "never one twice under a key";
        expect_acceptable(client.open(*sealed, Sender::Host).value());
    }
}

TEST(Handshake, WhatIsNotSealedForItIsNotAnswered) {
    Session desk = session(setup(true));
    const auto client = MessageCipher::create(vector_secret()).value();
    auto other_secret = vector_secret();
    other_secret.key.bytes[0] ^= 1;
    const auto other = MessageCipher::create(other_secret).value();
    const auto sealed = [&](const MessageCipher& cipher, uint32_t sequence, Sender sender = Sender::Client) {
        return Received(*parse_sealed(cipher.seal(request(0), sequence, sender)));
    };
    EXPECT_FALSE(desk.answer(plain(request(0)), kStart));
    EXPECT_FALSE(desk.answer(sealed(other, 1), kStart));
    EXPECT_FALSE(desk.answer(sealed(client, 1, Sender::Host), kStart)) << "our own words come back";
    EXPECT_TRUE(desk.answer(sealed(client, 5), kStart));
    EXPECT_FALSE(desk.answer(sealed(client, 5), kStart)) << "a replay";
    EXPECT_FALSE(desk.answer(sealed(client, 4), kStart));
    EXPECT_TRUE(desk.answer(sealed(client, 6), kStart));
    EXPECT_FALSE(desk.answer(*parse_sealed(client.seal("nonsense", 7, Sender::Client)), kStart));
    Session open = session(setup(false));
    EXPECT_FALSE(open.answer(sealed(client, 1), kStart));
}

TEST(Handshake, OrderIsKept) {
    const auto status = [](size_t done, const std::string& next) {
        Session desk = session(setup(false));
        run(desk, done);
        return status_of(desk.answer(plain(next), kStart));
    };
    EXPECT_EQ(status(0, request(5)), 455) << "ANNOUNCE without SETUP";
    EXPECT_EQ(status(4, request(5)), 455) << "ANNOUNCE without the control stream";
    EXPECT_EQ(status(5, request(6)), 455) << "PLAY without ANNOUNCE";
    EXPECT_EQ(status(6, request(5)), 455) << "ANNOUNCE twice";
    EXPECT_EQ(status(6, request(2)), 455) << "SETUP after ANNOUNCE";
    EXPECT_EQ(status(7, request(0)), 455) << "anything after PLAY";
    EXPECT_EQ(status(5, replaced(request(5), "Session: DEADBEEFCAFE\r\n", "")), 454);
    EXPECT_EQ(status(6, replaced(request(6), "Session: DEADBEEFCAFE\r\n", "")), 454);
    EXPECT_EQ(status(5, replaced(request(5), "DEADBEEFCAFE", "DEADBEEFCAFF")), 0) << "another session's";
    EXPECT_EQ(status(0, replaced(request(2), "audio/0/0", "smell/0/0")), 404);
    EXPECT_EQ(status(0, replaced(request(0), "OPTIONS", "TEARDOWN")), 501);
    EXPECT_EQ(status(5, replaced(request(5), "packetSize:1024", "packetSize:1023")), 400);
}

TEST(Handshake, ARefusedAnnounceStartsNothing) {
    auto strict = setup(false);
    strict.mandatory.video = true;
    Session desk = session(std::move(strict));
    run(desk, 5);
    const auto answer = desk.answer(plain(request(5)), kStart);
    EXPECT_EQ(status_of(answer), 403);
    EXPECT_FALSE(answer->announced || answer->play || desk.config());
    EXPECT_THAT(answer->refused, HasSubstr("mandatory"));
    EXPECT_EQ(status_of(desk.answer(plain(request(6)), kStart)), 455);
}

TEST(Handshake, ALaunchThatIsNotFollowedExpires) {
    Session desk = session(setup(false));
    EXPECT_FALSE(desk.expired(kStart + Session::kPatience - 1ms));
    EXPECT_TRUE(desk.expired(kStart + Session::kPatience));
    EXPECT_TRUE(desk.answer(plain(request(0)), kStart + 5s));
    EXPECT_FALSE(desk.expired(kStart + 5s + Session::kPatience - 1ms));
    EXPECT_FALSE(desk.answer(plain(request(1)), kStart + 5s + Session::kPatience));
}

TEST(Ids, AreAsClientsNeedThem) {
    const auto a = SessionIds::fresh(), b = SessionIds::fresh();
    for (const auto& ping : {a.audio_ping, a.video_ping}) EXPECT_EQ(ping.size(), 16u) << "else clients send four bytes";
    EXPECT_NE(a.session, b.session);
    EXPECT_NE(a.video_ping, b.video_ping);
    EXPECT_NE(a.connect_data, b.connect_data);
    EXPECT_NE(a.connect_data, 0u);
}

TEST(Pending, EveryRequestFindsItsSession) {
    PendingSessions pending;
    auto second_setup = setup(true);
    second_setup.secret.key.bytes[5] ^= 0xff;
    const auto first_client = MessageCipher::create(vector_secret()).value();
    const auto second_client = MessageCipher::create(second_setup.secret).value();
    const uint64_t first = pending.add(session(setup(true)), "first", "192.0.2.1");
    const uint64_t second = pending.add(session(std::move(second_setup)), "second", "192.0.2.2");
    const uint64_t third = pending.add(session(setup(false)), "third", "192.0.2.3");
    const auto id_of = [&](const Received& received, std::string_view peer) {
        const auto routed = pending.answer(received, peer, kStart);
        return routed ? routed->id : 0;
    };
    EXPECT_EQ(id_of(*parse_sealed(first_client.seal(request(0), 1, Sender::Client)), "anywhere"), first);
    EXPECT_EQ(id_of(*parse_sealed(second_client.seal(request(0), 1, Sender::Client)), "anywhere"), second);
    EXPECT_EQ(id_of(plain(request(0)), "192.0.2.3"), third);
    EXPECT_EQ(id_of(plain(request(0)), "192.0.2.1"), 0u) << "plain text for a sealed session";
    EXPECT_EQ(id_of(plain(request(0)), "192.0.2.9"), 0u);

    EXPECT_TRUE(pending.take(first));
    EXPECT_FALSE(pending.take(first));
    const uint64_t again = pending.add(session(setup(true)), "second", "192.0.2.2");
    EXPECT_FALSE(pending.take(second)) << "a launch supersedes the client's earlier one";
    EXPECT_EQ(pending.expire(kStart + Session::kPatience), (std::vector<uint64_t>{third, again}));
    EXPECT_EQ(pending.size(), 0u);
    for (size_t i = 0; i < PendingSessions::kMax; ++i) {
        ASSERT_TRUE(pending.has_room_for(std::to_string(i)));
        pending.add(session(setup(true)), std::to_string(i), "");
    }
    EXPECT_FALSE(pending.has_room_for("another"));
    EXPECT_TRUE(pending.has_room_for("3")) << "in place of its own";
}

}  // namespace punktfunk::rtsp
