#include "mic_stream.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <condition_variable>
#include <mutex>

namespace punktfunk::stream {

using namespace std::chrono_literals;

namespace {

// The sources that are there, and what was played into them.
class MicRoom {
  public:
    [[nodiscard]] OpenMicrophone opener() {
        return [this](const display::SoundTarget&) -> Result<std::unique_ptr<audio::Microphone>> {
            return std::make_unique<Source>(*this);
        };
    }
    template <typename Condition>
    [[nodiscard]] bool soon(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [&] { return condition(*this); });
    }
    int sources = 0, made = 0, played = 0;

  private:
    class Source final : public audio::Microphone {
      public:
        explicit Source(MicRoom& room) : room_(room) {
            room_.change([](MicRoom& r) { ++r.sources, ++r.made; });
        }
        ~Source() override {
            room_.change([](MicRoom& r) { --r.sources; });
        }
        Result<void> play(ByteView) override {
            room_.change([](MicRoom& r) { ++r.played; });
            return {};
        }
        Result<void> wait(std::chrono::milliseconds timeout, int wake_fd) override {
            pollfd ready{.fd = wake_fd, .events = POLLIN, .revents = 0};
            (void)::poll(&ready, 1, static_cast<int>(timeout.count()));
            return {};
        }

      private:
        MicRoom& room_;
    };
    template <typename Change>
    void change(Change what) {
        const std::lock_guard lock(mutex_);
        what(*this);
        changed_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable changed_;
};

constexpr std::array<uint8_t, 3> kSpoken{1, 2, 3};

}  // namespace

TEST(MicStream, TheSourceGoesWhenItFallsSilentAndComesBackWithTheNextPacket) {
    MicRoom room;
    MicStream mic(room.opener(), "test");
    mic.play_into({.pipewire_socket = "somewhere"});
    mic.push(kSpoken);
    ASSERT_TRUE(room.soon([](const MicRoom& r) { return r.sources == 1 && r.played == 1; }));
    mic.fall_silent();
    ASSERT_TRUE(room.soon([](const MicRoom& r) { return r.sources == 0; })) << "a source without a right";
    mic.push(kSpoken);
    ASSERT_TRUE(room.soon([](const MicRoom& r) { return r.sources == 1 && r.played == 2; }));
}

TEST(MicStream, SilenceBeforeTheFirstWordTakesNothingOfIt) {
    MicRoom room;
    MicStream mic(room.opener(), "test");
    mic.fall_silent();
    mic.play_into({.pipewire_socket = "somewhere"});
    mic.push(kSpoken);
    EXPECT_TRUE(room.soon([](const MicRoom& r) { return r.sources == 1 && r.played == 1; }));
    mic.push(kSpoken);
    EXPECT_TRUE(room.soon([](const MicRoom& r) { return r.played == 2; }));
    EXPECT_EQ(room.made, 1);
}

}  // namespace punktfunk::stream
