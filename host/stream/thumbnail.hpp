// A small picture of what a session shows, for people who look at the host: made of the frame at hand, when asked.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "punktfunk/capture/frame_source.hpp"

namespace punktfunk::stream {

struct Picture {
    uint32_t width = 0, height = 0;
    std::vector<uint8_t> rgb;  // width * height * 3
};

inline constexpr uint32_t kThumbnailSide = 320;  // neither side is longer

// Averages a few points of each pixel's area: some hundred microseconds, whatever the frame's size. Allocates nothing
// into a picture of make_thumbnail_buffer().
void scale_down(const capture::Frame& frame, Picture& into, uint32_t longest_side = kThumbnailSide);
[[nodiscard]] Picture make_thumbnail_buffer();

// Who waits for one. Asked on any thread, served on the capture thread.
class ThumbnailRequests {
  public:
    using Done = std::function<void(Result<Picture>)>;
    static constexpr size_t kMost = 8;

    // Exhausted at once when too many wait already; Closed once close() was called.
    void ask(Done done);
    // After a frame has been handed on.
    void serve(const capture::Frame& frame);
    void close();

  private:
    struct Request {
        Picture buffer;
        Done done;
    };
    std::mutex mutex_;
    std::vector<Request> waiting_;
    bool closed_ = false;
};

}  // namespace punktfunk::stream
