#include "av.hpp"

extern "C" {
#include <libavutil/error.h>
#include <libavutil/log.h>
}

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <utility>

namespace punktfunk::encode::av {
namespace {

// libav's log hook is one per process and carries no user data: which capture a line belongs to can only be known by
// the thread that logs it.
thread_local LogCapture* current_capture = nullptr;

void log_line(void* context, int level, const char* format, va_list arguments) {
    if (current_capture == nullptr) {
        av_log_default_callback(context, level, format, arguments);
        return;
    }
    if (level > AV_LOG_ERROR + kLogOffset) return;
    std::array<char, 400> line{};
    std::vsnprintf(line.data(), line.size(), format, arguments);
    current_capture->add(line.data());
}

constexpr size_t kMaxText = 400;

}  // namespace

std::string describe(int error) {
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(error, text.data(), text.size());
    return text.data();
}

// The hook stays: without a capture it is the default one.
LogCapture::LogCapture() : outer_(std::exchange(current_capture, this)) {
    av_log_set_callback(log_line);
}
LogCapture::~LogCapture() {
    current_capture = outer_;
}

void LogCapture::add(std::string line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == ' ' || line.back() == '.')) line.pop_back();
    if (line.empty() || text_.size() + line.size() > kMaxText) return;
    if (!text_.empty()) text_ += "; ";
    text_ += line;
}

std::string LogCapture::explain(int error) const {
    return text_.empty() ? describe(error) : fmt::format("{} ({})", text_, describe(error));
}

}  // namespace punktfunk::encode::av
