// What a client says about loss, true or not, and what it does to its stream: bitrate, parity and pace stay in bounds.
#include <algorithm>

#include "loss_meter.hpp"
#include "punktfunk/gs_control/messages.hpp"
#include "punktfunk/rate/loss_backoff.hpp"
#include "punktfunk/rate/send_policy.hpp"
#include "require.hpp"

using namespace punktfunk;
namespace gs = gs_control;

// Messages behind their length, one byte; a length of 0 is a second that goes by, with 256 packets sent in it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr uint32_t kMost = 20'000;
    moonlight::LossMeter losses;
    rate::LossBackoff backoff(kMost);
    uint32_t encoder = kMost;
    const auto controls = std::make_shared<rate::SendControls>();
    rate::SendPolicy policy(kMost, rate::FecController(20, 10), controls, [&](uint32_t kbps) { encoder = kbps; });
    SteadyClock::time_point now{};
    uint64_t said = 0, said_whole = 0;
    for (ByteView left(data, size); !left.empty();) {
        const size_t length = std::min<size_t>(left[0], left.size() - 1);
        const ByteView message = left.subspan(1, length);
        left = left.subspan(1 + length);
        if (!message.empty()) {
            const auto decoded = gs::decode_client_message(message);
            if (!decoded) continue;
            if (const auto* status = std::get_if<gs::FrameFecStatus>(&*decoded)) {
                said += status->missing_before_highest;
                said_whole += status->total_data;
                losses.on(*status);
            }
            if (const auto* lost = std::get_if<gs::InvalidateFrames>(&*decoded)) losses.on(*lost);
            if (const auto* asked = std::get_if<gs::RequestIdr>(&*decoded)) losses.on(*asked);
            continue;
        }
        now += std::chrono::seconds(1);
        const auto [packets, recovered, pictures] = losses.take();
        REQUIRE(packets <= std::exchange(said, 0));
        REQUIRE(recovered <= std::exchange(said_whole, 0));
        const auto ppm = static_cast<uint32_t>(std::min<uint64_t>(packets, 256) * 1'000'000 / 256);
        if (const auto kbps = backoff.observe(ppm, pictures, now)) policy.set_bitrate(*kbps, now);
        policy.loss_reported(ppm, now);
        REQUIRE(backoff.rate_kbps() >= 1 && backoff.rate_kbps() <= kMost);
        REQUIRE(encoder >= 1 && encoder <= kMost);
        REQUIRE(controls->fec_percent >= 10 && controls->fec_percent <= rate::FecController::kMost);
        REQUIRE(controls->pace_bytes_per_second >= uint64_t{encoder} * 1000 / 8);
    }
    return 0;
}
