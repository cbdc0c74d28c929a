// fuzz_seeds <folder>: starting inputs for the fuzz targets, one folder a target, out of the published test vectors.
#include <openssl/pem.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/identity.hpp"

using namespace punktfunk;
using nlohmann::json;

namespace {

class Corpus {
  public:
    explicit Corpus(std::filesystem::path root) : root_(std::move(root)) {}
    void add(const std::string& target, const std::string& name, std::string_view content) const {
        std::filesystem::create_directories(root_ / target);
        std::ofstream(root_ / target / name, std::ios::binary) << content;
    }
    void add_hex(const std::string& target, const std::string& name, const std::string& hex,
                 std::string prefix = "") const {
        const auto bytes = from_hex(hex);
        if (!bytes) throw std::runtime_error(name + ": not hex");
        add(target, name, std::move(prefix) + std::string(bytes->begin(), bytes->end()));
    }

  private:
    std::filesystem::path root_;
};

// identity.cpp says how its input is laid out. The identities are new each time; an input holds all that it needs.
void write_identities(const json& vector, const Corpus& corpus) {
    const auto host = crypto::generate_identity(crypto::IdentityKind::Host).value();
    const auto client = crypto::generate_identity(crypto::IdentityKind::Client).value();
    const auto text = [](const std::string& certificate, const std::string& key) {
        return std::string(1, '\0') + certificate + std::string(1, '\0') + key;
    };
    // The base64 between PEM's first and last line.
    const auto der = [](const std::string& pem) {
        char *name = nullptr, *header = nullptr;
        unsigned char* data = nullptr;
        long length = 0;
        BIO* bio = ::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
        if (::PEM_read_bio(bio, &name, &header, &data, &length) != 1) throw std::runtime_error("no PEM");
        std::string bytes(reinterpret_cast<char*>(data), static_cast<size_t>(length));
        ::OPENSSL_free(name);
        ::OPENSSL_free(header);
        ::OPENSSL_free(data);
        ::BIO_free(bio);
        return bytes;
    };
    const auto binary = [](const std::string& certificate, const std::string& key) {
        const auto length = static_cast<uint16_t>(certificate.size());
        return std::string{1, static_cast<char>(length & 0xff), static_cast<char>(length >> 8)} + certificate + key;
    };
    corpus.add("identity", "host", text(host.certificate_pem, host.private_key_pem));
    corpus.add("identity", "client", text(client.certificate_pem, client.private_key_pem));
    corpus.add("identity", "host_der", binary(der(host.certificate_pem), der(host.private_key_pem)));
    corpus.add("identity", "client_der", binary(der(client.certificate_pem), der(client.private_key_pem)));
    // Two that were accepted once although a peer would see another fingerprint: bytes after the end, and a BER length.
    std::string ber = der(client.certificate_pem);
    corpus.add("identity", "trailing", binary(ber + '\0', der(client.private_key_pem)));
    ber.replace(1, 3, "\x80");
    corpus.add("identity", "ber", binary(ber + std::string(2, '\0'), der(client.private_key_pem)));
    corpus.add("identity", "of_two", text(host.certificate_pem, client.private_key_pem));
    corpus.add("identity", "no_key", text(vector["pem"].get<std::string>(), ""));
    corpus.add("identity", "no_certificate", text("", client.private_key_pem));
    corpus.add("identity", "comment", text("mine\n" + client.certificate_pem, "\n" + client.private_key_pem));
}

void write_seeds(const json& vectors, const Corpus& corpus) {
    std::string stream(1, '\6');  // the framer's first byte is its chunk length
    for (const auto& [name, message] : vectors["control_messages"].items()) {
        corpus.add_hex("control", name, message["payload"]);
        corpus.add_hex("framer", name, message["framed"], "\2");
        const auto framed = from_hex(message["framed"].get<std::string>()).value();
        stream.append(framed.begin(), framed.end());
    }
    corpus.add("framer", "all", stream);
    for (const char* name : {"hello_typical", "welcome_typical"})
        corpus.add_hex("control", std::string("v031_") + name, vectors["v031"][name]["payload"]);
    std::string pads;  // v0.31's events, 18 bytes each: arrival, state, touch, removal
    for (const char* event : {"c80e02000000000000000000000000000000", "c80c00100000ff7f0080010002000001ff01",
                              "cc0300000003000000000000000000000000", "c80d00000000000000000000000000000002"})
        pads += event;
    corpus.add_hex("gamepad_events", "later", pads);
    for (const auto& [name, datagram] : vectors["datagrams"].items()) {
        corpus.add_hex("datagram", name, datagram["hex"]);
        corpus.add_hex("gamepad_events", name, datagram["hex"]);
    }
    corpus.add("dualsense_output", "all", "\x02\x0f\x14" + std::string(45, '\x7f'));
    for (const char* name : {"msg_a", "msg_b"}) {
        const std::string message = vectors["spake2"]["punktfunk"][name];
        corpus.add_hex("spake2", name, message);
        corpus.add_hex("spake2", std::string("point_of_") + name, message.substr(2));
        corpus.add_hex("spake2", std::string("reference_") + name, vectors["spake2"]["crate_reference"][name]);
    }
    const json client{{"name", "Deck"}, {"fingerprint", vectors["certificate_fingerprint"]["fingerprint"]}};
    corpus.add("paired_store", "one", json{{"clients", json::array({client})}}.dump(2));
    corpus.add("paired_store", "twice", json{{"clients", json::array({client, client})}}.dump());
    corpus.add("paired_store", "none", R"({"clients":[]})");
    corpus.add("paired_store", "no_fingerprint", R"({"clients":[{"name":"Deck","fingerprint":"00"}]})");
    json host{
        {"name", "Desk"}, {"addr", "192.0.2.1"}, {"port", 9777}, {"fp_hex", client["fingerprint"]}, {"paired", true}};
    corpus.add("known_hosts", "one", json{{"hosts", json::array({host})}}.dump(2));
    host["port"] = 70000;
    corpus.add("known_hosts", "no_port", json{{"hosts", json::array({host})}}.dump(2));
    corpus.add("known_hosts", "no_object", R"({"hosts":[1]})");
    corpus.add("known_hosts", "none", R"({"hosts":[]})");
    corpus.add("hex", "fingerprint", client["fingerprint"].get<std::string>());
    corpus.add("hex", "both_cases", "00aAfF10");
    write_identities(vectors["certificate_fingerprint"], corpus);

    const std::string welcome = vectors["control_messages"]["welcome_full"]["payload"];
    const std::string frame = vectors["synthetic_frame"]["hex"];
    corpus.add_hex("session_config", "frame", welcome + frame.substr(0, 2000));
    corpus.add_hex("session_config", "empty_frame", welcome);
    for (const auto& sample : vectors["clock_offset"]["samples_t1_t2_t3_t4"]) {
        std::string bytes;  // read from the back: the numbers of the honest exchange, t1 to t4
        for (auto time = sample.rbegin(); time != sample.rend(); ++time) {
            const auto value = time->get<uint64_t>();
            bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
        }
        bytes.append(28, '\0');
        corpus.add("clock_sync", std::to_string(sample[0].get<uint64_t>()), bytes);
    }
    corpus.add_hex("wav_file", "pcm",
                   "524946462800000057415645666d7420100000000100020080bb000000ee02000400100064617461"
                   "04000000ff7f0080");
    corpus.add_hex("wav_file", "float",
                   "524946462a00000057415645666d7420100000000300010080bb000000ee02000400200064617461"
                   "040000000000003f");
    // Opus: 5 ms of CELT, a SILK frame, two frames of 60 ms in one packet.
    corpus.add_hex("voice", "packets", "08ecfffe0011223344f00548010203041e050b811122330a");
    corpus.add("device_name", "plain", "Living Room TV");
    corpus.add("device_name", "spaces", " \tTaro\xE3\x80\x80\xE5\xA4\xAA\xE9\x83\x8E \xE2\x80\xAE\n\xF0\x9F\x8E\xAE ");
    // These read structured input: varied bytes are as good a start as any.
    for (const auto& vector : vectors["packetize_gf8"]["packets"])
        corpus.add_hex("reassembler", vector.get<std::string>().substr(24, 40), vector);
    for (const char* target : {"reassembler", "sealed_stream", "erasure_code", "replay_window"}) {
        for (char first = 0; first < 4; ++first) {
            std::string content;
            for (int i = 0; i < 600; ++i) content += static_cast<char>(i % 7 == 0 ? first : i * (first + 1));
            corpus.add(target, std::string("mixed") + static_cast<char>('0' + first), content);
        }
    }
}

void write_gamestream_media_seeds(const json& vectors, const Corpus& corpus) {
    for (const char* form : {"first", "legacy"}) corpus.add_hex("gs_ping", form, vectors["ping"][form]);
    size_t number = 0;
    for (const auto& message : vectors["control_encryption"]["messages"]) {
        const std::string name = std::to_string(number++);
        corpus.add_hex("gs_control", "message" + name, message["inner_plaintext"]);
        corpus.add_hex("gs_control", "packet" + name, message["wire"]);
    }
    std::string batch;
    for (const auto& packet : vectors["input_packets"]["packets"]) {
        const std::string hex = packet["payload"];
        corpus.add_hex("gs_input", std::to_string(number++), hex);
        batch += hex;
    }
    corpus.add_hex("gs_input", "batch", batch);
    // These read structured input: datagrams among varied bytes.
    for (const auto& packet : vectors["video_packets"]["frames"][0]["packets"]) {
        corpus.add_hex("gs_video", std::to_string(number++), packet["packet"], std::string(40, '\x14'));
    }
    for (const auto& packet : vectors["audio_packets"]["blocks"][1]["data"]) {
        corpus.add_hex("gs_audio", std::to_string(number++), packet["packet"], std::string(40, '\x14'));
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: fuzz_seeds <folder>\n";
        return 2;
    }
    try {
        const std::filesystem::path vectors(PUNKTFUNK_VECTORS);
        const Corpus corpus(argv[1]);
        write_seeds(json::parse(std::ifstream(vectors / "punktfunk1-vectors.json")), corpus);
        write_gamestream_media_seeds(json::parse(std::ifstream(vectors / "gamestream-vectors.json")), corpus);
    } catch (const std::exception& error) {
        std::cerr << "fuzz_seeds: " << error.what() << "\n";
        return 1;
    }
}
