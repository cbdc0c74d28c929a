// The client that the other tests use; its tests are theirs.
#include "test_client.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/random.hpp"
#include "punktfunk/pairing/ceremony.hpp"
#include "punktfunk/pairing/host_signer.hpp"

namespace punktfunk::moonlight {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

namespace {

ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

void be_patient(Tcp::socket& socket) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

template <typename Stream>
std::string converse(Stream& stream, const std::string& request) {
    boost::system::error_code ec;
    asio::write(stream, asio::buffer(request), ec);
    std::string answer;
    asio::read(stream, asio::dynamic_buffer(answer), ec);
    return answer;
}

std::string body_of(const std::string& answer) {
    const size_t head = answer.find("\r\n\r\n");
    return head == std::string::npos ? "" : answer.substr(head + 4);
}

std::string get(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string ecb(const pairing::Block& key, ByteView in, bool encrypt) {
    EVP_CIPHER_CTX* context = ::EVP_CIPHER_CTX_new();
    std::string out(in.size(), '\0');
    int written = 0;
    ::EVP_CipherInit_ex(context, ::EVP_aes_128_ecb(), nullptr, key.data(), nullptr, encrypt ? 1 : 0);
    ::EVP_CIPHER_CTX_set_padding(context, 0);
    ::EVP_CipherUpdate(context, reinterpret_cast<uint8_t*>(out.data()), &written, in.data(),
                       static_cast<int>(in.size()));
    ::EVP_CIPHER_CTX_free(context);
    return out;
}

Bytes joined(std::initializer_list<ByteView> parts) {
    Bytes all;
    for (const ByteView part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

}  // namespace

TestClient::TestClient(uint16_t http_port, uint16_t https_port, std::string host)
    : host_(std::move(host)),
      http_port_(http_port),
      https_port_(https_port),
      identity_(crypto::generate_identity(crypto::IdentityKind::Host).value()) {}

std::string TestClient::http(const std::string& target) const {
    asio::io_context io;
    Tcp::socket socket(io);
    socket.connect({asio::ip::make_address(host_), http_port_});
    be_patient(socket);
    return body_of(converse(socket, get(target)));
}

std::string TestClient::https(const std::string& target, bool with_certificate) const {
    asio::ssl::context context(asio::ssl::context::tls_client);
    if (with_certificate) {
        context.use_certificate(asio::buffer(identity_.certificate_pem), asio::ssl::context::pem);
        context.use_private_key(asio::buffer(identity_.private_key_pem), asio::ssl::context::pem);
    }
    asio::io_context io;
    asio::ssl::stream<Tcp::socket> stream(io, context);
    stream.next_layer().connect({asio::ip::make_address(host_), https_port_});
    be_patient(stream.next_layer());
    stream.handshake(asio::ssl::stream_base::client);
    return body_of(converse(stream, get(target)));
}

std::string TestClient::pair_phase(const std::string& parameters) const {
    return http("/pair?uniqueid=0123456789ABCDEF&uuid=1&devicename=roth&updateState=1&" + parameters);
}

bool TestClient::begin_pairing(const std::string& device_name) {
    crypto::random_bytes(salt_);
    const std::string answer = http("/pair?uniqueid=0123456789ABCDEF&uuid=1&devicename=" + device_name +
                                    "&updateState=1&phrase=getservercert&salt=" + to_hex(salt_) +
                                    "&clientcert=" + to_hex(bytes_of(identity_.certificate_pem)));
    const Bytes pem = from_hex(element(answer, "plaincert")).value_or(Bytes{});
    host_certificate_pem_.assign(pem.begin(), pem.end());
    return element(answer, "paired") == "1" && !pem.empty();
}

bool TestClient::finish_pairing(const std::string& pin) {
    const auto key = pairing::derive_key(salt_, pin);
    const auto own = pairing::HostSigner::create(identity_).value();
    pairing::Block challenge{}, secret{};
    crypto::random_bytes(challenge);
    crypto::random_bytes(secret);
    const std::string second = pair_phase("clientchallenge=" + to_hex(bytes_of(ecb(key, challenge, true))));
    const Bytes response = from_hex(element(second, "challengeresponse")).value_or(Bytes{});
    if (response.size() != 48) return false;
    const std::string plain = ecb(key, response, false);
    std::array<uint8_t, 32> hash{};
    const Bytes proof = joined({bytes_of(plain).subspan(32), own.certificate_signature(), secret});
    ::SHA256(proof.data(), proof.size(), hash.data());
    const std::string third = pair_phase("serverchallengeresp=" + to_hex(bytes_of(ecb(key, hash, true))));
    if (element(third, "pairingsecret").size() != 2 * (16 + 256)) return false;
    const std::string fourth = pair_phase("clientpairingsecret=" + to_hex(joined({secret, own.sign(secret).value()})));
    if (element(fourth, "paired") != "1") return false;
    return element(https("/pair?uniqueid=0123456789ABCDEF&uuid=2&phrase=pairchallenge"), "paired") == "1";
}

std::string TestClient::launch(const std::string& verb, int32_t app, const std::string& more) {
    std::array<uint8_t, 16> key{};
    crypto::random_bytes(key);
    session_key = to_hex(key);
    return https("/" + verb + "?uniqueid=0123456789ABCDEF&uuid=3&appid=" + std::to_string(app) +
                 "&mode=1280x720x60&additionalStates=1&sops=1&rikey=" + session_key +
                 "&rikeyid=-559038737&localAudioPlayMode=0&surroundAudioInfo=196610&corever=1" + more);
}

std::string TestClient::element(const std::string& xml, const std::string& name) {
    const size_t from = xml.find("<" + name + ">");
    const size_t to = xml.find("</" + name + ">");
    if (from == std::string::npos || to == std::string::npos) return "";
    return xml.substr(from + name.size() + 2, to - from - name.size() - 2);
}

std::string TestClient::status(const std::string& xml) {
    const std::string mark = "status_code=\"";
    const size_t from = xml.find(mark);
    return from == std::string::npos
               ? ""
               : xml.substr(from + mark.size(), xml.find('"', from + mark.size()) - from - mark.size());
}

}  // namespace punktfunk::moonlight
