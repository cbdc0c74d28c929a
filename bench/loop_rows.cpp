// The whole data plane in one thread: packetize, FEC, header, seal; open, reassemble.
#include <fmt/core.h>

#include "punktfunk/session/packetizer.hpp"
#include "punktfunk/session/reassembler.hpp"
#include "report.hpp"

namespace punktfunk::bench {

namespace {

constexpr double kPublished = 2.38;  // ms per MiB, by the original implementation
constexpr int kRounds = 41;

struct Loop {
    session::SessionConfig config;
    session::Packetizer packetizer;
    crypto::Opener opener;
    session::Reassembler reassembler;
    Bytes frame;
    double packetize_ns = 0, restore_ns = 0;
    bool whole = true;

    Loop(const session::SessionConfig& shared, size_t frame_bytes)
        : config(shared),
          packetizer(session::Packetizer::create(shared).value()),
          opener(crypto::Opener::create(shared.key, crypto::Direction::HostToClient).value()),
          reassembler(session::Reassembler::create(shared).value()),
          frame(frame_bytes) {
        uint32_t state = 1;
        for (auto& byte : frame) byte = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    }

    // The packets are opened where they were sealed: the copy that a network makes is the kernel's.
    void run() {
        const auto start = SteadyClock::now();
        const auto batch = packetizer.packetize(frame, 1, session::kDeltaFrame).value();
        const auto sent = SteadyClock::now();
        auto* wire = const_cast<uint8_t*>(batch.arena.data());
        bool complete = false;
        for (size_t i = 0; i < batch.count; ++i) {
            const auto packet = opener.open_in_place({wire + i * batch.packet_bytes, batch.packet_bytes});
            if (reassembler.push(packet, 1)) complete = true;
        }
        whole = whole && complete;
        packetize_ns = std::chrono::duration<double, std::nano>(sent - start).count();
        restore_ns = std::chrono::duration<double, std::nano>(SteadyClock::now() - sent).count();
    }
};

void measure(Report& report, fec::Scheme scheme, size_t frame_bytes, const std::string& name) {
    const bool gf16 = scheme == fec::Scheme::Gf16;
    Loop loop({.scheme = scheme,
               .fec_percent = 20,
               .max_data_per_block = static_cast<uint16_t>(gf16 ? 4096 : 200),
               .shard_payload = 1408,
               .encrypt = true,
               .key = crypto::random_session_key()},
              frame_bytes);
    for (int i = 0; i < 20; ++i) loop.run();
    std::vector<double> out, in;
    out.reserve(kRounds), in.reserve(kRounds);
    const uint64_t before = allocations();
    for (int i = 0; i < kRounds; ++i) {
        loop.run();
        out.push_back(loop.packetize_ns);
        in.push_back(loop.restore_ns);
    }
    const double allocated = static_cast<double>(allocations() - before) / kRounds;
    const double mib = static_cast<double>(frame_bytes) / (1 << 20);
    const double out_ms = median(out) / mib / 1e6, in_ms = median(in) / mib / 1e6;
    report.add({.name = name,
                .unit = "ms/MiB",
                .ours = out_ms + in_ms,
                .reference = gf16 ? std::optional(kPublished) : std::nullopt,
                .reference_name = gf16 ? "published by the original" : "",
                .ratio = gf16 ? std::optional(kPublished / (out_ms + in_ms)) : std::nullopt,
                .wanted_ratio = gf16 ? std::optional(4.0) : std::nullopt,
                .note = fmt::format("out {:.2f}, in {:.2f}; {:.2f} allocations a frame{}", out_ms, in_ms, allocated,
                                    loop.whole ? "" : "; FRAMES MISSING")});
}

}  // namespace

void loop_rows(Report& report) {
    if (!report.wants("loop")) return;
    report.heading("the whole loop, FEC 20 %");
    measure(report, fec::Scheme::Gf16, 1 << 20, "loop.gf16.ms_per_mib");
    measure(report, fec::Scheme::Gf16, 64 << 10, "loop.gf16.64kib");
    measure(report, fec::Scheme::Gf16, 8 << 20, "loop.gf16.8mib");
    measure(report, fec::Scheme::Gf8, 64 << 10, "loop.gf8.64kib");
    measure(report, fec::Scheme::Gf8, 1 << 20, "loop.gf8.1mib");
}

}  // namespace punktfunk::bench
