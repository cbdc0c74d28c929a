#include "probe.hpp"

#include <poll.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <random>

#include "punktfunk/cli/frame_order.hpp"
#include "punktfunk/latency_probe/barcode.hpp"
#include "punktfunk/media/video_decoder.hpp"

namespace punktfunk::probe {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr auto kSurfacePatience = 15s;
constexpr auto kAnswerPatience = 1s;
constexpr int kShortestPauseMs = 30, kLongestPauseMs = 130;
constexpr uint32_t kLeftButton = 1;

// A decoded picture that shows the surface, and when it came by.
struct Sighting {
    Answer answer;
    uint64_t pts_ns = 0, completed_ns = 0, decoded_ns = 0;
};

class Probe {
  public:
    Probe(client::NativeClient& connection, const ProbeOptions& options, int stop_fd)
        : connection_(connection),
          stop_fd_(stop_fd),
          order_(std::chrono::nanoseconds(1s) / connection.mode().refresh_hz),
          random_(options.seed) {}

    Result<ProbeResult> run(unsigned clicks);

  private:
    Result<void> open_decoder();
    // The next picture with the surface in it until `deadline`; nullopt when none came or the user wants to stop.
    Result<std::optional<Sighting>> look(SteadyClock::time_point deadline);
    // Pictures until one shows `sequence` or a later one.
    Result<std::optional<Sighting>> await(uint16_t sequence, SteadyClock::time_point deadline);
    std::optional<Sighting> decode(client::ReceivedFrame frame);
    void point_and(wire::InputKind kind, uint32_t code);
    void account(const Sighting& seen, uint64_t clicked_ns);
    [[nodiscard]] bool stopped() const {
        pollfd ready{.fd = stop_fd_, .events = POLLIN, .revents = 0};
        return ::poll(&ready, 1, 0) > 0;
    }

    client::NativeClient& connection_;
    int stop_fd_;
    cli::FrameOrder order_;
    std::mt19937 random_;
    std::unique_ptr<media::VideoDecoder> decoder_;
    ProbeResult result_;
};

Result<void> Probe::open_decoder() {
    const auto& tail = connection_.welcome().tail;
    auto decoder =
        media::VideoDecoder::open(tail && tail->codec == wire::kCodecH264 ? media::Codec::H264 : media::Codec::Hevc);
    if (!decoder) return std::unexpected(decoder.error());
    decoder_ = std::move(*decoder);
    return {};
}

std::optional<Sighting> Probe::decode(client::ReceivedFrame frame) {
    Sighting seen{.answer = {}, .pts_ns = frame.pts_ns, .completed_ns = frame.completed_ns};
    const auto decoded = decoder_->decode(frame.data);
    seen.decoded_ns = realtime_ns();
    if (!decoded) {
        order_.await_keyframe();
        return std::nullopt;
    }
    const auto luma = decoder_->luma();
    if (!luma || luma->width < kBarcodeWidth || luma->height < kBarcodeHeight) return std::nullopt;
    const auto answer = read([&](uint32_t x, uint32_t y) { return luma->pixels[y * luma->stride + x]; });
    if (!answer) return std::nullopt;
    seen.answer = *answer;
    return seen;
}

Result<std::optional<Sighting>> Probe::look(SteadyClock::time_point deadline) {
    for (auto now = SteadyClock::now(); now < deadline && !stopped(); now = SteadyClock::now()) {
        if (auto frame = order_.pop(now)) {
            if (auto seen = decode(std::move(*frame))) return seen;
            continue;
        }
        if (order_.awaiting_keyframe()) connection_.request_keyframe();
        auto wake = std::min(deadline, now + 20ms);
        if (const auto gap = order_.deadline()) wake = std::min(wake, *gap);
        auto received = connection_.next_frame(std::max(milliseconds(0), std::chrono::ceil<milliseconds>(wake - now)));
        if (received) {
            order_.push(std::move(*received), SteadyClock::now());
        } else if (received.error().code != ErrorCode::Timeout) {
            return std::unexpected(std::move(received.error()).in("the stream ended"));
        }
    }
    return std::nullopt;
}

Result<std::optional<Sighting>> Probe::await(uint16_t sequence, SteadyClock::time_point deadline) {
    for (;;) {
        auto seen = look(deadline);
        if (!seen || !*seen) return seen;
        if (static_cast<int16_t>((*seen)->answer.sequence - sequence) >= 0) return seen;
    }
}

// In the middle of the lower half: the pointer is in the picture and must not cover the barcode.
void Probe::point_and(wire::InputKind kind, uint32_t code) {
    connection_.send_input({.kind = wire::InputKind::MouseMoveAbs, .x = 2, .y = 3, .flags = 4u << 16 | 4});
    connection_.send_input({.kind = kind, .code = code});
}

void Probe::account(const Sighting& seen, uint64_t clicked_ns) {
    // The host's clock and what the surface says are a peer's word: the differences wrap instead of overflowing.
    const auto ahead = static_cast<uint64_t>(result_.clock ? result_.clock->offset_ns : 0);
    const auto us = [](uint64_t from, uint64_t to) { return static_cast<int64_t>(to - from) / 1000; };
    result_.total.samples.add(us(clicked_ns, seen.decoded_ns));
    result_.input.samples.add(us(clicked_ns, seen.answer.pressed_ns - ahead));
    result_.paint.samples.add(us(seen.answer.pressed_ns, seen.answer.painted_ns));
    result_.present.samples.add(us(seen.answer.painted_ns, seen.pts_ns));
    result_.decode.samples.add(us(seen.completed_ns, seen.decoded_ns));
    // The host's word on the frame travels by itself; without it the two stages around it stay empty for this click.
    if (const auto timing = connection_.take_host_timing(seen.pts_ns)) {
        result_.host.samples.add(timing->sent_us);
        result_.network.samples.add(us(seen.pts_ns + uint64_t{timing->sent_us} * 1000 - ahead, seen.completed_ns));
    }
}

Result<ProbeResult> Probe::run(unsigned clicks) {
    if (auto opened = open_decoder(); !opened) return std::unexpected(opened.error());
    const wire::Mode mode = connection_.mode();
    result_.mode = fmt::format("{}x{}@{}", mode.width, mode.height, mode.refresh_hz);
    result_.clock = connection_.clock();
    auto first = look(SteadyClock::now() + kSurfacePatience);
    if (!first) return std::unexpected(first.error());
    if (!*first && !stopped()) {
        return fail(ErrorCode::NotAvailable,
                    "the stream does not show the test surface: start the host with --no-demo-desktop --startup "
                    "latency-probe-surface, and ask for a mode of {}x{} or more",
                    kBarcodeWidth, kBarcodeHeight);
    }
    uint16_t sequence = *first ? (*first)->answer.sequence : uint16_t{0};
    const bool live = ::isatty(STDERR_FILENO) == 1;
    std::uniform_int_distribution<int> pause(kShortestPauseMs, kLongestPauseMs);
    while (result_.clicks < clicks && !stopped()) {
        // What is still on its way is looked at, so that the answer is the next new picture.
        auto idle = look(SteadyClock::now() + milliseconds(pause(random_)));
        while (idle && *idle) idle = look(SteadyClock::now() + 5ms);
        if (!idle) return std::unexpected(idle.error());
        ++result_.clicks;
        const uint64_t clicked_ns = realtime_ns();
        point_and(wire::InputKind::MouseButtonDown, kLeftButton);
        connection_.send_input({.kind = wire::InputKind::MouseButtonUp, .code = kLeftButton});
        auto seen = await(static_cast<uint16_t>(sequence + 1), SteadyClock::now() + kAnswerPatience);
        if (!seen) return std::unexpected(seen.error());
        if (*seen) {
            sequence = (*seen)->answer.sequence;
            account(**seen, clicked_ns);
        } else {
            ++result_.unanswered;
        }
        if (live) fmt::print(stderr, "\r{} of {} clicks\033[K", result_.clicks, clicks);
    }
    if (live) fmt::print(stderr, "\r\033[K");
    return std::move(result_);
}

}  // namespace

