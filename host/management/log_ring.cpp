#include "punktfunk/management/log_ring.hpp"

#include <algorithm>

namespace punktfunk::management {

void LogRing::sink_it_(const spdlog::details::log_msg& message) {
    const std::string_view text(message.payload.data(), message.payload.size());
    lines_.push_back({++newest_, message.time, message.level, std::string(text.substr(0, kLongest))});
    if (lines_.size() > kLines) lines_.pop_front();
    if (tell_ && !std::exchange(told_, true)) tell_();
}

LogRing::Page LogRing::read(spdlog::level::level_enum least, uint64_t after, size_t limit) {
    const std::lock_guard lock(mutex_);
    told_ = false;
    Page page{.entries = {}, .last_id = newest_, .truncated = !lines_.empty() && lines_.front().id > after + 1};
    for (auto line = lines_.rbegin(); line != lines_.rend() && line->id > after; ++line) {
        if (line->level < least) continue;
        if (page.entries.size() == limit) {
            page.truncated = true;
            break;
        }
        page.entries.push_back(*line);
    }
    std::ranges::reverse(page.entries);
    return page;
}

void LogRing::on_news(std::function<void()> tell) {
    const std::lock_guard lock(mutex_);
    tell_ = std::move(tell);
    told_ = false;
}

}  // namespace punktfunk::management
