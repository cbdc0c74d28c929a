#include <algorithm>

#include "answers.hpp"
#include "api.hpp"

namespace punktfunk::management {

namespace {

constexpr std::string_view kTopics[]{"session", "stats", "device", "pairing", "settings", "library", "log"};

std::optional<Topics> topics_of(const Call& call) {
    Topics topics;
    const auto given = call.query.find("topics");
    if (given == call.query.end()) return topics;
    std::string_view rest = given->second;
    do {
        const size_t end = std::min(rest.find(','), rest.size());
        const std::string_view topic = rest.substr(0, end);
        if (std::ranges::find(kTopics, topic) == std::end(kTopics)) return std::nullopt;
        topics.emplace(topic);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    } while (!rest.empty());
    return topics;
}

void stream_events(Api& api, const Call& call) {
    auto topics = topics_of(call);
    if (!topics) return call.respond(error_answer(400, fmt::format("topics are {}", fmt::join(kTopics, ", "))));
    http::Response head{.content_type = "text/event-stream", .body = {}, .headers = {}};
    add_security_headers(head, /*cacheable=*/false);
    if (!api.hub.listen(call.exchange, credential_of(call.caller, call.request()), std::move(*topics),
                        call.request().header("Last-Event-ID"), std::move(head)))
        call.respond(error_answer(503, "too many listen to events already"));
}

}  // namespace

void add_event_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/events", "streamEvents", Access::Admin, false,
                [&api](const Call& call) { stream_events(api, call); }});
}

}  // namespace punktfunk::management
