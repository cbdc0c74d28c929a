// libav's objects with owners, its errors as text, and its log kept off the terminal.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/buffer.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
}

#include <memory>
#include <string>

namespace punktfunk::encode::av {

struct Free {
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
    void operator()(AVBufferRef* buffer) const { av_buffer_unref(&buffer); }
    void operator()(AVDictionary* dictionary) const { av_dict_free(&dictionary); }
};
using Context = std::unique_ptr<AVCodecContext, Free>;
using Frame = std::unique_ptr<AVFrame, Free>;
using Packet = std::unique_ptr<AVPacket, Free>;
using Buffer = std::unique_ptr<AVBufferRef, Free>;

[[nodiscard]] std::string describe(int error);

// Added to the level of what a codec context logs, so that only errors reach libav's default threshold (info).
inline constexpr int kLogOffset = AV_LOG_INFO - AV_LOG_ERROR;

// While it lives, errors libav logs on this thread are collected instead of printed. Other threads print as before.
class LogCapture {
  public:
    LogCapture();
    ~LogCapture();
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;

    // "what libav said; and said next (its error code)".
    [[nodiscard]] std::string explain(int error) const;
    void add(std::string line);

  private:
    std::string text_;
    LogCapture* outer_;
};

}  // namespace punktfunk::encode::av
