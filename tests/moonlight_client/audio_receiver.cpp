#include "audio_receiver.hpp"

#include <opus_multistream.h>

namespace punktfunk::moonlight_client {

namespace {

constexpr int kRate = 48'000;
constexpr uint8_t kData = 97, kParity = 127;

}  // namespace

void AudioReceiver::Free::operator()(OpusMSDecoder* decoder) const {
    ::opus_multistream_decoder_destroy(decoder);
}

AudioReceiver::AudioReceiver(const Options& options, std::function<void(std::string)> fault,
                             gs_audio::Depacketizer depacketizer, std::unique_ptr<OpusMSDecoder, Free> decoder)
    : options_(options),
      tell_(std::move(fault)),
      depacketizer_(std::move(depacketizer)),
      decoder_(std::move(decoder)),
      random_(options.seed),
      sound_{.rate = kRate, .channels = options.layout.channels, .samples = {}} {}

Result<AudioReceiver> AudioReceiver::create(const Options& options, std::function<void(std::string)> fault) {
    gs_audio::AudioConfig config{.packet_duration = std::chrono::milliseconds(options.packet_ms), .key = options.key};
    auto depacketizer = gs_audio::Depacketizer::create(config);
    if (!depacketizer) return std::unexpected(depacketizer.error());
    const OpusStreams& layout = options.layout;
    int error = OPUS_OK;
    std::unique_ptr<OpusMSDecoder, Free> decoder(
        ::opus_multistream_decoder_create(kRate, static_cast<int>(layout.channels), static_cast<int>(layout.streams),
                                          static_cast<int>(layout.coupled), layout.mapping.data(), &error));
    if (error != OPUS_OK) return fail(ErrorCode::ProtocolViolation, "no Opus layout: {}", ::opus_strerror(error));
    return AudioReceiver(options, std::move(fault), std::move(*depacketizer), std::move(decoder));
}

void AudioReceiver::fault(std::string what) {
    if (told_.insert(what).second) tell_("audio: " + what);
}

void AudioReceiver::push(ByteView datagram) {
    ++counts_.datagrams;
    if (datagram.size() > 12 && datagram[1] == kData) {
        if (!begun_ && load_be<uint16_t>(&datagram[2]) != 0 && load_be<uint32_t>(&datagram[4]) == 0)
            fault("the first timestamp is 0, the first sequence is not");
        begun_ = true;
        // The length on the wire: one that changes turns a client's error correction off.
        if (packet_bytes_ != 0 && datagram.size() != packet_bytes_) fault("the bit rate is not constant");
        packet_bytes_ = datagram.size();
    } else if (datagram.size() <= 12 || datagram[1] != kParity) {
        fault("a datagram that is none");
    }
    if (std::uniform_real_distribution<>()(random_) < options_.loss) {
        ++counts_.dropped;
        return;
    }
    const auto malformed = depacketizer_.stats().malformed;
    for (const gs_audio::ReceivedAudio& packet : depacketizer_.push(datagram)) {
        if (!heard_) {
            heard_ = true;
            next_sequence_ = packet.sequence;
            position_ = packet.sequence;
        }
        const auto skipped = static_cast<uint16_t>(packet.sequence - next_sequence_);
        for (uint16_t i = 0; i < skipped; ++i) decode({});
        position_ += skipped;
        if (packet.timestamp != static_cast<uint32_t>(position_ * options_.packet_ms))
            fault("a timestamp that is not the time in milliseconds");
        decode(packet.opus);
        ++position_;
        next_sequence_ = static_cast<uint16_t>(packet.sequence + 1);
    }
    if (depacketizer_.stats().malformed != malformed) fault("a packet that is malformed");
    counts_.packets = depacketizer_.stats().delivered;
    counts_.recovered = depacketizer_.stats().recovered;
    counts_.lost = depacketizer_.stats().lost;
}

void AudioReceiver::decode(ByteView opus) {
    const size_t samples = kRate / 1000 * options_.packet_ms, channels = options_.layout.channels;
    const size_t at = sound_.samples.size();
    sound_.samples.resize(at + samples * channels);
    const int got = ::opus_multistream_decode_float(decoder_.get(), opus.empty() ? nullptr : opus.data(),
                                                    static_cast<opus_int32>(opus.size()), &sound_.samples[at],
                                                    static_cast<int>(samples), 0);
    if (got == static_cast<int>(samples)) return;
    ++counts_.undecodable;
    fault("an Opus packet of another length than announced, or none");
}

}  // namespace punktfunk::moonlight_client
