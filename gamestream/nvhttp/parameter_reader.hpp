// Named values from a peer into typed fields, one after the other; the first that is wrong is remembered and named.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace punktfunk::nvhttp {

// Source: find(name) -> optional<string_view>. It must outlive the reader.
template <typename Source>
class ParameterReader {
  public:
    explicit ParameterReader(const Source& source) : source_(source) {}

    // parse: text -> optional<value>. The parameter must be there.
    template <typename T>
    ParameterReader& required(std::string_view name, T& to, auto&& parse) {
        if (!source_.find(name)) return set_error(name, "missing");
        return optional(name, to, parse);
    }
    // What is not there leaves `to` alone.
    template <typename T>
    ParameterReader& optional(std::string_view name, T& to, auto&& parse) {
        const auto text = source_.find(name);
        if (!text) return *this;
        auto value = parse(*text);
        if (!value) return set_error(name, "malformed");
        to = std::move(*value);
        return *this;
    }
    // "rikey is missing"; nullopt when all was well.
    [[nodiscard]] const std::optional<std::string>& error() const { return error_; }

  private:
    ParameterReader& set_error(std::string_view name, std::string_view what) {
        if (!error_) error_ = std::string(name).append(" is ").append(what);
        return *this;
    }
    const Source& source_;
    std::optional<std::string> error_;
};

}  // namespace punktfunk::nvhttp
