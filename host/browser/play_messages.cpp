#include "play_messages.hpp"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>

namespace punktfunk::browser {

namespace {

using nlohmann::json;

// The members of one message: each that is asked for is checked, and nothing else may be there.
class Members {
  public:
    explicit Members(const json& object) : object_(object) {}

    void allow(std::initializer_list<std::string_view> names) {
        for (const auto& [name, value] : object_.items()) {
            if (name != "type" && std::ranges::find(names, name) == names.end()) complain(name, "is not known");
        }
    }
    uint32_t number(const char* name, uint32_t least, uint32_t most) {
        const auto found = object_.find(name);
        if (found == object_.end() || !found->is_number_unsigned() || found->get<uint64_t>() < least ||
            found->get<uint64_t>() > most) {
            complain(name, fmt::format("must be a number of {} to {}", least, most));
            return least;
        }
        return found->get<uint32_t>();
    }
    bool flag(const char* name, bool otherwise) {
        const auto found = object_.find(name);
        if (found == object_.end()) return otherwise;
        if (!found->is_boolean()) complain(name, "must be true or false");
        return found->is_boolean() && found->get<bool>();
    }
    display::Mode mode() {
        const uint32_t width = number("width", 64, 8192), height = number("height", 64, 8192);
        return {.width = width & ~1u, .height = height & ~1u, .refresh_hz = number("refresh_hz", 1, 240)};
    }
    [[nodiscard]] Result<PageMessage> done(PageMessage message) const {
        if (!wrong_.empty()) return fail(ErrorCode::ProtocolViolation, "{}", wrong_);
        return message;
    }

  private:
    void complain(std::string_view name, std::string_view what) {
        if (!wrong_.empty()) return;
        wrong_ = fmt::format("{} {}", name.substr(0, 64), what);
        // It is the page's text, and goes into the log.
        std::ranges::replace_if(wrong_, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    }
    const json& object_;
    std::string wrong_;  // the first
};

}  // namespace

Result<PageMessage> parse_page_message(std::string_view text) {
    if (text.size() > kMaxPageMessage) return fail(ErrorCode::ProtocolViolation, "a message of {} bytes", text.size());
    const auto object = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) return fail(ErrorCode::ProtocolViolation, "a message is a JSON object");
    const std::string type =
        object.contains("type") && object["type"].is_string() ? object["type"].get<std::string>() : std::string();
    Members members(object);
    if (type == "start") {
        members.allow({"width", "height", "refresh_hz", "bitrate_kbps", "sound"});
        const auto mode = members.mode();
        return members.done(Start{.mode = mode,
                                  .bitrate_kbps = members.number("bitrate_kbps", 500, 100'000),
                                  .sound = members.flag("sound", true)});
    }
    if (type == "resize") {
        members.allow({"width", "height", "refresh_hz"});
        return members.done(Resize{members.mode()});
    }
    if (type == "keyframe") {
        members.allow({});
        return members.done(Keyframe{});
    }
    return fail(ErrorCode::ProtocolViolation, "type must be start, resize or keyframe");
}

namespace {

json mode_of(const char* type, const display::Mode& mode) {
    return {{"type", type}, {"width", mode.width}, {"height", mode.height}, {"refresh_hz", mode.refresh_hz}};
}

std::string text_of(const json& message) {
    return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string started_message(const display::Mode& mode, std::string_view encoder, bool sound) {
    json message = mode_of("started", mode);
    message["encoder"] = encoder;
    message["sound"] = sound;
    return text_of(message);
}

std::string mode_message(const display::Mode& mode, bool accepted) {
    json message = mode_of("mode", mode);
    message["accepted"] = accepted;
    return text_of(message);
}

std::string ended_message(std::string_view reason) {
    return text_of({{"type", "ended"}, {"reason", reason}});
}

std::array<uint8_t, kMediaHeaderBytes> media_header(MediaKind kind, bool keyframe, uint64_t pts_ns) {
    std::array<uint8_t, kMediaHeaderBytes> header{static_cast<uint8_t>(kind), static_cast<uint8_t>(keyframe ? 1 : 0)};
    const uint64_t us = pts_ns / 1000;
    for (size_t i = 0; i < 8; ++i) header[4 + i] = static_cast<uint8_t>(us >> (8 * i));
    return header;
}

}  // namespace punktfunk::browser
