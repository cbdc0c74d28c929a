#include "viewer.hpp"

#include <stdexcept>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/session/packet_header.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

Viewer::Viewer(const ViewerOptions& options) {
    client::ConnectOptions wanted;
    wanted.host = options.host;
    wanted.port = options.port;
    wanted.identity = options.identity ? *options.identity : *crypto::generate_identity(crypto::IdentityKind::Client);
    wanted.hello.mode = options.mode;
    wanted.hello.video_caps = wire::kCapHostTiming;
    wanted.hello.tail.emplace();
    wanted.hello.tail->video_codecs = wire::kCodecH264;
    wanted.timeout = 30s;
    auto connected = client::NativeClient::connect(wanted);
    if (!connected) throw std::runtime_error(connected.error().message);
    connection_ = std::move(*connected);
    decoder_ = *media::VideoDecoder::open(media::Codec::H264);
}

std::optional<milliseconds> Viewer::watch(milliseconds patience, const Wanted& wanted) {
    const auto start = SteadyClock::now();
    while (SteadyClock::now() < start + patience) {
        auto frame = connection_->next_frame(50ms);
        if (!frame && frame.error().code != ErrorCode::Timeout) return std::nullopt;
        if (!frame) continue;
        const bool keyframe = (frame->user_flags & session::kFlagStartOfFrame) != 0;
        const bool decoded = decoder_->decode(frame->data).has_value();
        if (!decoded) {
            connection_->request_keyframe();
        } else if (wanted(keyframe, *decoder_)) {
            return std::chrono::duration_cast<milliseconds>(SteadyClock::now() - start);
        }
    }
    return std::nullopt;
}

std::optional<milliseconds> Viewer::picture(milliseconds patience) {
    return watch(patience, [](bool, const auto&) { return true; });
}

std::optional<milliseconds> Viewer::keyframe(milliseconds patience) {
    return watch(patience, [](bool keyframe, const auto&) { return keyframe; });
}

bool Viewer::shows(uint32_t width, uint32_t height, milliseconds patience) {
    return watch(patience,
                 [&](bool, const media::VideoDecoder& decoder) {
                     const auto luma = decoder.luma();
                     return luma && luma->width == width && luma->height == height;
                 })
        .has_value();
}

bool Viewer::flows(int pictures, milliseconds patience) {
    return watch(patience, [&](bool, const auto&) { return --pictures <= 0; }).has_value();
}

}  // namespace punktfunk::test
