#include "static_files.hpp"

#include <algorithm>

#include "answers.hpp"
#include "compress.hpp"
#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/management/password.hpp"
#include "router.hpp"

namespace punktfunk::management {

namespace {

struct Type {
    std::string_view suffix, mime;
    bool compresses;
};
constexpr Type kTypes[]{{".html", "text/html; charset=utf-8", true},
                        {".js", "text/javascript; charset=utf-8", true},
                        {".mjs", "text/javascript; charset=utf-8", true},
                        {".css", "text/css; charset=utf-8", true},
                        {".json", "application/json", true},
                        {".webmanifest", "application/manifest+json", true},
                        {".svg", "image/svg+xml", true},
                        {".txt", "text/plain; charset=utf-8", true},
                        {".wasm", "application/wasm", true},
                        {".map", "application/json", true},
                        {".png", "image/png", false},
                        {".webp", "image/webp", false},
                        {".ico", "image/x-icon", false},
                        {".woff2", "font/woff2", false}};

constexpr std::string_view kNotBuilt = R"(<!doctype html><html lang="en"><meta charset="utf-8"><title>punktfunk</title>
<h1>punktfunk</h1>
<p>The host runs, but its console is not installed. Build it with <code>make web</code> and start the host with
<code>--web-root web/dist</code>.</p>
<p>The management API is here all the same: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p></html>
)";

bool contains_token(std::string_view header, std::string_view token) {
    while (!header.empty()) {
        const size_t end = std::min(header.find(','), header.size());
        std::string_view part = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        while (part.starts_with(' ')) part.remove_prefix(1);
        const std::string_view name = part.substr(0, std::min(part.find(';'), part.size()));
        const bool refused = part.find("q=0") != std::string_view::npos && part.find("q=0.") == std::string_view::npos;
        if (name == token && !refused) return true;
    }
    return false;
}

}  // namespace

Result<StaticFiles> StaticFiles::load(const std::filesystem::path& directory) {
    StaticFiles files;
    if (directory.empty()) return files;
    std::error_code ec;
    size_t total = 0;
    for (std::filesystem::recursive_directory_iterator entry(directory, ec), end; !ec && entry != end;
         entry.increment(ec)) {
        const std::string name = entry->path().filename();
        if (name.starts_with('.')) {
            if (entry->is_directory(ec)) entry.disable_recursion_pending();
            continue;
        }
        if (entry->is_symlink(ec) || !entry->is_regular_file(ec)) continue;
        auto content = read_file(entry->path(), kMostBytes);
        if (!content) return std::unexpected(std::move(content.error()).in("the console's files"));
        total += content->size();
        if (total > kMostBytes || files.files_.size() >= kMostFiles)
            return fail(ErrorCode::InvalidArgument, "--web-root {}: holds more than a console's files",
                        directory.string());
        const auto type = std::ranges::find_if(kTypes, [&](const Type& t) { return name.ends_with(t.suffix); });
        File file{.type = std::string(type == std::end(kTypes) ? "application/octet-stream" : type->mime),
                  .etag = fmt::format("\"{}\"", sha256_hex(*content).substr(0, 32)),
                  .body = std::move(*content),
                  .gzipped = {}};
        if (type != std::end(kTypes) && type->compresses) {
            auto smaller = gzip(file.body);
            if (!smaller) return std::unexpected(std::move(smaller.error()));
            if (smaller->size() < file.body.size()) file.gzipped = std::move(*smaller);
        }
        std::string path = "/";
        path += entry->path().lexically_relative(directory).generic_string();
        file.immutable = path.starts_with("/assets/");  // where Vite puts what it names by content
        files.files_.emplace(std::move(path), std::move(file));
    }
    if (ec) return fail_errno(ec.value(), fmt::format("--web-root {}", directory.string()));
    if (!files.built())
        return fail(ErrorCode::InvalidArgument, "--web-root {}: there is no index.html in it", directory.string());
    return files;
}

http::Response StaticFiles::send(const File& file, const http::Request& request) {
    http::Response response{.content_type = file.type, .body = {}, .headers = {}};
    response.headers.emplace_back("ETag", file.etag);
    response.headers.emplace_back("Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (!file.gzipped.empty()) response.headers.emplace_back("Vary", "Accept-Encoding");
    const bool known = request.header("If-None-Match").find(file.etag) != std::string_view::npos;
    if (known) {
        response.status = 304;
        response.content_type.clear();
    } else if (!file.gzipped.empty() && contains_token(request.header("Accept-Encoding"), "gzip")) {
        response.headers.emplace_back("Content-Encoding", "gzip");
        response.body = file.gzipped;
    } else {
        response.body = file.body;
    }
    add_security_headers(response, /*cacheable=*/true);
    return response;
}

http::Response StaticFiles::answer(const http::Request& request) const {
    const auto refuse = [](unsigned status, const char* why) {
        auto response = error_answer(status, why);
        add_security_headers(response, /*cacheable=*/false);
        return response;
    };
    if (request.method != "GET" && request.method != "HEAD") {
        auto response = refuse(405, "only GET and HEAD are answered here");
        response.headers.emplace_back("Allow", "GET, HEAD");
        return response;
    }
    const auto path = percent_decode(request.path);
    if (!path) return refuse(400, "not a path");
    if (const auto found = files_.find(*path); found != files_.end()) return send(found->second, request);
    const bool asks_for_page = request.header("Accept").find("text/html") != std::string_view::npos &&
                               path->substr(path->rfind('/') + 1).find('.') == std::string::npos;
    if (!asks_for_page && *path != "/") return refuse(404, "there is nothing here");
    if (built()) return send(files_.find("/index.html")->second, request);
    http::Response page{
        .status = 200, .content_type = "text/html; charset=utf-8", .body = std::string(kNotBuilt), .headers = {}};
    add_security_headers(page, /*cacheable=*/false);
    return page;
}

}  // namespace punktfunk::management
