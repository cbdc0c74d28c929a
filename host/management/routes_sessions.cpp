#include <algorithm>

#include "answers.hpp"
#include "api.hpp"
#include "describe.hpp"
#include "png.hpp"

namespace punktfunk::management {

namespace {

http::Response one_session(const Api& api, const std::string& id) {
    const auto sessions = api.host.sessions();
    const auto found = std::ranges::find(sessions, id, &SessionView::id);
    if (found == sessions.end()) return error_answer(404, "there is no such session (any more)", "no_session");
    return json_answer(describe(*found));
}

http::Response done_or_failed(const Result<void>& done, unsigned status) {
    if (done) return empty_answer(status);
    return failed_answer(done.error(), done.error().code == ErrorCode::NotAvailable ? "no_session" : "not_streaming");
}

void thumbnail(Api& api, const Call& call) {
    const std::string& id = call.path.find("id")->second;
    if (std::ranges::none_of(api.host.sessions(), [&](const SessionView& s) { return s.id == id; }))
        return call.respond(error_answer(404, "there is no such session (any more)", "no_session"));
    api.host.take_thumbnail(id, [&api, call](Result<stream::Picture> picture) {
        if (!picture) return call.respond(error_answer(409, picture.error().message, "not_streaming"));
        const bool queued =
            api.worker.run([picture = std::move(*picture)] { return encode_png(picture); },
                           [call](Result<std::string> png) {
                               if (!png) return call.respond(error_answer(409, png.error().message));
                               call.respond({.content_type = "image/png", .body = std::move(*png), .headers = {}});
                           });
        if (!queued) call.respond(error_answer(409, "too many pictures are being made", "busy"));
    });
}

std::vector<std::string> gamestream_ids(const Api& api, bool streaming_only) {
    std::vector<std::string> ids;
    const auto sessions = api.host.sessions();
    for (const SessionView& session : sessions) {
        if (session.protocol == "gamestream" && (session.streaming || !streaming_only)) ids.push_back(session.id);
    }
    return ids;
}

}  // namespace

void add_session_routes(Router& router, Api& api) {
    router.add("GET", "/api/v1/sessions", "listSessions", Access::Admin,
               [&api](const Call&) { return json_answer(describe_all(api.host.sessions())); });
    router.add("GET", "/api/v1/sessions/{id}", "getSession", Access::Admin,
               [&api](const Call& call) { return one_session(api, call.path.find("id")->second); });
    router.add("DELETE", "/api/v1/sessions/{id}", "stopSessionById", Access::Admin, [&api](const Call& call) {
        return done_or_failed(api.host.stop_session(call.path.find("id")->second), 204);
    });
    router.add("POST", "/api/v1/sessions/{id}/idr", "requestSessionIdr", Access::Admin, [&api](const Call& call) {
        return done_or_failed(api.host.request_keyframe(call.path.find("id")->second), 202);
    });
    router.add({"GET", "/api/v1/sessions/{id}/thumbnail", "getSessionThumbnail", Access::Admin, false,
                [&api](const Call& call) { thumbnail(api, call); }});

    // GameStream's alone (spec §10.2).
    router.add("DELETE", "/api/v1/session", "stopSession", Access::Admin, [&api](const Call&) {
        for (const std::string& id : gamestream_ids(api, false)) (void)api.host.stop_session(id);
        return empty_answer();
    });
    router.add("POST", "/api/v1/session/idr", "requestIdr", Access::Admin, [&api](const Call&) {
        const auto ids = gamestream_ids(api, true);
        if (ids.empty()) return error_answer(409, "no Moonlight client is being streamed to", "no_session");
        for (const std::string& id : ids) (void)api.host.request_keyframe(id);
        return empty_answer(202);
    });
}

}  // namespace punktfunk::management
