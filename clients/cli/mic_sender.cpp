#include "mic_sender.hpp"

#include "punktfunk/media/wav_file.hpp"

namespace punktfunk::cli {

using namespace std::chrono_literals;

namespace {

constexpr uint32_t kMicChannels = 2, kFrameSamples = 960, kBitrate = 64'000;
constexpr size_t kMicFrame = size_t{kMicChannels} * kFrameSamples;

}  // namespace

Result<MicSender> MicSender::open(const std::filesystem::path& file) {
    auto sound = media::read_wav(file);
    if (!sound) return std::unexpected(sound.error());
    if (sound->rate != opus::kRate || sound->channels > kMicChannels) {
        return fail(ErrorCode::InvalidArgument,
                    "{}: {} Hz, {} channels; 48000 Hz, mono or stereo is wanted: ffmpeg -i {} -ar 48000 -ac 2 mic.wav",
                    file.string(), sound->rate, sound->channels, file.string());
    }
    std::vector<float> samples;
    for (size_t i = 0; i < sound->samples.size(); i += sound->channels) {
        samples.push_back(sound->samples[i]);
        samples.push_back(sound->samples[i + sound->channels - 1]);
    }
    samples.resize((samples.size() + kMicFrame - 1) / kMicFrame * kMicFrame);
    auto encoder = opus::Encoder::create({.purpose = opus::Purpose::Voice,
                                          .channels = kMicChannels,
                                          .frame_samples = kFrameSamples,
                                          .bitrate = kBitrate});
    if (!encoder) return std::unexpected(encoder.error());
    return MicSender(std::move(*encoder), std::move(samples));
}

std::optional<SteadyClock::time_point> MicSender::next() const {
    return sent_ < samples_.size() ? std::optional(due_) : std::nullopt;
}

Result<void> MicSender::send_due(client::NativeClient& connection, SteadyClock::time_point now) {
    while (sent_ < samples_.size() && due_ <= now) {
        auto packet = encoder_.encode(std::span(samples_).subspan(sent_, kMicFrame));
        if (!packet) return std::unexpected(packet.error());
        connection.send_mic({.seq = seq_++, .pts_ns = realtime_ns(), .opus = *packet});
        sent_ += kMicFrame;
        due_ += 20ms;
    }
    return {};
}

}  // namespace punktfunk::cli
