// fuzz_seeds <folder>: starting inputs for the fuzz targets, one folder a target, out of the published test vectors.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "punktfunk/base/hex.hpp"

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
    for (const auto& [name, datagram] : vectors["datagrams"].items()) corpus.add_hex("datagram", name, datagram["hex"]);
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
    corpus.add("device_name", "plain", "Living Room TV");
    corpus.add("device_name", "spaces", " \tTaro\xE3\x80\x80\xE5\xA4\xAA\xE9\x83\x8E \xE2\x80\xAE\n\xF0\x9F\x8E\xAE ");
    // These read structured input: varied bytes are as good a start as any.
    for (const auto& vector : vectors["packetize_gf8"]["packets"])
        corpus.add_hex("reassembler", vector.get<std::string>().substr(24, 40), vector);
    for (const char* target : {"reassembler", "sealed_stream", "erasure_code"}) {
        for (char first = 0; first < 4; ++first) {
            std::string content;
            for (int i = 0; i < 600; ++i) content += static_cast<char>(i % 7 == 0 ? first : i * (first + 1));
            corpus.add(target, std::string("mixed") + static_cast<char>('0' + first), content);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: fuzz_seeds <folder>\n";
        return 2;
    }
    try {
        std::ifstream file(std::filesystem::path(PUNKTFUNK_VECTORS) / "punktfunk1-vectors.json");
        write_seeds(json::parse(file), Corpus(argv[1]));
    } catch (const std::exception& error) {
        std::cerr << "fuzz_seeds: " << error.what() << "\n";
        return 1;
    }
}
