#include "audio_stream.hpp"

#include <pthread.h>
#include <sched.h>
#include <spa/param/audio/format-utils.h>

#include <algorithm>
#include <array>
#include <utility>

#include "punktfunk/audio/sound_capture.hpp"

namespace punktfunk::audio {

namespace {

constexpr int kPriority = 20;  // what PipeWire's own clients get

// In the order of GameStream and of Opus's surround mappings before they are permuted: FL FR FC LFE RL RR SL SR.
constexpr std::array<uint32_t, 8> kPositions{SPA_AUDIO_CHANNEL_FL,  SPA_AUDIO_CHANNEL_FR, SPA_AUDIO_CHANNEL_FC,
                                             SPA_AUDIO_CHANNEL_LFE, SPA_AUDIO_CHANNEL_RL, SPA_AUDIO_CHANNEL_RR,
                                             SPA_AUDIO_CHANNEL_SL,  SPA_AUDIO_CHANNEL_SR};

pw_properties* properties_of(const StreamOptions& options) {
    pw_properties* properties = ::pw_properties_new(
        PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CLASS, options.media_class, PW_KEY_NODE_NAME, options.name.c_str(),
        PW_KEY_NODE_DESCRIPTION, options.description, PW_KEY_NODE_VIRTUAL, "true", "state.restore-props", "false",
        PW_KEY_PRIORITY_SESSION, options.default_priority ? "2000" : "1", nullptr);
    ::pw_properties_setf(properties, PW_KEY_NODE_LATENCY, "%u/%u", options.latency_samples, kRate);
    return properties;
}

}  // namespace

AudioStream::~AudioStream() {
    if (stream_ != nullptr) ::pw_stream_destroy(stream_);
}

Result<void> AudioStream::open(PipeWireConnection& connection, const StreamOptions& options,
                               std::function<void(std::span<float>)> process) {
    connection_ = &connection;
    direction_ = options.direction;
    channels_ = options.channels;
    process_ = std::move(process);
    stream_ = ::pw_stream_new(connection.core(), options.name.c_str(), properties_of(options));
    if (stream_ == nullptr) return fail_errno(errno, "a PipeWire stream");
    static constexpr pw_stream_events kEvents{
        .version = PW_VERSION_STREAM_EVENTS,
        .state_changed =
            [](void* self, pw_stream_state, pw_stream_state state, const char* error) {
                if (state == PW_STREAM_STATE_ERROR)
                    static_cast<AudioStream*>(self)->connection_->fail_with(
                        {ErrorCode::Io, fmt::format("PipeWire's stream: {}", error == nullptr ? "failed" : error)});
            },
        .process = [](void* self) { static_cast<AudioStream*>(self)->on_process(); }};
    ::pw_stream_add_listener(stream_, &listener_, &kEvents, this);

    spa_audio_info_raw format{.format = SPA_AUDIO_FORMAT_F32, .rate = kRate, .channels = channels_};
    std::copy_n(kPositions.begin(), std::min<size_t>(channels_, kPositions.size()), format.position);
    std::array<uint8_t, 1024> room{};
    spa_pod_builder builder{};
    spa_pod_builder_init(&builder, room.data(), room.size());
    const spa_pod* parameter = spa_format_audio_raw_build(&builder, SPA_PARAM_EnumFormat, &format);
    const auto flags = static_cast<pw_stream_flags>(PW_STREAM_FLAG_MAP_BUFFERS | PW_STREAM_FLAG_RT_PROCESS);
    const int code = ::pw_stream_connect(stream_, direction_, PW_ID_ANY, flags, &parameter, 1);
    if (code < 0) return fail_errno(-code, "connecting a PipeWire stream");
    return {};
}

void AudioStream::on_process() {
    // PipeWire does not wait for who is late. Where this is not allowed the thread stays as it is.
    if (!std::exchange(hurried_, true)) {
        const sched_param priority{.sched_priority = kPriority};
        (void)::pthread_setschedparam(pthread_self(), SCHED_RR | SCHED_RESET_ON_FORK, &priority);
    }
    pw_buffer* taken = ::pw_stream_dequeue_buffer(stream_);
    if (taken == nullptr) return;
    spa_data& data = taken->buffer->datas[0];
    const size_t frame_bytes = sizeof(float) * channels_;
    if (data.data != nullptr && direction_ == PW_DIRECTION_INPUT) {
        const size_t offset = std::min<size_t>(data.chunk->offset, data.maxsize);
        const size_t frames = std::min<size_t>(data.chunk->size, data.maxsize - offset) / frame_bytes;
        process_({reinterpret_cast<float*>(static_cast<uint8_t*>(data.data) + offset), frames * channels_});
    } else if (data.data != nullptr) {
        size_t frames = data.maxsize / frame_bytes;
        if (taken->requested != 0) frames = std::min<size_t>(frames, taken->requested);
        process_({static_cast<float*>(data.data), frames * channels_});
        data.chunk->offset = 0;
        data.chunk->stride = static_cast<int32_t>(frame_bytes);
        data.chunk->size = static_cast<uint32_t>(frames * frame_bytes);
    }
    ::pw_stream_queue_buffer(stream_, taken);
}

}  // namespace punktfunk::audio
