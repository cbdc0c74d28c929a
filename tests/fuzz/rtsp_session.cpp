// A whole handshake by a peer that says anything: answers are RTSP, and it plays only what ANNOUNCE agreed on.
#include <algorithm>

#include "punktfunk/rtsp/session.hpp"
#include "require.hpp"

using namespace punktfunk;
using namespace punktfunk::rtsp;

namespace {

constexpr std::string_view kNext = "\n\n\n";

void check(const StreamConfig& config, const nvhttp::CodecSupport& codecs) {
    const VideoConfig& video = config.video;
    REQUIRE(video.width >= 1 && video.width <= 8192 && video.height >= 2 && video.height <= 8192 &&
            video.height % 2 == 0);
    REQUIRE(video.refresh_millihertz >= 990 && video.refresh_millihertz <= 1'010'000);
    REQUIRE(video.packet_size % 16 == 0 && video.packet_size >= 64 && video.packet_size <= 9000);
    REQUIRE(video.bitrate_kbps >= 1 && video.slices_per_frame >= 1 && video.min_parity_packets <= 255);
    REQUIRE(codecs.supports(video.codec, video.ten_bit, video.yuv444));
    const OpusLayout& layout = config.audio.layout;
    REQUIRE(layout.channels == 2 || layout.channels == 6 || layout.channels == 8);
    REQUIRE(layout.streams + layout.coupled_streams == layout.channels && layout.bitrate_kbps >= 96);
    REQUIRE(std::all_of(layout.mapping.begin(), layout.mapping.begin() + layout.channels,
                        [&](uint8_t channel) { return channel < layout.channels; }));
    REQUIRE(config.audio.packet_ms == 5 || config.audio.packet_ms == 10);
}

}  // namespace

// Requests with three line feeds between them; the first byte chooses the client's own layout and what is mandatory.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    SessionSetup setup;
    setup.encrypted = false;
    const nvhttp::Profiles all{true, true, true, true};
    setup.offer.codecs = {all, all, {}};
    if ((data[0] & 1) != 0) setup.offer.surround_params = "85370124563";
    setup.mandatory = Encryption::of((data[0] >> 1) & 7);
    const auto codecs = setup.offer.codecs;
    const TimePoint now{};
    auto session = Session::create(std::move(setup), now, {"DEADBEEFCAFE", "0123456789ABCDEF", "0123456789ABCDEF", 7});
    REQUIRE(session);

    bool announced = false, played = false;
    std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
    while (!rest.empty()) {
        const size_t end = std::min(rest.find(kNext), rest.size());
        const auto answer = session->answer(PlainMessage{std::string(rest.substr(0, end))}, now);
        rest.remove_prefix(std::min(end + kNext.size(), rest.size()));
        if (!answer) continue;
        const std::string text(answer->bytes.begin(), answer->bytes.end());
        REQUIRE(text.starts_with("RTSP/1.0 ") && text.find("\r\nCSeq: ") != std::string::npos);
        REQUIRE(text.starts_with("RTSP/1.0 200 OK\r\n") == answer->refused.empty());
        REQUIRE(!answer->announced || !announced);
        REQUIRE(!answer->play || (announced && !played));
        if (answer->announced) check(*answer->announced, codecs);
        announced = announced || answer->announced;
        played = played || answer->play;
    }
    REQUIRE(session->playing() == played && session->config().has_value() == announced);
    return 0;
}
