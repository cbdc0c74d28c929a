#include "sound_receiver.hpp"

#include <algorithm>
#include <array>

namespace punktfunk::cli {

using namespace std::chrono_literals;

namespace {

constexpr uint32_t kChannels = 2;
constexpr size_t kPacketSamples = 240;  // a channel
// The decoder invents this much for what is lost; a longer hole is silent.
constexpr uint32_t kConcealed = 10;
// A longer hole is a host that counts anew, not a network that lost ten seconds.
constexpr uint32_t kLongestGap = 2000;
// The host sends nothing while nothing plays. A stalled one catches up after less than this.
constexpr auto kPause = 500ms;

}  // namespace

Result<void> SoundReceiver::record_to(const std::filesystem::path& file) {
    auto decoder = opus::Decoder::create(kChannels);
    if (!decoder) return std::unexpected(decoder.error());
    decoder_.emplace(std::move(*decoder));
    auto writer = media::WavWriter::open(file, opus::kRate, kChannels);
    if (!writer) return std::unexpected(writer.error());
    file_.emplace(std::move(*writer));
    return {};
}

Result<void> SoundReceiver::collect(client::NativeClient& connection) {
    while (const auto packet = connection.next_audio(0ms)) {
        if (auto taken = take(*packet); !taken) return taken;
    }
    return {};
}

Result<void> SoundReceiver::take(const client::ReceivedAudio& packet) {
    ++counts_.received;
    uint32_t gap = next_seq_ ? packet.seq - *next_seq_ : 0;
    if (gap >= 0x80000000U && 0 - gap <= kLongestGap) {
        ++counts_.late;
        if (counts_.lost > 0) --counts_.lost;
        return {};
    }
    if (gap > kLongestGap) gap = 0;
    counts_.lost += gap;
    next_seq_ = packet.seq + 1;
    if (!file_) return {};
    if (auto filled = fill_gap(gap); !filled) return filled;
    if (gap == 0) {
        if (auto filled = fill_pause(packet.pts_ns); !filled) return filled;
    }
    last_pts_ns_ = packet.pts_ns;
    last_arrival_ = SteadyClock::now();
    const auto samples = packet.opus.empty() ? decoder_->conceal(kPacketSamples) : decoder_->decode(packet.opus);
    if (samples) return file_->write(*samples);
    ++counts_.undecodable;
    return write_silence(kPacketSamples);
}

Result<void> SoundReceiver::fill_gap(uint32_t packets) {
    for (uint32_t i = 0; i < std::min(packets, kConcealed); ++i) {
        const auto samples = decoder_->conceal(kPacketSamples);
        auto written = samples ? file_->write(*samples) : write_silence(kPacketSamples);
        if (!written) return written;
    }
    return packets > kConcealed ? write_silence(uint64_t{packets - kConcealed} * kPacketSamples) : Result<void>{};
}

// The file runs as the stream did. The host's clock says for how long nothing played; ours, that it is no nonsense.
Result<void> SoundReceiver::fill_pause(uint64_t pts_ns) {
    if (last_pts_ns_ == 0 || pts_ns < last_pts_ns_) return {};
    const auto told = std::chrono::nanoseconds(std::min<uint64_t>(pts_ns - last_pts_ns_, INT64_MAX));
    const auto paused = std::min<std::chrono::nanoseconds>(told, SteadyClock::now() - last_arrival_);
    if (paused < kPause) return {};
    return write_silence(static_cast<uint64_t>(paused / 1us) * opus::kRate / 1'000'000);
}

Result<void> SoundReceiver::write_silence(uint64_t samples) {
    static constexpr std::array<float, kChannels * kPacketSamples> kSilence{};
    while (samples > 0) {
        const auto now = std::min<uint64_t>(samples, kPacketSamples);
        if (auto written = file_->write(std::span(kSilence).first(now * kChannels)); !written) return written;
        samples -= now;
    }
    return {};
}

Result<void> SoundReceiver::finish() {
    return file_ ? file_->finish() : Result<void>{};
}

}  // namespace punktfunk::cli
