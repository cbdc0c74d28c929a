#include <algorithm>

#include "answers.hpp"
#include "api.hpp"
#include "library_index.hpp"
#include "punktfunk/library/pictures.hpp"

namespace punktfunk::management {

using library::ArtKind;
using library::kArtKindNames;
using nlohmann::json;

namespace {

// As one segment of a path.
std::string percent_encode(std::string_view text) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:";
    std::string encoded;
    for (const char c : text) {
        if (kPlain.find(c) != std::string_view::npos) {
            encoded += c;
        } else {
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return encoded;
}

json describe(const library::Launch& launch) {
    return {{"kind", launch.kind == library::Launch::Kind::SteamAppId ? "steam_appid" : "command"},
            {"value", launch.value}};
}

// Pictures are this host's own to show: pages load nothing from elsewhere. The time makes a new picture a new address.
json describe_art(std::string_view id, const library::Art& art) {
    json object = json::object();
    for (size_t kind = 0; kind < art.size(); ++kind) {
        if (art[kind].empty()) continue;
        std::error_code gone;
        const auto changed = std::filesystem::last_write_time(art[kind], gone);
        if (gone) continue;
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(changed.time_since_epoch()).count();
        object[std::string(kArtKindNames[kind])] =
            fmt::format("/api/v1/library/{}/art/{}?v={}", percent_encode(id), kArtKindNames[kind], seconds);
    }
    return object;
}

json describe(const library::Entry& entry) {
    json object{
        {"id", entry.id}, {"store", entry.store}, {"title", entry.title}, {"art", describe_art(entry.id, entry.art)}};
    if (entry.launch) object["launch"] = describe(*entry.launch);
    return object;
}

// The pictures that were given here come before those that were only named.
json describe(const library::CustomEntry& entry, const library::CustomLibrary& custom) {
    library::Art given;
    json named = json::object();
    for (size_t kind = 0; kind < given.size(); ++kind) {
        given[kind] = custom.picture(entry.id, static_cast<ArtKind>(kind));
        if (!entry.art[kind].empty()) named[std::string(kArtKindNames[kind])] = entry.art[kind];
    }
    named.update(describe_art("custom:" + entry.id, given));
    json object{{"id", entry.id}, {"title", entry.title}, {"art", named}};
    if (entry.launch) object["launch"] = describe(*entry.launch);
    return object;
}

std::expected<library::CustomInput, Fault> read_input(const json& body) {
    library::CustomInput input;
    Fields fields(body);
    input.title = fields.text("title", 0, library::kMaxTitle);
    if (const json* art = fields.optional_object("art")) {
        Fields inner(*art, "art.");
        for (size_t kind = 0; kind < input.art.size(); ++kind)
            input.art[kind] = inner.optional_text(kArtKindNames[kind].data(), 0, 2048).value_or("");
        fields.absorb(inner);
    }
    if (const json* launch = fields.optional_object("launch")) {
        Fields inner(*launch, "launch.");
        const auto kind = inner.text("kind", 1, 32);
        if (kind != "steam_appid" && kind != "command") inner.blame("kind", "must be steam_appid or command");
        input.launch =
            library::Launch{kind == "steam_appid" ? library::Launch::Kind::SteamAppId : library::Launch::Kind::Command,
                            inner.text("value", 1, library::kMaxCommand)};
        fields.absorb(inner);
    }
    if (auto fault = fields.finish()) return std::unexpected(std::move(*fault));
    return input;
}

const std::string& parameter(const Call& call, std::string_view name) {
    return call.path.find(name)->second;
}

std::string_view code_of_game(const Error& error) {
    switch (error.code) {
        case ErrorCode::NotAvailable:
            return "no_game";
        case ErrorCode::Exhausted:
            return "library_full";
        case ErrorCode::InvalidArgument:
            return "wrong_value";
        default:
            return "not_stored";
    }
}

http::Response keep(Api& api, const Call& call, bool anew) {
    auto input = read_input(call.body);
    if (!input) return unprocessable(input.error());
    auto& custom = api.library.library().custom();
    auto kept = anew ? custom.create(std::move(*input)) : custom.update(parameter(call, "id"), std::move(*input));
    if (!kept) return failed_answer(kept.error(), code_of_game(kept.error()));
    api.library.tell();
    return json_answer(describe(*kept, custom), anew ? 201 : 200);
}

http::Response remove(Api& api, const Call& call) {
    if (auto removed = api.library.library().custom().remove(parameter(call, "id")); !removed)
        return failed_answer(removed.error(), code_of_game(removed.error()));
    api.library.tell();
    return empty_answer();
}

http::Response set_picture(Api& api, const Call& call, std::string_view bytes) {
    const auto kind = library::parse_art_kind(parameter(call, "kind"));
    if (!kind) return error_answer(404, "a picture is a portrait, a hero, a logo or a header");
    if (auto set = api.library.library().custom().set_picture(parameter(call, "id"), *kind, bytes); !set)
        return failed_answer(set.error(),
                             set.error().code == ErrorCode::InvalidArgument ? "no_picture" : code_of_game(set.error()));
    api.library.tell();
    return empty_answer();
}

http::Response upload_picture(Api& api, const Call& call) {
    const auto& body = call.request().body;
    if (!call.request().header("Content-Type").starts_with("image/"))
        return error_answer(415, "the body must be a picture, such as image/png", "no_picture");
    if (body.empty()) return error_answer(400, "the picture is empty", "no_picture");
    return set_picture(api, call, body);
}

// Which pictures there are, and how old, the disk knows.
http::Response describe(const library::Library& library) {
    auto list = json::array();
    const auto entries = library.list();
    for (const library::Entry& entry : entries) list.push_back(describe(entry));
    return json_answer(list);
}

void send_list(Api& api, const Call& call) {
    api.library.answer(describe, [call](const http::Response* made) {
        call.respond(made ? *made : error_answer(503, "too much else is being done: try again", "busy"));
    });
}

// An icon may be an SVG, and an SVG a document: as one it may do nothing.
void send_picture(Api& api, const Call& call) {
    const auto kind = library::parse_art_kind(parameter(call, "kind"));
    const auto entry = kind ? api.library.library().find(parameter(call, "id")) : std::nullopt;
    const auto file = entry ? entry->art[static_cast<size_t>(*kind)] : std::filesystem::path();
    if (file.empty()) return call.respond(error_answer(404, "there is no such picture"));
    const bool queued = api.worker.run([file] { return library::read_picture(file); },
                                       [call](Result<library::Picture> picture) {
                                           if (!picture)
                                               return call.respond(error_answer(404, picture.error().message));
                                           call.respond({.content_type = picture->content_type,
                                                         .body = std::move(picture->bytes),
                                                         .headers = {{"Cache-Control", "private, max-age=86400"},
                                                                     {"Content-Security-Policy",
                                                                      "default-src 'none'; style-src 'unsafe-inline'; "
                                                                      "sandbox; frame-ancestors 'none'"}}});
                                       });
    if (!queued) call.respond(error_answer(503, "too many pictures are being read: try again", "busy"));
}

}  // namespace

void add_library_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/library", "getLibrary", Access::Read, false,
                [&api](const Call& call) { send_list(api, call); }});
    router.add({"GET", "/api/v1/library/{id}/art/{kind}", "getLibraryArt", Access::Read, false,
                [&api](const Call& call) { send_picture(api, call); }});
    router.add_with_body("POST", "/api/v1/library/custom", "createCustomGame", Access::Admin,
                         [&api](const Call& call) { return keep(api, call, true); });
    router.add_with_body("PUT", "/api/v1/library/custom/{id}", "updateCustomGame", Access::Admin,
                         [&api](const Call& call) { return keep(api, call, false); });
    router.add("DELETE", "/api/v1/library/custom/{id}", "deleteCustomGame", Access::Admin,
               [&api](const Call& call) { return remove(api, call); });
    router.add({"PUT", "/api/v1/library/custom/{id}/art/{kind}", "setCustomGameArt", Access::Admin, false,
                [&api](const Call& call) { call.respond(upload_picture(api, call)); }, kMaxPictureBody});
    router.add("DELETE", "/api/v1/library/custom/{id}/art/{kind}", "deleteCustomGameArt", Access::Admin,
               [&api](const Call& call) { return set_picture(api, call, {}); });
}

}  // namespace punktfunk::management
