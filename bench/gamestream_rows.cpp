// An access unit to the datagrams of a GameStream client, beside the same for a punktfunk/1 client.
#include <fmt/core.h>

#include "punktfunk/gs_video/packetizer.hpp"
#include "punktfunk/session/packetizer.hpp"
#include "report.hpp"

namespace punktfunk::bench {
namespace {

constexpr uint8_t kFecPercent = 20;

void measure(Report& report, size_t frame_bytes, bool sealed, const std::string& name) {
    Bytes frame(frame_bytes);
    uint32_t state = 1;
    for (auto& byte : frame) byte = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);

    // 1408 bytes of shard either way; a client that wants encryption asks for packets that are 32 bytes smaller.
    gs_video::VideoConfig config{.packet_bytes = 1392, .fec_percent = kFecPercent};
    session::SessionConfig reference_config{.scheme = fec::Scheme::Gf16,
                                            .fec_percent = kFecPercent,
                                            .max_data_per_block = 4096,
                                            .shard_payload = 1408,
                                            .encrypt = sealed,
                                            .key = crypto::random_session_key()};
    if (sealed) {
        config.packet_bytes -= 32;
        config.key = gs_media::StreamKey{reference_config.key.key};
    }
    auto packetizer = gs_video::Packetizer::create(config).value();
    auto reference = session::Packetizer::create(reference_config).value();
    size_t packets = 0;
    const auto ours = [&] { packets = packetizer.packetize(frame, {}).value().count; };
    const auto theirs = [&] { (void)reference.packetize(frame, 1, session::kDeltaFrame).value(); };
    const Medians medians = interleaved(ours, theirs);

    constexpr int kFrames = 20;
    const uint64_t before = allocations();
    for (int i = 0; i < kFrames; ++i) ours();
    const double allocated = static_cast<double>(allocations() - before) / kFrames;
    const double to_ms_per_mib = 1e-6 * (1 << 20) / static_cast<double>(frame_bytes);
    report.add({.name = name,
                .unit = "ms/MiB",
                .ours = medians.ours_ns * to_ms_per_mib,
                .reference = medians.reference_ns * to_ms_per_mib,
                .reference_name = "the same for punktfunk/1",
                .ratio = medians.reference_ns / medians.ours_ns,
                .note = fmt::format("{} packets; {:.2f} allocations a frame", packets, allocated)});
}

}  // namespace

void gamestream_rows(Report& report) {
    if (!report.wants("gamestream")) return;
    report.heading("GameStream packets, FEC 20 %");
    measure(report, 200 << 10, false, "gamestream.packetize.200kib");
    measure(report, 200 << 10, true, "gamestream.packetize.200kib.sealed");
    measure(report, 1 << 20, false, "gamestream.packetize.1mib");
    measure(report, 1 << 20, true, "gamestream.packetize.1mib.sealed");
}

}  // namespace punktfunk::bench
