// Calls to a host's management API, with its token.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "host_fixture.hpp"

namespace punktfunk::test {

class ManagementApi {
  public:
    explicit ManagementApi(const HostFixture& host);

    struct Answer {
        unsigned status = 0;
        std::string body;
        [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body); }
    };
    // Of "/api/v1" + path; a null body is none. Throws std::runtime_error when nobody answers.
    Answer call(const std::string& method, const std::string& path, const nlohmann::json& body = nullptr) const;
    [[nodiscard]] nlohmann::json get(const std::string& path) const;  // throws unless 200
    [[nodiscard]] std::string metrics() const;                        // throws unless 200
    [[nodiscard]] uint16_t port() const { return port_; }

  private:
    [[nodiscard]] Answer ask(const std::string& method, const std::string& target, const nlohmann::json& body) const;

    uint16_t port_;
    std::string token_;
};

}  // namespace punktfunk::test
