#include "answers.hpp"
#include "api.hpp"
#include "describe.hpp"
#include "png.hpp"
#include "timestamps.hpp"

namespace punktfunk::management {

using nlohmann::json;

namespace {

void test_display(Api& api, const Call& call) {
    Fields fields(call.body);
    const auto width = fields.optional_number("width", 16, 8192), height = fields.optional_number("height", 16, 8192);
    const auto refresh = fields.optional_number("refresh_hz", 1, 480);
    if (const auto fault = fields.finish()) return call.respond(unprocessable(*fault));
    // 4:2:0 has no odd sides.
    const display::Mode mode{.width = static_cast<uint32_t>(width.value_or(1280)) & ~1u,
                             .height = static_cast<uint32_t>(height.value_or(720)) & ~1u,
                             .refresh_hz = static_cast<uint32_t>(refresh.value_or(60))};
    api.host.test_display(mode, [&api, call](Result<DisplayTest> tested) {
        if (!tested) {
            const bool running = tested.error().code == ErrorCode::Exhausted;
            return call.respond(
                error_answer(running ? 409 : 503, tested.error().message, running ? "test_running" : "test_failed"));
        }
        const json report{{"width", tested->width},
                          {"height", tested->height},
                          {"display", tested->display},
                          {"encoder", tested->encoder},
                          {"display_ms", tested->display_time.count()},
                          {"first_frame_ms", tested->first_frame.count()},
                          {"encode_ms", tested->encode.count()},
                          {"encoded_bytes", tested->encoded_bytes},
                          {"at", timestamp(std::chrono::system_clock::now())}};
        const bool queued =
            api.worker.run([picture = std::move(tested->picture)] { return encode_png(picture); },
                           [&api, call, report](Result<std::string> png) {
                               if (!png) return call.respond(error_answer(503, png.error().message, "test_failed"));
                               api.test_picture = std::move(*png);
                               call.respond(json_answer(report));
                           });
        if (!queued) call.respond(error_answer(503, "too much else is being done", "busy"));
    });
}

}  // namespace

void add_display_routes(Router& router, Api& api) {
    router.add("GET", "/api/v1/compositors", "listCompositors", Access::Read, [&api](const Call&) {
        const auto displays = api.host.displays();
        auto list = json::array();
        for (const DisplayView& display : displays) {
            list.push_back({{"id", display.id},
                            {"label", display.label},
                            {"available", display.available},
                            {"default", display.chosen}});
        }
        return json_answer(list);
    });
    router.add("GET", "/api/v1/displays", "listDisplays", Access::Admin,
               [&api](const Call&) { return json_answer(describe_all(api.host.displays())); });
    Operation test{"POST",        "/api/v1/displays/test",
                   "testDisplay", Access::Admin,
                   true,          [&api](const Call& call) { test_display(api, call); }};
    router.add(std::move(test));
    router.add("GET", "/api/v1/displays/test/image", "getDisplayTestImage", Access::Admin,
               [&api](const Call&) -> http::Response {
                   if (!api.test_picture) return error_answer(404, "no display was tested yet");
                   return {.content_type = "image/png", .body = *api.test_picture, .headers = {}};
               });
    router.add("GET", "/api/v1/encoders", "listEncoders", Access::Admin,
               [&api](const Call&) { return json_answer(describe_all(api.host.encoders())); });
}

}  // namespace punktfunk::management
