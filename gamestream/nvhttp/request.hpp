// What a GameStream client asks over HTTP: always GET, a path, and a query (spec §2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "punktfunk/base/error.hpp"

namespace punktfunk::nvhttp {

inline constexpr size_t kMaxRequestLine = 16 * 1024;  // a client certificate in hex is 2 to 3 kB of it
inline constexpr size_t kMaxParameters = 64;

// The decoded parameters, in the order they came.
class Query {
  public:
    // "a=1&b=2": percent-decoded, '+' is a space, a parameter without '=' has an empty value. An error on a bad escape,
    // a control character (encoded or not), more than kMaxParameters, or a name that comes twice with different values:
    // which of the two counts is nothing to guess about.
    static Result<Query> parse(std::string_view text);

    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    [[nodiscard]] size_t size() const { return parameters_.size(); }

  private:
    struct Parameter {
        std::string name, value;
    };
    std::vector<Parameter> parameters_;
};

struct Request {
    std::string path;  // not decoded: every path that exists is plain ASCII
    Query query;
};

// "/serverinfo?uniqueid=...": what stands between GET and HTTP/1.1.
[[nodiscard]] Result<Request> parse_target(std::string_view target);
// "GET <target> HTTP/1.x", without the line's end. Unsupported for any other method.
[[nodiscard]] Result<Request> parse_request_line(std::string_view line);

}  // namespace punktfunk::nvhttp
