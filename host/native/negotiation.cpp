#include "negotiation.hpp"

#include <algorithm>

namespace punktfunk::native {

namespace {

constexpr uint32_t kMaxSide = 8192;
constexpr uint32_t kMaxRefreshHz = 480;

bool available(std::span<const encode::ProbeResult> encoders, encode::Codec codec, bool hardware) {
    return std::ranges::any_of(encoders, [&](const encode::ProbeResult& probe) {
        return probe.available && probe.codec == codec && probe.encoder.starts_with("lib") != hardware;
    });
}

}  // namespace

uint8_t wire_codec(encode::Codec codec) {
    switch (codec) {
        case encode::Codec::H264:
            return wire::kCodecH264;
        case encode::Codec::Hevc:
            return wire::kCodecHevc;
        case encode::Codec::Av1:
            break;
    }
    return wire::kCodecAv1;
}

bool mode_is_valid(const wire::Mode& mode) {
    const auto side_ok = [](uint32_t side) { return side > 0 && side <= kMaxSide && side % 2 == 0; };
    return side_ok(mode.width) && side_ok(mode.height) && mode.refresh_hz >= 1 && mode.refresh_hz <= kMaxRefreshHz;
}

wire::Gamepad resolve_gamepad(wire::Gamepad client, wire::Gamepad host) {
    if (client != wire::Gamepad::Auto) return client;
    return host != wire::Gamepad::Auto ? host : wire::Gamepad::Xbox360;
}

uint32_t clamp_bitrate_kbps(uint32_t asked) {
    return asked == 0 ? 20'000 : std::clamp(asked, 500u, 8'000'000u);
}

size_t max_unit_bytes(uint32_t bitrate_kbps, uint32_t refresh_hz) {
    constexpr uint64_t kMiB = 1 << 20;
    return std::clamp<uint64_t>(uint64_t{4} * bitrate_kbps * 1000 / 8 / refresh_hz, 8 * kMiB, 64 * kMiB);
}

std::expected<Negotiated, Refusal> negotiate(const wire::Hello& hello, std::span<const encode::ProbeResult> encoders) {
    using quic::CloseCode;
    if (hello.abi_version != wire::kWireVersion) {
        return std::unexpected(Refusal{
            CloseCode::WireVersionMismatch,
            fmt::format("this host speaks wire version {}, the client {}", wire::kWireVersion, hello.abi_version)});
    }
    if (!mode_is_valid(hello.mode)) {
        return std::unexpected(
            Refusal{CloseCode::SetupFailed,
                    fmt::format("mode {}x{}@{} is not possible: sides must be even and 2..{}, the rate 1..{} Hz",
                                hello.mode.width, hello.mode.height, hello.mode.refresh_hz, kMaxSide, kMaxRefreshHz)});
    }
    // A client that names no codecs decodes HEVC (the seed knows nothing else).
    const uint8_t named = hello.tail ? hello.tail->video_codecs : 0;
    const uint8_t decodes = named == 0 ? static_cast<uint8_t>(wire::kCodecHevc) : named;
    const uint8_t preferred = hello.tail ? hello.tail->preferred_codec : 0;

    struct Candidate {
        encode::Codec codec;
        bool hardware;
    };
    // On hardware HEVC costs nothing more and needs less of the path, and AV1 decodes in hardware less often; in
    // software H.264 is several times faster than either.
    static constexpr Candidate kOrder[] = {{encode::Codec::Hevc, true},  {encode::Codec::Av1, true},
                                           {encode::Codec::H264, true},  {encode::Codec::H264, false},
                                           {encode::Codec::Hevc, false}, {encode::Codec::Av1, false}};
    const Candidate* chosen = nullptr;
    for (const Candidate& candidate : kOrder) {
        const uint8_t bit = wire_codec(candidate.codec);
        if ((decodes & bit) == 0 || !available(encoders, candidate.codec, candidate.hardware)) continue;
        if (chosen == nullptr) chosen = &candidate;
        if (bit == preferred) {
            chosen = &candidate;
            break;
        }
    }
    if (chosen == nullptr) {
        return std::unexpected(
            Refusal{CloseCode::SetupFailed,
                    fmt::format("no encoder here for any codec the client decodes (bits 0x{:02x}); see the host's log",
                                decodes)});
    }
    return Negotiated{.mode = {hello.mode.width, hello.mode.height, hello.mode.refresh_hz},
                      .codec = chosen->codec,
                      .bitrate_kbps = clamp_bitrate_kbps(hello.bitrate_kbps),
                      .single_slice = (hello.video_caps & wire::kCapMultiSlice) == 0};
}

}  // namespace punktfunk::native
