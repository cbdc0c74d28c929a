#include "punktfunk/opus/opus_codec.hpp"

#include <opus_multistream.h>

#include <algorithm>

namespace punktfunk::opus {

void Encoder::Free::operator()(OpusMSEncoder* encoder) const {
    ::opus_multistream_encoder_destroy(encoder);
}
void Decoder::Free::operator()(OpusDecoder* decoder) const {
    ::opus_decoder_destroy(decoder);
}

Result<Encoder> Encoder::create(const EncoderConfig& config) {
    Encoder made(config);
    int code = OPUS_OK;
    const bool desktop = config.purpose == Purpose::Desktop;
    if (config.channels > config.mapping.size())
        return fail(ErrorCode::InvalidArgument, "an Opus encoder of {} channels", config.channels);
    made.encoder_.reset(::opus_multistream_encoder_create(
        kRate, static_cast<int>(config.channels), static_cast<int>(config.streams), static_cast<int>(config.coupled),
        config.mapping.data(), desktop ? OPUS_APPLICATION_RESTRICTED_LOWDELAY : OPUS_APPLICATION_VOIP, &code));
    OpusMSEncoder* encoder = made.encoder_.get();
    if (encoder != nullptr)
        code = ::opus_multistream_encoder_ctl(encoder, OPUS_SET_BITRATE(static_cast<int>(config.bitrate)));
    if (code == OPUS_OK) code = ::opus_multistream_encoder_ctl(encoder, OPUS_SET_VBR(desktop ? 0 : 1));
    if (code != OPUS_OK) return fail(ErrorCode::Internal, "the Opus encoder: {}", ::opus_strerror(code));
    return made;
}

Result<ByteView> Encoder::encode(std::span<const float> frame) {
    if (frame.size() != size_t{config_.channels} * config_.frame_samples)
        return fail(ErrorCode::InvalidArgument, "an Opus frame of {} values", frame.size());
    const int length =
        ::opus_multistream_encode_float(encoder_.get(), frame.data(), static_cast<int>(config_.frame_samples),
                                        packet_.data(), static_cast<int>(packet_.size()));
    if (length < 0) return fail(ErrorCode::Internal, "the Opus encoder: {}", ::opus_strerror(length));
    return ByteView(packet_).first(static_cast<size_t>(length));
}

Result<Decoder> Decoder::create(uint32_t channels) {
    Decoder made(channels);
    int code = OPUS_OK;
    made.decoder_.reset(::opus_decoder_create(kRate, static_cast<int>(channels), &code));
    if (made.decoder_ == nullptr) return fail(ErrorCode::Internal, "the Opus decoder: {}", ::opus_strerror(code));
    return made;
}

Result<std::span<const float>> Decoder::answer(int samples) {
    if (samples < 0) return fail(ErrorCode::ProtocolViolation, "an Opus packet: {}", ::opus_strerror(samples));
    return std::span<const float>(samples_).first(static_cast<size_t>(samples) * channels_);
}

Result<std::span<const float>> Decoder::decode(ByteView packet) {
    if (packet.empty()) return fail(ErrorCode::ProtocolViolation, "an Opus packet of no bytes");
    return answer(::opus_decode_float(decoder_.get(), packet.data(), static_cast<int>(packet.size()), samples_.data(),
                                      kMaxFrame, 0));
}

Result<std::span<const float>> Decoder::conceal(size_t samples) {
    return answer(::opus_decode_float(decoder_.get(), nullptr, 0, samples_.data(),
                                      static_cast<int>(std::min(samples, kMaxFrame)), 0));
}

}  // namespace punktfunk::opus
