#include "management_api.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <stdexcept>

#include "desktop.hpp"

namespace punktfunk::test {

namespace asio = boost::asio;
namespace http = boost::beast::http;

ManagementApi::ManagementApi(const HostFixture& host) : port_(host.ready().at("mgmt").get<uint16_t>()) {
    token_ = content(host.directory() / "host/mgmt-token");
    token_.erase(0, token_.find('=') + 1);
    while (token_.ends_with('\n')) token_.pop_back();
}

ManagementApi::Answer ManagementApi::call(const std::string& method, const std::string& path,
                                          const nlohmann::json& body) const {
    return ask(method, "/api/v1" + path, body);
}

ManagementApi::Answer ManagementApi::ask(const std::string& method, const std::string& target,
                                         const nlohmann::json& body) const {
    asio::io_context io;
    asio::ssl::context tls(asio::ssl::context::tls_client);
    asio::ssl::stream<asio::ip::tcp::socket> stream(io, tls);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), port_});
    stream.next_layer().set_option(asio::ip::tcp::no_delay(true));
    stream.handshake(asio::ssl::stream_base::client);
    http::request<http::string_body> request;
    request.method_string(method);
    request.target(target);
    request.set(http::field::host, "127.0.0.1");
    request.set(http::field::authorization, "Bearer " + token_);
    if (!body.is_null()) {
        request.set(http::field::content_type, "application/json");
        request.body() = body.dump();
    }
    request.prepare_payload();
    http::write(stream, request);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> response;
    http::read(stream, buffer, response);
    return {response.result_int(), std::move(response.body())};
}

std::string ManagementApi::metrics() const {
    const Answer answer = ask("GET", "/metrics", nullptr);
    if (answer.status != 200) throw std::runtime_error("/metrics: " + answer.body);
    return answer.body;
}

nlohmann::json ManagementApi::get(const std::string& path) const {
    const Answer answer = call("GET", path);
    if (answer.status != 200) throw std::runtime_error(path + ": " + answer.body);
    return answer.json();
}

}  // namespace punktfunk::test
