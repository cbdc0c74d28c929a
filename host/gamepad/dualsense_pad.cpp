// A DualSense on a USB cable, through UHID: the kernel's hid-playstation drives it like a real one.
#include <linux/uhid.h>
#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "devices.hpp"
#include "dualsense_report.hpp"

namespace punktfunk::gamepad {

namespace {

using namespace std::chrono_literals;

constexpr int kMaxEvents = 16;
constexpr auto kSilence = 8ms;  // then the last report is sent again, as the real pad never falls silent (spec §6)

class DualSensePad final : public Gamepad {
  public:
    ~DualSensePad() override;

    Result<void> create(const std::string& phys);
    Result<void> apply(const State& state) override { return changed(state); }
    Result<void> touch(const Touch& touch) override { return changed(touch); }
    Result<void> move(const Motion& motion) override { return changed(motion); }
    [[nodiscard]] int fd() const override { return device_.get(); }
    [[nodiscard]] std::optional<SteadyClock::time_point> due() const override {
        return running_ ? std::optional(last_report_ + kSilence) : std::nullopt;
    }
    Result<void> service(SteadyClock::time_point now, const FeedbackSink& feedback) override;

  private:
    template <typename Change>
    Result<void> changed(const Change& change) {
        input_.set(change);
        return running_ ? send_report(SteadyClock::now()) : Result<void>{};
    }
    Result<void> send_report(SteadyClock::time_point now);
    Result<void> write_event(const uhid_event& event);
    Result<void> answer(const uhid_event& event, const FeedbackSink& feedback);
    void take_output(ByteView report, const FeedbackSink& feedback);

    UniqueFd device_;
    MacAddress address_{};
    bool running_ = false;  // between the kernel's START and STOP
    DualSenseInput input_;
    Rumble told_;
    const SteadyClock::time_point born_ = SteadyClock::now();
    SteadyClock::time_point last_report_;
};

template <size_t N>
void copy_text(uint8_t (&to)[N], std::string_view text) {
    std::memcpy(to, text.data(), std::min(text.size(), N - 1));
}

Result<void> DualSensePad::create(const std::string& phys) {
    auto opened = open_kernel_device("/dev/uhid", "uhid");
    if (!opened) return std::unexpected(std::move(opened.error()));
    device_ = std::move(*opened);
    // The driver refuses a second pad with the same address, whoever made it: a random one, marked as self-given.
    if (::getrandom(address_.data(), address_.size(), 0) != static_cast<ssize_t>(address_.size()))
        return fail_errno(errno, "getrandom");
    address_[0] = static_cast<uint8_t>((address_[0] & 0xfc) | 0x02);

    uhid_event event{};
    event.type = UHID_CREATE2;
    uhid_create2_req& create = event.u.create2;
    copy_text(create.name, "Sony Interactive Entertainment DualSense Wireless Controller");
    copy_text(create.phys, phys);
    const auto descriptor = dualsense_report_descriptor();
    std::memcpy(create.rd_data, descriptor.data(), descriptor.size());
    create.rd_size = static_cast<uint16_t>(descriptor.size());
    create.bus = BUS_USB;
    create.vendor = kVendorSony;
    create.product = kProductDualSense;
    create.version = 0x8111;
    return write_event(event);
}

DualSensePad::~DualSensePad() {
    if (!device_) return;
    input_ = {};
    if (running_) (void)send_report(SteadyClock::now());
    uhid_event event{};
    event.type = UHID_DESTROY;
    (void)write_event(event);
}

Result<void> DualSensePad::write_event(const uhid_event& event) {
    if (::write(fd(), &event, sizeof event) < 0) return fail_errno(errno, "writing to /dev/uhid");
    return {};
}

Result<void> DualSensePad::send_report(SteadyClock::time_point now) {
    const auto report = input_.next_report(now - born_);
    last_report_ = now;
    // No more of the event than is meant: it has room for 4 KiB.
    struct {
        uint32_t type;
        uint16_t size;
        std::array<uint8_t, DualSenseInput::kBytes> data;
    } __attribute__((packed)) event{UHID_INPUT2, DualSenseInput::kBytes, report};
    if (::write(fd(), &event, sizeof event) < 0) return fail_errno(errno, "writing to /dev/uhid");
    return {};
}

void DualSensePad::take_output(ByteView report, const FeedbackSink& feedback) {
    for (const Feedback& asked : parse_dualsense_output(report)) {
        if (const auto* rumble = std::get_if<Rumble>(&asked)) {
            if (*rumble == told_) continue;
            told_ = *rumble;
        }
        feedback(asked);
    }
}

Result<void> DualSensePad::answer(const uhid_event& event, const FeedbackSink& feedback) {
    uhid_event reply{};
    switch (event.type) {
        case UHID_START:
            running_ = true;
            last_report_ = {};  // one is due at once
            return {};
        case UHID_STOP:
            running_ = false;
            return {};
        case UHID_OUTPUT:
            take_output(ByteView(event.u.output.data, std::min<size_t>(event.u.output.size, UHID_DATA_MAX)), feedback);
            return {};
        case UHID_GET_REPORT: {
            reply.type = UHID_GET_REPORT_REPLY;
            auto& answer = reply.u.get_report_reply;
            answer.id = event.u.get_report.id;
            const Bytes report = event.u.get_report.rtype == UHID_FEATURE_REPORT
                                     ? dualsense_feature_report(event.u.get_report.rnum, address_)
                                     : Bytes{};
            if (report.empty()) answer.err = EIO;
            answer.size = static_cast<uint16_t>(report.size());
            std::ranges::copy(report, answer.data);
            return write_event(reply);
        }
        case UHID_SET_REPORT:
            // A game may send output reports this way too.
            if (event.u.set_report.rtype == UHID_OUTPUT_REPORT) {
                take_output(ByteView(event.u.set_report.data, std::min<size_t>(event.u.set_report.size, UHID_DATA_MAX)),
                            feedback);
            }
            reply.type = UHID_SET_REPORT_REPLY;
            reply.u.set_report_reply.id = event.u.set_report.id;
            return write_event(reply);
        default:
            return {};
    }
}

Result<void> DualSensePad::service(SteadyClock::time_point now, const FeedbackSink& feedback) {
    // A program that never stops asking must not keep the other pads waiting.
    for (int turn = 0; turn < kMaxEvents; ++turn) {
        uhid_event event{};
        const ssize_t got = ::read(fd(), &event, sizeof event);
        if (got < 0 && errno != EAGAIN && errno != EINTR) return fail_errno(errno, "reading from /dev/uhid");
        if (got <= 0) break;
        if (auto answered = answer(event, feedback); !answered) return answered;
    }
    if (running_ && now >= last_report_ + kSilence) return send_report(now);
    return {};
}

}  // namespace

Result<std::unique_ptr<Gamepad>> make_dualsense_pad(const std::string& phys) {
    auto pad = std::make_unique<DualSensePad>();
    if (auto created = pad->create(phys); !created) return std::unexpected(std::move(created.error()));
    return pad;
}

}  // namespace punktfunk::gamepad
