#include "touch_to_pointer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace punktfunk::input {

using namespace std::chrono_literals;
using enum wire::InputKind;
using Kind = PointerAction::Kind;
using Actions = std::vector<PointerAction>;

namespace {

// On an output of 1000x500, with touches in its pixels.
class Glass {
  public:
    Actions down(uint32_t id, int32_t x, int32_t y) { return send({TouchDown, id, x, y, 1000u << 16 | 500u}); }
    Actions move(uint32_t id, int32_t x, int32_t y) { return send({TouchMove, id, x, y, 1000u << 16 | 500u}); }
    Actions up(uint32_t id) { return send({TouchUp, id, 0, 0, 0}); }
    void wait(std::chrono::milliseconds time) { now_ += time; }

  private:
    Actions send(const wire::InputEvent& event) {
        now_ += 5ms;
        const auto actions = mapping_.handle(event, now_);
        return {actions.begin(), actions.end()};
    }
    TouchToPointer mapping_{1000, 500};
    TouchToPointer::TimePoint now_{};
};

constexpr PointerAction kPress{.kind = Kind::Press, .button = 1}, kRelease{.kind = Kind::Release, .button = 1};
constexpr PointerAction kScrollEnd{.kind = Kind::ScrollEnd};
PointerAction moved(double x, double y) {
    return {.kind = Kind::Move, .x = x, .y = y};
}

}  // namespace

TEST(TouchToPointer, ATapIsAClickWhereTheFingerIs) {
    Glass glass;
    EXPECT_EQ(glass.down(7, 250, 250), Actions{moved(0.25, 0.5)});
    EXPECT_TRUE(glass.move(7, 252, 251).empty()) << "a finger trembles";
    EXPECT_EQ(glass.up(7), (Actions{kPress, kRelease}));
}

TEST(TouchToPointer, AFingerThatMovesDragsFromWhereItBegan) {
    Glass glass;
    (void)glass.down(1, 100, 100);
    EXPECT_EQ(glass.move(1, 200, 100), (Actions{kPress, moved(0.2, 0.2)}));
    EXPECT_EQ(glass.move(1, 300, 100), Actions{moved(0.3, 0.2)});
    EXPECT_EQ(glass.up(1), Actions{kRelease});
}

TEST(TouchToPointer, AFingerThatStaysHoldsTheButton) {
    Glass glass;
    (void)glass.down(1, 100, 100);
    glass.wait(TouchToPointer::kSecondFingerWait);
    EXPECT_EQ(glass.move(1, 100, 100), (Actions{kPress, moved(0.1, 0.2)}));
}

TEST(TouchToPointer, TwoFingersScrollAndClickNothing) {
    Glass glass;
    EXPECT_EQ(glass.down(1, 100, 200), Actions{moved(0.1, 0.4)});
    EXPECT_TRUE(glass.down(2, 200, 200).empty());
    EXPECT_TRUE(glass.move(1, 100, 196).empty());
    (void)glass.move(1, 100, 180);
    const auto scrolled = glass.move(2, 200, 180);
    ASSERT_EQ(scrolled.size(), 1u);
    EXPECT_EQ(scrolled[0].kind, Kind::Scroll);
    EXPECT_EQ(scrolled[0].y, 10) << "up with the fingers is down with the view";
    EXPECT_EQ(glass.up(1), Actions{kScrollEnd});
    EXPECT_TRUE(glass.move(2, 900, 400).empty()) << "the finger that stays does nothing";
    EXPECT_TRUE(glass.up(2).empty());
    EXPECT_EQ(glass.down(1, 0, 0), Actions{moved(0, 0)});
}

TEST(TouchToPointer, ATapOfTwoIsARightClick) {
    Glass glass;
    (void)glass.down(1, 100, 200);
    (void)glass.down(2, 200, 200);
    EXPECT_EQ(glass.up(2), (Actions{{.kind = Kind::Press, .button = 3}, {.kind = Kind::Release, .button = 3}}));
    EXPECT_TRUE(glass.up(1).empty());
}

TEST(TouchToPointer, ASecondFingerEndsADrag) {
    Glass glass;
    (void)glass.down(1, 100, 100);
    (void)glass.move(1, 200, 100);
    EXPECT_EQ(glass.down(2, 300, 300), Actions{kRelease});
}

TEST(TouchToPointer, AFingerWhoseLiftWasLostIsForgotten) {
    Glass glass;
    (void)glass.down(1, 100, 100);
    (void)glass.move(1, 200, 100);
    EXPECT_EQ(glass.down(1, 500, 250), (Actions{kRelease, moved(0.5, 0.5)})) << "the same finger, again";
    glass.wait(TouchToPointer::kForgotten);
    (void)glass.down(2, 250, 250);
    EXPECT_EQ(glass.up(2), (Actions{kPress, kRelease})) << "a finger alone";
}

TEST(TouchToPointer, NothingStaysDownAndNothingScrollsOn) {
    EXPECT_TRUE(rc::check([] {
        TouchToPointer mapping(1920, 1080);
        TouchToPointer::TimePoint now{};
        bool down[4] = {};
        bool scrolling = false;
        const auto apply = [&](const wire::InputEvent& event) {
            for (const auto& action : mapping.handle(event, now)) {
                if (action.kind == Kind::Press || action.kind == Kind::Release) {
                    const bool press = action.kind == Kind::Press;
                    RC_ASSERT(down[action.button] != press);
                    down[action.button] = press;
                }
                if (action.kind == Kind::Scroll) scrolling = true;
                if (action.kind == Kind::ScrollEnd) scrolling = false;
                if (action.kind == Kind::Move)
                    RC_ASSERT(action.x >= 0 && action.x <= 1 && action.y >= 0 && action.y <= 1);
            }
        };
        const auto steps = *rc::gen::inRange(0, 60);
        for (int i = 0; i < steps; ++i) {
            now += std::chrono::milliseconds(*rc::gen::weightedElement<int>({{20, 5}, {2, 200}, {1, 6000}}));
            apply({*rc::gen::element(TouchDown, TouchMove, TouchMove, TouchUp), *rc::gen::inRange<uint32_t>(0, 14),
                   *rc::gen::arbitrary<int32_t>(), *rc::gen::inRange(-10, 300),
                   *rc::gen::element<uint32_t>(400u << 16 | 300u, 0)});
        }
        for (uint32_t id = 0; id < 14; ++id) apply({TouchUp, id, 0, 0, 0});
        RC_ASSERT(!down[1] && !down[3] && !scrolling);
    }));
}

}  // namespace punktfunk::input
