// "Microsoft X-Box 360 pad" through uinput, as the xpad driver would show the real one (spec §6, §5.4). libevdev cannot
// answer effect uploads, so the ioctls are plain.
#include <linux/uinput.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "devices.hpp"
#include "rumble_effects.hpp"

namespace punktfunk::gamepad {

namespace {

constexpr int kMaxReads = 16;
constexpr uint16_t kVendorMicrosoft = 0x045e, kProductXbox360 = 0x028e, kVersion = 0x0110;

struct ButtonCode {
    uint32_t bit;
    uint16_t code;
};
// BTN_NORTH and BTN_WEST are xpad's BTN_X and BTN_Y: by letter, not by place.
constexpr std::array kButtonCodes = {
    ButtonCode{kA, BTN_SOUTH},          ButtonCode{kB, BTN_EAST},           ButtonCode{kX, BTN_NORTH},
    ButtonCode{kY, BTN_WEST},           ButtonCode{kLeftBumper, BTN_TL},    ButtonCode{kRightBumper, BTN_TR},
    ButtonCode{kBack, BTN_SELECT},      ButtonCode{kStart, BTN_START},      ButtonCode{kGuide, BTN_MODE},
    ButtonCode{kLeftStick, BTN_THUMBL}, ButtonCode{kRightStick, BTN_THUMBR}};

struct Axis {
    uint16_t code;
    int32_t minimum, maximum, fuzz, flat;
};
constexpr std::array kAxes = {
    Axis{ABS_X, -32768, 32767, 16, 128},  Axis{ABS_Y, -32768, 32767, 16, 128}, Axis{ABS_RX, -32768, 32767, 16, 128},
    Axis{ABS_RY, -32768, 32767, 16, 128}, Axis{ABS_Z, 0, 255, 0, 0},           Axis{ABS_RZ, 0, 255, 0, 0},
    Axis{ABS_HAT0X, -1, 1, 0, 0},         Axis{ABS_HAT0Y, -1, 1, 0, 0}};

// evdev's y grows downwards.
int32_t down(int16_t up) {
    return std::min(-int32_t{up}, 32767);
}
int32_t hat(uint32_t buttons, Button negative, Button positive) {
    return ((buttons & positive) != 0 ? 1 : 0) - ((buttons & negative) != 0 ? 1 : 0);
}
std::array<int32_t, kAxes.size()> axis_values(const State& s) {
    return {s.left_x,
            down(s.left_y),
            s.right_x,
            down(s.right_y),
            s.left_trigger,
            s.right_trigger,
            hat(s.buttons, kDpadLeft, kDpadRight),
            hat(s.buttons, kDpadUp, kDpadDown)};
}

class XboxPad final : public Gamepad {
  public:
    ~XboxPad() override {
        if (created_) (void)apply({});
    }

    Result<void> create(const std::string& phys);
    Result<void> apply(const State& state) override;
    [[nodiscard]] int fd() const override { return device_.get(); }
    [[nodiscard]] std::optional<SteadyClock::time_point> due() const override {
        return effects_.next_change(last_service_);
    }
    Result<void> service(SteadyClock::time_point now, const FeedbackSink& feedback) override;

  private:
    void answer(const input_event& event, SteadyClock::time_point now);
    void answer_upload(uint32_t request, SteadyClock::time_point now);
    void answer_erase(uint32_t request);

