// One encoder of libavcodec, of any kind in the candidate table.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "candidates.hpp"
#include "colour.hpp"
#include "video_encoder.hpp"

namespace punktfunk::encode {

class FfmpegEncoder final : public VideoEncoder {
  public:
    static Result<std::unique_ptr<FfmpegEncoder>> open(const Candidate& candidate, const EncoderConfig& config);

    [[nodiscard]] std::string_view name() const override { return name_; }
    Result<AccessUnit> encode(const capture::Frame& frame, bool force_keyframe) override;
    Result<void> set_bitrate(uint32_t kbps) override;

  private:
    FfmpegEncoder(const Candidate& candidate, const EncoderConfig& config);

    Result<av::Context> open_context(uint32_t kbps) const;
    Result<void> open_device();
    struct Picture {
        av::Frame yuv;
        uint64_t holds = 0;  // the sequence number of the captured frame; 0: none
    };
    Result<Picture*> take_picture();
    Result<av::Frame> upload(const AVFrame& picture) const;
    void convert(const capture::Frame& frame, bool all, Picture& picture) const;

    const Candidate& candidate_;
    EncoderConfig config_;
    std::string name_;
    ColourKernel kernel_;
    av::Buffer device_;
    av::Buffer device_frames_;
    av::Context context_;
    av::Packet packet_;
    std::vector<Picture> pictures_;  // the encoder may still hold some of them
    int64_t next_pts_ = 0;
};

}  // namespace punktfunk::encode
