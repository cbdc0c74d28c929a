#include "recording.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <memory>
#include <stdexcept>

namespace punktfunk::test {

namespace {
struct Free {
    void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
}  // namespace

std::vector<Recording::Size> Recording::changes() const {
    std::vector<Size> once;
    for (const Size& size : sizes) {
        if (once.empty() || once.back() != size) once.push_back(size);
    }
    return once;
}

Recording read_recording(const std::filesystem::path& file) {
    AVFormatContext* opened = nullptr;
    if (avformat_open_input(&opened, file.c_str(), nullptr, nullptr) < 0)
        throw std::runtime_error(file.string() + ": not a recording");
    const std::unique_ptr<AVFormatContext, Free> input(opened);
    if (avformat_find_stream_info(opened, nullptr) < 0 || input->nb_streams != 1)
        throw std::runtime_error(file.string() + ": no stream in it");
    const AVCodecParameters* parameters = input->streams[0]->codecpar;
    const AVCodec* codec = avcodec_find_decoder(parameters->codec_id);
    const std::unique_ptr<AVCodecContext, Free> decoder(avcodec_alloc_context3(codec));
    avcodec_parameters_to_context(decoder.get(), parameters);
    decoder->thread_count = 1;
    if (avcodec_open2(decoder.get(), codec, nullptr) < 0) throw std::runtime_error(file.string() + ": no decoder");
    const std::unique_ptr<AVFrame, Free> frame(av_frame_alloc());
    const std::unique_ptr<AVPacket, Free> packet(av_packet_alloc());
    Recording recording;
    const auto collect = [&] {
        while (avcodec_receive_frame(decoder.get(), frame.get()) >= 0) {
            if ((frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0) ++recording.errors;
            recording.sizes.push_back({static_cast<uint32_t>(frame->width), static_cast<uint32_t>(frame->height)});
        }
    };
    while (av_read_frame(input.get(), packet.get()) >= 0) {
        ++recording.packets;
        if (avcodec_send_packet(decoder.get(), packet.get()) < 0) ++recording.errors;
        av_packet_unref(packet.get());
        collect();
    }
    avcodec_send_packet(decoder.get(), nullptr);
    collect();
    return recording;
}

}  // namespace punktfunk::test
