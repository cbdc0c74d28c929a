#include "punktfunk/client/pairing_client.hpp"

#include <boost/asio/io_context.hpp>

#include "close_error.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/crypto/random.hpp"
#include "punktfunk/crypto/spake2.hpp"
#include "punktfunk/wire/control.hpp"

namespace punktfunk::client {

namespace asio = boost::asio;

Result<crypto::Fingerprint> pair(const std::string& host_ip, uint16_t port, const crypto::Identity& identity,
                                 const std::string& pin, const std::string& name, std::chrono::milliseconds timeout) {
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(host_ip, ec);
    if (ec) return fail(ErrorCode::InvalidArgument, "'{}' is not an IP address", host_ip);

    asio::io_context io;
    std::shared_ptr<quic::Connection> connection;
    std::unique_ptr<crypto::Spake2> exchange;
    crypto::Fingerprint host{};
    std::optional<Result<crypto::Fingerprint>> outcome;
    bool host_knows_pin = false;  // its confirmation has been checked
    bool closed = false;
    const auto finish = [&](Result<crypto::Fingerprint> result, quic::CloseCode code) {
        if (!outcome) outcome = std::move(result);
        connection->close(code, "pair done");
    };

    quic::Connection::Handlers handlers;
    handlers.established = [&] {
        host = connection->peer_fingerprint().value_or(crypto::Fingerprint{});
        exchange = std::make_unique<crypto::Spake2>(crypto::Spake2Side::Client, pin, identity.fingerprint, host);
        const auto& message = exchange->message();
        connection->send_message(
            wire::encode(wire::TypedMessage{wire::PairRequest{name, Bytes(message.begin(), message.end())}}));
    };
    handlers.message = [&](const Bytes& payload) {
        const auto message = wire::decode_typed(payload);
        if (!message) return;
        if (const auto* challenge = std::get_if<wire::PairChallenge>(&*message)) {
            const auto key = exchange->finish(challenge->spake);
            if (!key ||
                !crypto::constant_time_equal(key->host_confirmation(identity.fingerprint, host), challenge->confirm)) {
                return finish(fail(ErrorCode::Crypto, "wrong PIN (or somebody between this device and the host)"),
                              quic::CloseCode::Failed);
            }
            host_knows_pin = true;
            connection->send_message(wire::encode(
                wire::TypedMessage{wire::PairProof{key->client_confirmation(identity.fingerprint, host)}}));
        } else if (const auto* result = std::get_if<wire::PairResult>(&*message)) {
            if (result->ok && !host_knows_pin) {
                finish(fail(ErrorCode::Crypto, "the host claims success, but has not shown that it knows the PIN"),
                       quic::CloseCode::Failed);
            } else if (result->ok) {
                finish(host, quic::CloseCode::Ok);
            } else {
                finish(fail(ErrorCode::Crypto, "the host did not accept the PIN"), quic::CloseCode::Failed);
            }
        }
    };
    handlers.closed = [&](const quic::CloseInfo& info) {
        closed = true;
        if (!outcome) outcome = std::unexpected(error_of(info));
    };
    auto made = quic::connect(io, {.remote = {address, port}, .identity = identity, .handshake_timeout = timeout},
                              std::move(handlers));
    if (!made) return std::unexpected(std::move(made.error()));
    connection = std::move(*made);

    const auto deadline = SteadyClock::now() + timeout;
    while (!closed && SteadyClock::now() < deadline) io.run_one_until(deadline);
    if (!outcome) outcome = fail(ErrorCode::Timeout, "{}:{} did not answer in {} ms", host_ip, port, timeout.count());
    connection->close(quic::CloseCode::Failed, "pair done");
    connection.reset();
    return *outcome;
}

}  // namespace punktfunk::client