std::string ProbeResult::text() const {
    const auto ms = [](int64_t us) { return static_cast<double>(us) / 1000; };
    std::string out = fmt::format("{}: {} clicks, {} without an answer in 1 s\n", mode, clicks, unanswered);
    out += fmt::format("  {:<32}{:>10}{:>10}{:>10}\n", "ms", "p50", "p95", "p99");
    for (const Stage* stage : {&input, &paint, &present, &host, &network, &decode, &total}) {
        out += fmt::format("  {:<32}{:>10.2f}{:>10.2f}{:>10.2f}{}\n", stage->label, ms(stage->samples.percentile(0.5)),
                           ms(stage->samples.percentile(0.95)), ms(stage->samples.percentile(0.99)),
                           stage->across_clocks ? "  *" : "");
    }
    out += clock ? fmt::format("  * across two clocks, compared to within {:.3f} ms (half the round trip)\n",
                               static_cast<double>(clock->rtt_ns) / 2e6)
                 : "  * across two clocks that were not compared: the host answered no clock probe\n";
    out += "  not measured: from the decoded picture to a screen\n";
    return out;
}

nlohmann::json ProbeResult::json() const {
    nlohmann::json stages;
    for (const Stage* stage : {&total, &input, &paint, &present, &host, &network, &decode}) {
        stages[stage->key] = {{"samples", stage->samples.count()},
                              {"p50_us", stage->samples.percentile(0.5)},
                              {"p95_us", stage->samples.percentile(0.95)},
                              {"p99_us", stage->samples.percentile(0.99)},
                              {"across_clocks", stage->across_clocks}};
    }
    nlohmann::json report = {{"mode", mode}, {"clicks", clicks}, {"unanswered", unanswered}, {"stages", stages}};
    if (clock) report["clock"] = {{"offset_ns", clock->offset_ns}, {"error_bound_ns", clock->rtt_ns / 2}};
    return report;
}

Result<ProbeResult> run_probe(client::NativeClient& connection, const ProbeOptions& options, int stop_fd) {
    return Probe(connection, options, stop_fd).run(options.clicks);
}

}  // namespace punktfunk::probe
