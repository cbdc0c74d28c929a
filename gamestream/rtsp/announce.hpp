// What a client wants, in ANNOUNCE's body (spec §4.8), judged against what the host offers.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "describe.hpp"
#include "punktfunk/base/error.hpp"
#include "stream_config.hpp"

namespace punktfunk::rtsp {

inline constexpr size_t kMaxAttributes = 256;

// The lines "a=name:value", and nothing else of the body.
class Attributes {
  public:
    // ProtocolViolation for more than kMaxAttributes, or one that comes twice with different values.
    static Result<Attributes> parse(std::string_view body);
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

  private:
    std::vector<std::pair<std::string, std::string>> values_;
};

struct Terms {
    Offer offer;
    Encryption mandatory;  // without these the stream is refused
    uint32_t fec_percentage = 20;
    bool low_stereo_quality = false;  // the request's Host was 0.0.0.0 (spec §4.4)
};

struct Refusal {
    int status = 400;  // 400, or 403 when encryption is missing
    std::string why;   // for the log: clients show the number only
};

// Attributes that are not known are ignored; those that may be missing have the values they are known to mean.
[[nodiscard]] std::expected<StreamConfig, Refusal> read_announce(std::string_view body, const Terms& terms);

}  // namespace punktfunk::rtsp
