// A client of the host in this process, on the product's own connector and decoder: looks at what really arrives.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "punktfunk/client/native_client.hpp"
#include "punktfunk/media/video_decoder.hpp"

namespace punktfunk::test {

struct ViewerOptions {
    std::string host = "127.0.0.1";
    uint16_t port = 0;
    wire::Mode mode{640, 360, 30};
    std::optional<crypto::Identity> identity;  // absent: a new one
};

class Viewer {
  public:
    // Throws std::runtime_error when the host refuses.
    explicit Viewer(const ViewerOptions& options);

    [[nodiscard]] client::NativeClient& connection() { return *connection_; }
    [[nodiscard]] const media::VideoDecoder& decoder() const { return *decoder_; }

    // Decodes what arrives, and asks for a keyframe when something does not, until one decodes of which `wanted` is
    // true. How long that took; nullopt when it did not come to pass, or the stream ended.
    using Wanted = std::function<bool(bool keyframe, const media::VideoDecoder& decoder)>;
    std::optional<std::chrono::milliseconds> watch(std::chrono::milliseconds patience, const Wanted& wanted);
    std::optional<std::chrono::milliseconds> picture(std::chrono::milliseconds patience);
    std::optional<std::chrono::milliseconds> keyframe(std::chrono::milliseconds patience);
    bool shows(uint32_t width, uint32_t height, std::chrono::milliseconds patience);
    // So many pictures decode, one after the other.
    bool flows(int pictures, std::chrono::milliseconds patience);

  private:
    std::unique_ptr<client::NativeClient> connection_;
    std::unique_ptr<media::VideoDecoder> decoder_;
};

}  // namespace punktfunk::test
