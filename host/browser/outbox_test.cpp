#include "outbox.hpp"

#include <gmock/gmock.h>
#include <sys/eventfd.h>

#include <thread>

#include "path_rate.hpp"

namespace punktfunk::browser {
namespace {

using namespace std::chrono_literals;

// Takes messages, and says that the kernel has them when the test says so.
class HeldSocket final : public http::WebSocket {
  public:
    void open(Events) override {}
    void write(bool text, const std::array<boost::asio::const_buffer, 2>& parts, Done done) override {
        std::string message = text ? "T" : "B";
        for (const auto& part : parts) message.append(static_cast<const char*>(part.data()), part.size());
        messages.push_back(std::move(message));
        done_ = std::move(done);
    }
    void close(uint16_t code, std::string_view) override { closed_with = code; }
    void took() { std::exchange(done_, nullptr)(); }
    void vanish() { done_ = nullptr; }

    std::vector<std::string> messages;
    uint16_t closed_with = 0;

  private:
    Done done_;
};

class OutboxTest : public testing::Test {
  protected:
    void TearDown() override { socket->vanish(); }  // as a real one does when its connection ends
    // Runs the control thread until the socket has been given `count` messages.
    void await(size_t count) {
        const auto limit = SteadyClock::now() + 10s;
        while (socket->messages.size() < count && SteadyClock::now() < limit) io.run_one_for(10ms);
        ASSERT_EQ(socket->messages.size(), count);
    }
    static stream::EncodedFrame frame(std::string_view data) {
        return {.data = {reinterpret_cast<const uint8_t*>(data.data()), data.size()}, .pts_ns = 1000, .keyframe = true};
    }

    boost::asio::io_context io;
    std::shared_ptr<HeldSocket> socket = std::make_shared<HeldSocket>();
    std::shared_ptr<Outbox> outbox = Outbox::create(io, socket).value();
    UniqueFd wake{::eventfd(0, EFD_CLOEXEC)};
};

TEST_F(OutboxTest, AFrameIsSentWhenTheKernelHasIt) {
    std::atomic<bool> sent{false};
    std::jthread sender([&] { sent = outbox->send_frame(frame("picture"), wake.get()).has_value(); });
    await(1);
    EXPECT_EQ(socket->messages[0], std::string("B\1\1\0\0\1\0\0\0\0\0\0\0picture", 20));
    EXPECT_FALSE(sent);
    socket->took();
    sender.join();
    EXPECT_TRUE(sent);
    const auto load = outbox->take_load();
    EXPECT_EQ(load.frames, 1u);
    EXPECT_GT(load.waited, 0ns);
    EXPECT_EQ(outbox->take_load().frames, 0u);
}

TEST_F(OutboxTest, AWaitThatIsNotOverCountsToo) {
    const auto began = SteadyClock::now();
    std::jthread sender([&] { (void)outbox->send_frame(frame("picture"), wake.get()); });
    await(1);
    const auto first = outbox->take_load();
    EXPECT_GT(first.waited, 0ns) << "a path that takes nothing is not calm";
    EXPECT_EQ(first.frames, 0u);
    const auto second = outbox->take_load();
    EXPECT_GT(second.waited, 0ns);
    socket->took();
    sender.join();
    const auto third = outbox->take_load();
    EXPECT_EQ(third.frames, 1u);
    EXPECT_LE(first.waited + second.waited + third.waited, SteadyClock::now() - began) << "nothing is counted twice";
    EXPECT_EQ(outbox->take_load().waited, 0ns) << "nobody waits";
}

TEST_F(OutboxTest, WordsGoFirstThenSoundThenPictures) {
    outbox->say("first");
    std::jthread sender([&] { (void)outbox->send_frame(frame("picture"), wake.get()); });
    const std::array<uint8_t, 2> opus{'o', 'p'};
    outbox->send_sound(opus, 0);
    outbox->say("second");
    await(1);
    for (size_t count = 2; count <= 4; ++count) {
        // The frame's thread may come late; the others must not wait for it.
        socket->took();
        await(count);
    }
    socket->took();
    EXPECT_EQ(socket->messages[0], "Tfirst");
    EXPECT_EQ(socket->messages[1], "Tsecond");
    EXPECT_TRUE(socket->messages[2].ends_with("op"));
    EXPECT_TRUE(socket->messages[3].ends_with("picture"));
}

TEST_F(OutboxTest, SoundThatFindsNoRoomIsLost) {
    outbox->say("held");
    await(1);
    const std::array<uint8_t, 1501> much{};
    outbox->send_sound(much, 0);
    for (uint8_t i = 0; i < 40; ++i) outbox->send_sound({&i, 1}, 0);
    for (size_t count = 2; count <= 17; ++count) {
        socket->took();
        await(count);
    }
    socket->took();
    io.run_for(10ms);
    EXPECT_EQ(socket->messages.size(), 17u) << "one word and sixteen packets";
    EXPECT_EQ(socket->messages[1].back(), '\0') << "the oldest are kept";
}

TEST_F(OutboxTest, WhoeverWaitsIsToldWhenItIsOver) {
    std::optional<ErrorCode> why;
    std::jthread sender([&] {
        const auto sent = outbox->send_frame(frame("picture"), wake.get());
        if (!sent) why = sent.error().code;
    });
    await(1);
    outbox->close(1000, "bye");
    sender.join();
    EXPECT_EQ(why, ErrorCode::Closed);
    EXPECT_EQ(socket->messages.size(), 1u) << "nothing is written while a message is on its way";
    socket->took();
    ASSERT_EQ(socket->messages.size(), 2u);
    EXPECT_EQ(socket->messages[1], "Tbye");
    EXPECT_EQ(socket->closed_with, 0);
    socket->took();
    EXPECT_EQ(socket->closed_with, 1000);
    EXPECT_EQ(outbox->send_frame(frame("x"), wake.get()).error().code, ErrorCode::Closed);
}

TEST_F(OutboxTest, ASessionThatStopsDoesNotWaitForThePage) {
    std::optional<ErrorCode> why;
    std::jthread sender([&] {
        const auto sent = outbox->send_frame(frame("picture"), wake.get());
        if (!sent) why = sent.error().code;
    });
    await(1);
    ASSERT_EQ(::eventfd_write(wake.get(), 1), 0);
    sender.join();
    EXPECT_EQ(why, ErrorCode::Closed);
}

TEST(PathRate, FollowsThePath) {
    PathRate rate(10'000);
    EXPECT_FALSE(rate.observe(0ns)) << "more than was asked for is never sent";
    EXPECT_EQ(rate.observe(400ms), 7000u);
    EXPECT_EQ(rate.observe(500ms), 4900u);
    EXPECT_FALSE(rate.observe(200ms)) << "neither bad nor good";
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(rate.observe(0ns));
    EXPECT_EQ(rate.observe(0ns), 5880u);
    for (int i = 0; i < 100; ++i) (void)rate.observe(500ms);
    EXPECT_EQ(rate.kbps(), PathRate::kLeastKbps);
    for (int i = 0; i < 200; ++i) (void)rate.observe(0ns);
    EXPECT_EQ(rate.kbps(), 10'000u);
}

}  // namespace
}  // namespace punktfunk::browser
