#include "event_hub.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "change_watch.hpp"
#include "fake_exchange.hpp"
#include "fake_host.hpp"

namespace punktfunk::management {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

namespace {

class EventHubTest : public testing::Test {
  protected:
    std::shared_ptr<FakeExchange> listen(Topics topics = {}, std::string_view last_id = {},
                                         std::string credential = "token") {
        auto asking = std::make_shared<FakeExchange>();
        EXPECT_TRUE(hub_.listen(asking, std::move(credential), std::move(topics), last_id, {.headers = {}}));
        return asking;
    }
    boost::asio::io_context io_;
    EventHub hub_{io_, "boot"};
};

}  // namespace

TEST_F(EventHubTest, WhoListensHearsWhatItAskedFor) {
    const auto all = listen(), pairing = listen({"pairing"});
    hub_.publish("pairing.changed", {{"a", 1}});
    hub_.publish("session.ended", {{"id", "x"}});
    EXPECT_THAT(all->out->text, HasSubstr("id: boot-1\nevent: pairing.changed\ndata: {\"a\":1}\n\n"));
    EXPECT_THAT(all->out->text, HasSubstr("session.ended"));
    EXPECT_THAT(pairing->out->text, HasSubstr("pairing.changed"));
    EXPECT_THAT(pairing->out->text, Not(HasSubstr("session.ended")));
    EXPECT_TRUE(hub_.heard("session"));
}

TEST_F(EventHubTest, WhoComesBackHearsWhatItMissed) {
    for (int i = 1; i <= 5; ++i) hub_.publish("pairing.changed", {{"n", i}});
    hub_.publish_live("stats", {{"n", 6}});
    const auto back = listen({}, "boot-3");
    EXPECT_THAT(back->out->text, HasSubstr("{\"n\":4}"));
    EXPECT_THAT(back->out->text, HasSubstr("{\"n\":5}"));
    EXPECT_THAT(back->out->text, Not(HasSubstr("{\"n\":3}")));
    EXPECT_THAT(back->out->text, Not(HasSubstr("{\"n\":6}"))) << "what is live is past";
    EXPECT_THAT(back->out->text, Not(HasSubstr("reset")));
    EXPECT_EQ(listen({}, "boot-5")->out->text, "retry: 1000\n\n");
}

TEST_F(EventHubTest, WhoIsTooLateStartsAnew) {
    for (size_t i = 0; i < EventHub::kKept + 10; ++i) hub_.publish("pairing.changed", {{"n", i}});
    EXPECT_THAT(listen({}, "boot-9")->out->text, HasSubstr("event: reset")) << "number 10 is gone";
    EXPECT_THAT(listen({}, "boot-10")->out->text, Not(HasSubstr("reset")));
    for (const char* id : {"other-520", "boot-", "boot-x", "boot-99999", "boot--1", "nonsense", "520"})
        EXPECT_THAT(listen({}, id)->out->text, HasSubstr("event: reset")) << id;
    EXPECT_THAT(listen()->out->text, HasSubstr("id: boot-522\n\n")) << "where a new listener stands";
}

TEST_F(EventHubTest, WhatIsKeptIsBoundedInBytesToo) {
    for (int i = 0; i < 100; ++i) hub_.publish("pairing.changed", {{"text", std::string(32 << 10, 'x')}});
    EXPECT_LE(listen({}, "boot-99")->out->text.size(), size_t{64} << 10);
    EXPECT_THAT(listen({}, "boot-1")->out->text, HasSubstr("event: reset"));
}

TEST_F(EventHubTest, WhoIsGoneIsForgotten) {
    const auto leaves = listen(), breaks = listen(), stays = listen();
    EXPECT_EQ(hub_.listeners(), 3u);
    leaves->gone();
    EXPECT_EQ(hub_.listeners(), 2u);
    breaks->out->broken = true;
    hub_.publish("pairing.changed", {});
    EXPECT_EQ(hub_.listeners(), 1u);
    EXPECT_FALSE(stays->out->closed);
}

TEST_F(EventHubTest, WhatWasLetInEndsWithItsCredential) {
    const auto mine = listen({}, {}, "cookie:a"), also_mine = listen({}, {}, "cookie:a"),
               anothers = listen({}, {}, "cookie:ab"), scripts = listen({"pairing"});
    hub_.close("cookie:a");
    EXPECT_TRUE(mine->out->closed);
    EXPECT_TRUE(also_mine->out->closed);
    EXPECT_FALSE(anothers->out->closed);
    EXPECT_FALSE(scripts->out->closed);
    EXPECT_EQ(hub_.listeners(), 2u);
    hub_.close("token");
    EXPECT_TRUE(scripts->out->closed);
    EXPECT_EQ(hub_.listeners(), 1u);
}

TEST_F(EventHubTest, ThereAreOnlySoMany) {
    std::vector<std::shared_ptr<FakeExchange>> all;
    for (size_t i = 0; i < EventHub::kMostListeners; ++i) all.push_back(listen());
    const auto late = std::make_shared<FakeExchange>();
    EXPECT_FALSE(hub_.listen(late, {}, {}, {}, {.headers = {}}));
}

TEST_F(EventHubTest, ChangesAreToldOnce) {
    FakeHost host;
    ChangeWatch watch(host, hub_);
    watch.look();
    const auto listener = listen();
    std::string& text = listener->out->text;
    const auto news = [&] {
        text.clear();
        watch.look();
        return text;
    };
    EXPECT_EQ(news(), "");

    host.all_sessions.push_back({.id = "punktfunk1-1", .protocol = "punktfunk1"});
    EXPECT_THAT(news(), HasSubstr("event: session.started"));
    host.all_sessions[0].stats.frames_encoded = 100;
    EXPECT_EQ(news(), "") << "that is what stats are for";
    host.all_sessions[0].streaming = true;
    EXPECT_THAT(news(), HasSubstr("event: session.updated"));

    host.all_devices.push_back({.fingerprint = {7}, .name = "tv", .native = true});
    EXPECT_THAT(news(), HasSubstr("event: device.changed"));
    host.all_sessions[0].fingerprint = crypto::Fingerprint{7};
    EXPECT_THAT(news(), HasSubstr("\"connected\":true"));
    host.all_devices[0].terms.rights.input = false;
    EXPECT_THAT(news(), HasSubstr("\"input\":false"));

    host.now_pairing.armed = ArmedPin{"1234", std::chrono::seconds(100), std::chrono::seconds(120)};
    EXPECT_THAT(news(), HasSubstr("event: pairing.changed"));
    host.now_pairing.armed->remaining = std::chrono::seconds(90);
    EXPECT_EQ(news(), "") << "time goes by";
    host.now_pairing.armed.reset();
    EXPECT_THAT(news(), HasSubstr("\"armed\":false"));

    host.all_sessions.clear();
    host.all_devices.clear();
    const auto last = news();
    EXPECT_THAT(last, HasSubstr("event: session.ended"));
    EXPECT_THAT(last, HasSubstr("event: device.removed"));
}

}  // namespace punktfunk::management
