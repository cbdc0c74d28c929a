// A request without a connection, which remembers what it was answered. For tests.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "punktfunk/http/server.hpp"

namespace punktfunk::management {

struct FakeStream final : http::BodyStream {
    bool write(std::string_view data) override {
        if (broken) return false;
        text += data;
        return true;
    }
    void close() override { closed = true; }
    std::string text;
    bool broken = false, closed = false;
};

struct FakeExchange final : http::Exchange {
    [[nodiscard]] const http::Request& request() const override { return asked; }
    void respond(http::Response response) override { answer = std::move(response); }
    std::shared_ptr<http::BodyStream> stream(http::Response head) override {
        out->text += head.body;
        return out;
    }
    std::shared_ptr<http::WebSocket> upgrade(size_t) override { return nullptr; }
    void on_gone(std::function<void()> told) override { gone = std::move(told); }
    http::Request asked{.method = {}, .path = {}, .query = {}, .headers = {}, .body = {}, .peer_certificate = {}};
    std::optional<http::Response> answer;
    std::shared_ptr<FakeStream> out = std::make_shared<FakeStream>();
    std::function<void()> gone;
};

}  // namespace punktfunk::management
