#include "describe.hpp"

#include <fmt/format.h>

namespace punktfunk::rtsp {

std::string describe(const Offer& offer) {
    const uint32_t features = (offer.pen_and_touch ? 1u : 0) | (offer.controller_touch_and_motion ? 2u : 0);
    std::string body = fmt::format(
        "a=x-ss-general.featureFlags:{}\na=x-ss-general.encryptionSupported:{}\na=x-ss-general.encryptionRequested:{}"
        "\n",
        features, offer.supported.bits(), offer.requested.bits());
    if (offer.invalidates_reference_frames) body += "x-nv-video[0].refPicInvalidation=1\n";
    if (offer.codecs.hevc.any()) body += "sprop-parameter-sets=AAAAAU\n";
    if (offer.codecs.av1.any()) body += "a=rtpmap:98 AV1/90000\n";
    const auto layout = [&body](std::string_view digits) {
        body += fmt::format("a=fmtp:97 surround-params={}\n", digits);
    };
    // A client takes the first match for its channels as the normal layout, the second as the one of high quality.
    if (parse_surround_params(offer.surround_params, false)) {
        layout(offer.surround_params);
        layout(offer.surround_params);
    }
    layout(to_surround_params(standard_layout(2, false), false));
    for (const uint32_t channels : {6, 8}) {
        for (const bool high_quality : {false, true})
            layout(to_surround_params(standard_layout(channels, high_quality), high_quality));
    }
    return body;
}

}  // namespace punktfunk::rtsp
