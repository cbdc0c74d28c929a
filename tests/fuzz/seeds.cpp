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

// The base64 between PEM's first and last line.
std::string der_of(const std::string& pem) {
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
}

// identity.cpp says how its input is laid out. The identities are new each time; an input holds all that it needs.
void write_identities(const json& vector, const Corpus& corpus) {
    const auto host = crypto::generate_identity(crypto::IdentityKind::Host).value();
    const auto client = crypto::generate_identity(crypto::IdentityKind::Client).value();
    const auto text = [](const std::string& certificate, const std::string& key) {
        return std::string(1, '\0') + certificate + std::string(1, '\0') + key;
    };
    const auto binary = [](const std::string& certificate, const std::string& key) {
        const auto length = static_cast<uint16_t>(certificate.size());
        return std::string{1, static_cast<char>(length & 0xff), static_cast<char>(length >> 8)} + certificate + key;
    };
    corpus.add("identity", "host", text(host.certificate_pem, host.private_key_pem));
    corpus.add("identity", "client", text(client.certificate_pem, client.private_key_pem));
    corpus.add("identity", "host_der", binary(der_of(host.certificate_pem), der_of(host.private_key_pem)));
    corpus.add("identity", "client_der", binary(der_of(client.certificate_pem), der_of(client.private_key_pem)));
    // Two that were accepted once although a peer would see another fingerprint: bytes after the end, and a BER length.
    std::string ber = der_of(client.certificate_pem);
    corpus.add("identity", "trailing", binary(ber + '\0', der_of(client.private_key_pem)));
    ber.replace(1, 3, "\x80");
    corpus.add("identity", "ber", binary(ber + std::string(2, '\0'), der_of(client.private_key_pem)));
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
    // Our own, which the vectors do not have.
    corpus.add_hex("control", "path_report", "504b4663f0d07e0100");
    corpus.add_hex("control", "recovery_report", "504b4663f1e803000000000000");
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

// What stock clients were seen to say.
void write_gamestream_seeds(const json& vectors, const Corpus& corpus) {
    const json& pairing = vectors["pairing"];
    const std::string pair = "/pair?uniqueid=0123456789ABCDEF&uuid=1&devicename=roth&updateState=1";
    const auto text = [](const json& object, const char* name) { return object.at(name).get<std::string>(); };
    const std::string plain(1, '\0'), paired(1, '\3');
    corpus.add("nvhttp", "serverinfo", plain + "/serverinfo?uniqueid=0123456789ABCDEF&uuid=1");
    corpus.add("nvhttp", "applist", paired + "/applist");
    corpus.add("nvhttp", "appasset", paired + "/appasset?appid=1&AssetType=2&AssetIdx=0");
    corpus.add("nvhttp", "cancel", paired + "/cancel");
    corpus.add("nvhttp", "unpair", plain + "/unpair?uniqueid=1");
    corpus.add("nvhttp", "launch",
               paired + "/launch?appid=1&mode=1920x1080x59.94&additionalStates=1&sops=1&rikey=" +
                   text(vectors["rtsp_encryption"], "key") +
                   "&rikeyid=-791166965&hdrMode=1&localAudioPlayMode=0&surroundAudioInfo=4128774&gcmap=3&gcpersist=1"
                   "&corever=1&surroundParams=85301245673&continuousAudio=1");
    corpus.add("nvhttp", "phase1",
               plain + pair + "&phrase=getservercert&salt=" + text(pairing, "salt") + "&clientcert=2d2d");
    corpus.add("nvhttp", "phase2",
               plain + pair + "&clientchallenge=" + text(pairing["phase2"], "request_clientchallenge"));
    corpus.add("nvhttp", "phase3",
               plain + pair + "&serverchallengeresp=" + text(pairing["phase3"], "request_serverchallengeresp"));
    corpus.add("nvhttp", "phase4",
               plain + pair + "&clientpairingsecret=" + text(pairing["phase4"], "request_clientpairingsecret"));
    corpus.add("nvhttp", "phase5", paired + pair + "&phrase=pairchallenge");

    std::string list = "[";
    for (const char* who : {"host_cert_pem_text", "client_cert_pem_text"}) {
        const std::string der = der_of(text(pairing, who));
        corpus.add("client_certificate", who, std::string(1, '\0') + text(pairing, who));
        corpus.add("client_certificate", std::string("der_") + who, std::string(1, '\1') + der);
        list += (list.size() > 1 ? "," : "") + json(std::vector<uint8_t>(der.begin(), der.end())).dump();
    }
    corpus.add("paired_list", "two", list + "]");
    corpus.add("paired_list", "none", "[]");
    corpus.add("launcher_files", "manifest",
               "\1\"AppState\"\n{\n\t\"appid\"\t\t\"570\"\n\t\"name\"\t\t\"Dota 2\"\n\t\"StateFlags\"\t\t\"4\"\n}\n");
    corpus.add("launcher_files", "folders", "\1\"libraryfolders\" { \"0\" { \"path\" \"/a \\\"b\\\"\" } } // end\n");
    corpus.add("launcher_files", "desktop",
               "\2[Desktop Entry]\nType=Application\nName=Chess\nExec=\"/opt/a b\" --x=%i %U %%\nOnlyShowIn=sway;\n");
    // pairing.cpp says how its script is read.
    corpus.add("pairing", "wrong_pin", std::string("\0\0\5\0\1\0\2\0\3\0", 10));
    corpus.add("pairing", "several", std::string("\0\0\0\1\0\2\6\0\x09\2\0\0\0\3\7\0\x08\1\x09\xff\5\0", 22));

    std::string handshake(1, '\0');
    int number = 0;
    for (const json& request : vectors["rtsp_requests_plain"]["requests_text"]) {
        corpus.add("rtsp_reader", "request" + std::to_string(++number), "\7" + request.get<std::string>());
        handshake += request.get<std::string>() + "\n\n\n";
    }
    for (const json& message : vectors["rtsp_encryption"]["messages"])
        corpus.add_hex("rtsp_reader", "sealed" + std::to_string(++number), message["wire"], "\7");
    corpus.add("rtsp_session", "handshake", handshake);
    // The same with the other captured bodies.
    const std::string first = vectors["announce_sdp"]["samples"][0]["body_text"];
    for (const json& sample : vectors["announce_sdp"]["samples"]) {
        const std::string body = sample["body_text"];
        std::string other = handshake;
        if (const size_t at = other.find(first); at != std::string::npos) other.replace(at, first.size(), body);
        if (const size_t at = other.find("Content-length: 1492"); at != std::string::npos)
            other.replace(at, 20, "Content-length: " + std::to_string(body.size()));
        corpus.add("rtsp_session", "handshake" + std::to_string(++number), other);
    }
}

// What only the host reads.
void write_host_seeds(const json& vectors, const Corpus& corpus) {
    corpus.add(
        "apps", "all_keys",
        R"({"apps": [{"name": "Game", "command": "game --fast", "directory": "/srv/game",)"
        R"( "environment": {"LANG": "de_DE.UTF-8"}, "undo": "cleanup", "image": "g.png", "compositor": "sway"}]})");
    corpus.add("apps", "least", R"({"apps": [{"name": "A", "command": "a"}, {"name": "B", "command": "b"}]})");
    corpus.add("apps", "twice", R"({"apps": [{"name": "A", "command": "a"}, {"name": "A", "command": "b"}]})");
    corpus.add("apps", "none", R"({"apps": []})");
    json clients = json::array();
    for (const char* who : {"host_cert_pem_text", "client_cert_pem_text"}) {
        const std::string der = der_of(vectors["pairing"].at(who).get<std::string>());
        clients.push_back({{"name", who}, {"certificate", to_hex(Bytes(der.begin(), der.end()))}});
    }
    corpus.add("gs_paired", "two", json{{"clients", clients}}.dump());
    corpus.add("gs_paired", "none", R"({"clients": []})");
    // One that begins a connection, with connect data, and a ping behind it.
    corpus.add_hex(
        "gs_enet", "connect",
        "00348fff000082ff00010000ffff00000384000080000000003000000000000000000000138800000002000000021122334412"
        "3456780008800000018500ff0002");
    std::string messages;
    size_t number = 0;
    for (const auto& message : vectors["control_encryption"]["messages"]) {
        const auto inner = from_hex(message["inner_plaintext"].get<std::string>()).value();
        if (inner.size() > 255) continue;
        messages += static_cast<char>(inner.size());
        messages.append(inner.begin(), inner.end());
        if (++number % 4 == 0) messages += '\0';
    }
    corpus.add("gs_loss", "messages", messages + std::string(4, '\0'));
    std::string batch;
    for (const auto& packet : vectors["input_packets"]["packets"]) {
        const std::string hex = packet["payload"];
        corpus.add_hex("gs_desktop", std::to_string(number++), hex);
        batch += hex;
    }
    corpus.add_hex("gs_desktop", "batch", batch);
    corpus.add("http_server", "get", "GET /serverinfo?uniqueid=1&uuid=2 HTTP/1.1\r\nHost: x\r\n\r\n");
    corpus.add("http_server", "two", "GET / HTTP/1.1\r\n\r\nHEAD /a?b HTTP/1.1\r\nConnection: close\r\n\r\n");
    corpus.add("http_server", "body", "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
    corpus.add("http_server", "chunks", "PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
}

json read_vectors(const char* name) {
    std::ifstream file(std::filesystem::path(PUNKTFUNK_VECTORS) / name);
    return json::parse(file);
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
        const Corpus corpus(argv[1]);
        write_seeds(read_vectors("punktfunk1-vectors.json"), corpus);
        const json gamestream = read_vectors("gamestream-vectors.json");
        write_gamestream_seeds(gamestream, corpus);
        write_gamestream_media_seeds(gamestream, corpus);
        write_host_seeds(gamestream, corpus);
    } catch (const std::exception& error) {
        std::cerr << "fuzz_seeds: " << error.what() << "\n";
        return 1;
    }
}
