#include "gamepad_test_run.hpp"

#include <fmt/ranges.h>

namespace punktfunk::cli {

using namespace std::chrono_literals;

namespace {

constexpr auto kInterval = 150ms;

// Of the wire (spec §6), in the order in which they are pressed: A B X Y, bumpers, back, start, guide, sticks, the
// directions.
constexpr uint32_t kButtons[] = {0x1000, 0x2000, 0x4000, 0x8000, 0x100, 0x200, 0x20, 0x10,
                                 0x400,  0x40,   0x80,   0x1,    0x8,   0x2,   0x4};
constexpr uint32_t kTouchpadClick = 0x100000;

struct Position {
    uint32_t axis;
    int32_t value;
};
constexpr Position kPositions[] = {{0, -32768}, {0, 32767}, {1, 32767},  {1, -32768}, {2, -32768},
                                   {2, 32767},  {3, 32767}, {3, -32768}, {4, 255},    {5, 255}};

wire::GamepadState state_at(const Position& position) {
    wire::GamepadState state;
    const auto stick = static_cast<int16_t>(position.value);
    const auto trigger = static_cast<uint8_t>(position.value);
    switch (position.axis) {
        case 0:
            state.left_x = stick;
            break;
        case 1:
            state.left_y = stick;
            break;
        case 2:
            state.right_x = stick;
            break;
        case 3:
            state.right_y = stick;
            break;
        case 4:
            state.left_trigger = trigger;
            break;
        default:
            state.right_trigger = trigger;
            break;
    }
    return state;
}

class Steps {
  public:
    explicit Steps(bool states) : states_(states) {}

    void press_and_release(uint32_t button) {
        if (states_) return both(wire::GamepadState{.buttons = button});
        for (const int down : {1, 0})
            add(wire::InputEvent{.kind = wire::InputKind::GamepadButton, .code = button, .x = down});
    }
    void move_and_centre(const Position& position) {
        if (states_) return both(state_at(position));
        for (const int32_t value : {position.value, 0})
            add(wire::InputEvent{.kind = wire::InputKind::GamepadAxis, .code = position.axis, .x = value});
    }
    void add(GamepadStep step) { steps_.push_back(std::move(step)); }
    [[nodiscard]] std::vector<GamepadStep> take() && { return std::move(steps_); }

  private:
    void both(const wire::GamepadState& state) {
        add(to_event(state));
        add(to_event(wire::GamepadState{}));
    }
    const bool states_;
    std::vector<GamepadStep> steps_;
};

std::string described(const wire::HidOutput& output) {
    if (const auto* light = std::get_if<wire::Lightbar>(&output))
        return fmt::format("controller {}: light bar #{:02x}{:02x}{:02x}", light->pad, light->r, light->g, light->b);
    if (const auto* leds = std::get_if<wire::PlayerLeds>(&output))
        return fmt::format("controller {}: player lights {:05b}", leds->pad, leds->bits & 0x1f);
    const auto& trigger = std::get<wire::TriggerEffect>(output);
    return fmt::format("controller {}: {} trigger {:02x}", trigger.pad, trigger.which == 0 ? "left" : "right",
                       fmt::join(trigger.effect.begin(), trigger.effect.begin() + trigger.length, " "));
}

}  // namespace

std::vector<GamepadStep> gamepad_steps(wire::Gamepad kind, bool states) {
    Steps steps(states);
    const bool dualsense = kind == wire::Gamepad::DualSense;
    if (states) steps.add(to_event(wire::GamepadArrival{.pad = 0, .type = static_cast<uint32_t>(kind), .caps = 0}));
    for (const uint32_t button : kButtons) steps.press_and_release(button);
    for (const Position& position : kPositions) steps.move_and_centre(position);
    if (dualsense) {
        steps.press_and_release(kTouchpadClick);
        for (const uint16_t x : {0, 32768, 65535}) steps.add(wire::RichInput{wire::Touchpad{0, 0, true, x, 32768}});
        steps.add(wire::RichInput{wire::Touchpad{0, 1, true, 0, 0}});
        for (const uint8_t finger : {0, 1}) steps.add(wire::RichInput{wire::Touchpad{0, finger, false, 0, 0}});
        for (size_t axis = 0; axis < 3; ++axis) {
            wire::Motion motion;
            motion.gyro[axis] = 20 * 90;  // 90 degrees per second
            motion.accel[axis] = 10'000;  // one g
            steps.add(wire::RichInput{motion});
        }
        steps.add(wire::RichInput{wire::Motion{}});
    }
    return std::move(steps).take();
}

GamepadTestRun::GamepadTestRun(client::NativeClient& connection)
    : connection_(connection),
      steps_(gamepad_steps(
          connection.welcome().gamepad,
          connection.welcome().tail && (connection.welcome().tail->host_caps & wire::kHostCapGamepadState) != 0)),
      next_(SteadyClock::now() + kInterval) {}

void GamepadTestRun::send(const GamepadStep& step) {
    if (const auto* rich = std::get_if<wire::RichInput>(&step)) {
        connection_.send_rich_input(*rich);
        return;
    }
    wire::InputEvent input = std::get<wire::InputEvent>(step);
    if (input.kind == wire::InputKind::GamepadState) {
        wire::GamepadState state = wire::gamepad_state(input);
        state.seq = ++seq_;
        input = to_event(state);
    }
    connection_.send_input(input);
}

void GamepadTestRun::listen() {
    while (const auto rumble = connection_.next_rumble(0ms)) {
        ++rumbles_;
        const auto line = fmt::format("controller {}: rumble low {} high {}", rumble->pad, rumble->low, rumble->high);
        if (std::exchange(shown_, line) != line) fmt::print(stderr, "{}\n", line);
    }
    while (const auto output = connection_.next_hid_output(0ms)) {
        ++outputs_;
        fmt::print(stderr, "{}\n", described(*output));
    }
}

void GamepadTestRun::turn(SteadyClock::time_point now) {
    for (; now >= next_; next_ += kInterval) send(steps_[done_++ % steps_.size()]);
    listen();
}

std::string GamepadTestRun::text() const {
    return fmt::format("controller: {}, {} steps, {} rumble messages, {} HID outputs\n",
                       wire::to_string(connection_.welcome().gamepad), done_, rumbles_, outputs_);
}

}  // namespace punktfunk::cli