    UniqueFd device_;
    bool created_ = false;
    RumbleEffects effects_;
    Rumble told_;
    SteadyClock::time_point last_service_;
};

Result<void> XboxPad::create(const std::string& phys) {
    auto opened = open_kernel_device("/dev/uinput", "uinput");
    if (!opened) return std::unexpected(std::move(opened.error()));
    device_ = std::move(*opened);
    bool ok = true;
    const auto set = [&](unsigned long request, auto value) { ok = ok && ::ioctl(fd(), request, value) == 0; };
    for (const int type : {EV_KEY, EV_ABS, EV_FF}) set(UI_SET_EVBIT, type);
    for (const ButtonCode& button : kButtonCodes) set(UI_SET_KEYBIT, int{button.code});
    for (const Axis& axis : kAxes) {
        uinput_abs_setup setup{};
        setup.code = axis.code;
        setup.absinfo.minimum = axis.minimum;
        setup.absinfo.maximum = axis.maximum;
        setup.absinfo.fuzz = axis.fuzz;
        setup.absinfo.flat = axis.flat;
        set(UI_ABS_SETUP, &setup);
    }
    for (const int effect : {FF_RUMBLE, FF_GAIN}) set(UI_SET_FFBIT, effect);
    set(UI_SET_PHYS, phys.c_str());
    uinput_setup setup{};
    setup.id = {.bustype = BUS_USB, .vendor = kVendorMicrosoft, .product = kProductXbox360, .version = kVersion};
    setup.ff_effects_max = RumbleEffects::kSlots;
    std::strncpy(setup.name, "Microsoft X-Box 360 pad", sizeof setup.name - 1);
    set(UI_DEV_SETUP, &setup);
    ok = ok && ::ioctl(fd(), UI_DEV_CREATE) == 0;
    if (!ok) return fail_errno(errno, "making a pad with /dev/uinput");
    created_ = true;
    return {};
}

Result<void> XboxPad::apply(const State& state) {
    // The whole frame each time; the kernel passes on what has changed.
    std::array<input_event, kButtonCodes.size() + kAxes.size() + 1> frame{};
    size_t count = 0;
    const auto put = [&](uint16_t type, uint16_t code, int32_t value) {
        frame[count].type = type;
        frame[count].code = code;
        frame[count++].value = value;
    };
    for (const ButtonCode& button : kButtonCodes) put(EV_KEY, button.code, (state.buttons & button.bit) != 0 ? 1 : 0);
    const auto values = axis_values(state);
    for (size_t i = 0; i < kAxes.size(); ++i) put(EV_ABS, kAxes[i].code, values[i]);
    put(EV_SYN, SYN_REPORT, 0);
    if (::write(fd(), frame.data(), sizeof frame) != static_cast<ssize_t>(sizeof frame))
        return fail_errno(errno, "writing to /dev/uinput");
    return {};
}

void XboxPad::answer_upload(uint32_t request, SteadyClock::time_point now) {
    uinput_ff_upload upload{};
    upload.request_id = request;
    if (::ioctl(fd(), UI_BEGIN_FF_UPLOAD, &upload) != 0) return;  // its program has gone meanwhile
    const ff_effect& effect = upload.effect;
    const bool taken = effect.type == FF_RUMBLE && effect.id >= 0 &&
                       effects_.upload(static_cast<size_t>(effect.id),
                                       {effect.u.rumble.strong_magnitude, effect.u.rumble.weak_magnitude,
                                        std::chrono::milliseconds(effect.replay.delay),
                                        std::chrono::milliseconds(effect.replay.length)},
                                       now);
    upload.retval = taken ? 0 : -EINVAL;
    (void)::ioctl(fd(), UI_END_FF_UPLOAD, &upload);
}

void XboxPad::answer_erase(uint32_t request) {
    uinput_ff_erase erase{};
    erase.request_id = request;
    if (::ioctl(fd(), UI_BEGIN_FF_ERASE, &erase) != 0) return;
    erase.retval = effects_.erase(erase.effect_id) ? 0 : -EINVAL;
    (void)::ioctl(fd(), UI_END_FF_ERASE, &erase);
}

void XboxPad::answer(const input_event& event, SteadyClock::time_point now) {
    if (event.type == EV_UINPUT && event.code == UI_FF_UPLOAD) {
        answer_upload(static_cast<uint32_t>(event.value), now);
    } else if (event.type == EV_UINPUT && event.code == UI_FF_ERASE) {
        answer_erase(static_cast<uint32_t>(event.value));
    } else if (event.type == EV_FF && event.code == FF_GAIN) {
        effects_.set_gain(static_cast<uint16_t>(event.value));
    } else if (event.type == EV_FF) {
        effects_.play(event.code, static_cast<uint32_t>(std::max(event.value, 0)), now);
    }
}

Result<void> XboxPad::service(SteadyClock::time_point now, const FeedbackSink& feedback) {
    last_service_ = now;
    std::array<input_event, 16> events;
    // A program that never stops asking must not keep the other pads waiting.
    for (int turn = 0; turn < kMaxReads; ++turn) {
        const ssize_t got = ::read(fd(), events.data(), sizeof events);
        if (got < 0 && errno != EAGAIN && errno != EINTR) return fail_errno(errno, "reading from /dev/uinput");
        if (got <= 0) break;
        for (size_t i = 0; i < static_cast<size_t>(got) / sizeof(input_event); ++i) answer(events[i], now);
    }
    if (const Rumble rumble = effects_.mix(now); rumble != told_) {
        told_ = rumble;
        feedback(rumble);
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Gamepad>> make_xbox_pad(const std::string& phys) {
    auto pad = std::make_unique<XboxPad>();
    if (auto created = pad->create(phys); !created) return std::unexpected(std::move(created.error()));
    return pad;
}

}  // namespace punktfunk::gamepad
