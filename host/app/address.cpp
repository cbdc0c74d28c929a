#include "address.hpp"

#include <charconv>

namespace punktfunk::app {

Result<boost::asio::ip::tcp::endpoint> parse_endpoint(const std::string& text) {
    const auto wrong = [&] {
        return fail(ErrorCode::InvalidArgument,
                    "{} is not an address with a port, such as 127.0.0.1:47990 or [::1]:47990", text);
    };
    const size_t colon = text.rfind(':');
    if (colon == std::string::npos) return wrong();
    std::string host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, ec] = std::from_chars(text.data() + colon + 1, end, port);
    boost::system::error_code no_address;
    const auto address = boost::asio::ip::make_address(host, no_address);
    if (ec != std::errc() || stopped != end || no_address || address.is_v6() != bracketed) return wrong();
    return boost::asio::ip::tcp::endpoint(address, port);
}

}  // namespace punktfunk::app
