// Which operation a method and a path mean, and who may call it. Paths are compared segment by segment as they were
// sent; only what a {parameter} takes is decoded.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "punktfunk/devices/device_terms.hpp"
#include "punktfunk/http/server.hpp"

namespace punktfunk::management {

enum class Access {
    Open,   // anybody
    Read,   // a paired device's certificate too
    Admin,  // the token, or a session of the console
};
enum class Credential { None, Token, Cookie, Certificate };

struct Caller {
    Credential credential = Credential::None;
    std::string device_name;         // of a certificate
    std::string device_fingerprint;  // the same; hex
    [[nodiscard]] bool authenticated() const { return credential != Credential::None; }
    [[nodiscard]] bool admin() const { return credential == Credential::Token || credential == Credential::Cookie; }
};

using Parameters = std::map<std::string, std::string, std::less<>>;

// One call that may be carried out.
struct Call {
    std::shared_ptr<http::Exchange> exchange;
    Parameters path, query;
    Caller caller;
    nlohmann::json body;  // an object; only for operations that take one

    [[nodiscard]] const http::Request& request() const { return exchange->request(); }
    void respond(http::Response response) const;
};

inline constexpr size_t kMaxBody = 64 << 10, kMaxPictureBody = 1 << 20;

struct Operation {
    std::string method, pattern;  // "GET", "/api/v1/sessions/{id}"
    std::string id;               // the contract's operationId
    Access access = Access::Admin;
    bool takes_body = false;
    std::function<void(const Call&)> carry_out;  // answers, now or later
    size_t max_body = kMaxBody;                  // bytes
};

class Router {
  public:
    void add(Operation operation);
    // For operations whose answer is at hand.
    void add(const char* method, const char* pattern, const char* id, Access access,
             std::function<http::Response(const Call&)> answer);
    void add_with_body(const char* method, const char* pattern, const char* id, Access access,
                       std::function<http::Response(const Call&)> answer);

    struct Match {
        const Operation* operation = nullptr;  // none: no such path, or not with this method
        Parameters path;
        std::string allowed;  // "GET, PATCH" when only the method is wrong
    };
    [[nodiscard]] Match find(std::string_view method, std::string_view path) const;
    // Of a request, known or not.
    [[nodiscard]] size_t max_body(std::string_view method, std::string_view path) const;
    [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }

  private:
    std::vector<Operation> operations_;
};

// Nullopt for a % that is not followed by two hex digits, and for NUL.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
// "a=b&c=d"; nullopt when it cannot be decoded. Of a name that comes twice the last counts.
[[nodiscard]] std::optional<Parameters> parse_query(std::string_view query);

}  // namespace punktfunk::management
