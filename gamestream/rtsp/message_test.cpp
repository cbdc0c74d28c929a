// Bytes and messages, plain and sealed.
#include "captured_client.hpp"

namespace punktfunk::rtsp {

TEST(Vectors, SealedMessages) {
    const auto cipher = MessageCipher::create(vector_secret()).value();
    for (const auto& vector : vectors("rtsp_encryption").at("messages")) {
        const Sender sender = text(vector, "direction") == "client to host" ? Sender::Client : Sender::Host;
        const Sender other = sender == Sender::Client ? Sender::Host : Sender::Client;
        const auto sequence = vector.at("sequence").get<uint32_t>();
        const Bytes wire = from_hex(text(vector, "wire")).value();
        EXPECT_EQ(to_hex(cipher.seal(text(vector, "plaintext_text"), sequence, sender)), to_hex(wire));
        const auto message = parse_sealed(wire);
        ASSERT_TRUE(message);
        EXPECT_EQ(message->sequence, sequence);
        EXPECT_EQ(to_hex(message->tag), text(vector, "tag"));
        EXPECT_EQ(to_hex(message->ciphertext), text(vector, "ciphertext"));
        EXPECT_EQ(cipher.open(*message, sender), text(vector, "plaintext_text"));
        EXPECT_EQ(cipher.open(*message, other), std::nullopt);
        auto changed = *message;
        changed.ciphertext[0] ^= 1;
        EXPECT_EQ(cipher.open(changed, sender), std::nullopt);
    }
}

TEST(Vectors, RequestsAreRead) {
    const auto& requests = vectors("rtsp_requests_plain").at("requests_text");
    const char* methods[] = {"OPTIONS", "DESCRIBE", "SETUP", "SETUP", "SETUP", "ANNOUNCE", "PLAY"};
    ASSERT_EQ(requests.size(), std::size(methods));
    for (size_t i = 0; i < requests.size(); ++i) {
        const auto parsed = parse_request(request(i));
        ASSERT_TRUE(parsed) << i;
        EXPECT_EQ(parsed->method, methods[i]);
        EXPECT_EQ(parsed->sequence, i + 1);
        EXPECT_EQ(parsed->find("host"), "0.0.0.0");
        EXPECT_EQ(parsed->find("X-GS-ClientVersion"), "14");
        EXPECT_EQ(parsed->body.size(), i == 5 ? 1492u : 0u);
    }
}

TEST(Message, HostileHeadsAreRefused) {
    const std::string good = "OPTIONS rtsp://h RTSP/1.0\r\nCSeq: 1\r\n\r\n";
    ASSERT_TRUE(parse_request(good));
    EXPECT_EQ(parse_request(replaced(good, "CSeq: 1", "cseq:  1 ")).value().sequence, 1u);
    for (const std::string& bad :
         {std::string(), std::string("\r\n\r\n"), replaced(good, "RTSP/1.0", "RTSP/2.0"),
          replaced(good, "RTSP/1.0", "HTTP/1.1"), replaced(good, " rtsp://h", ""), replaced(good, "OPTIONS", ""),
          replaced(good, "CSeq: 1", "CSeq: -1"), replaced(good, "CSeq: 1", "CSeq"), replaced(good, "CSeq: 1", ": 1"),
          replaced(good, "CSeq: 1", "X: 1"), replaced(good, "CSeq: 1", "CSeq: 1\r\nCSeq: 2"),
          replaced(good, "CSeq: 1", "CSeq: 1\tx"), good + "x", good.substr(0, good.size() - 1),
          replaced(good, "\r\n\r\n", "\r\nContent-length: 1\r\n\r\n"),
          replaced(good, "\r\n\r\n", "\r\nContent-length: -1\r\n\r\n"),
          replaced(good, "\r\n\r\n", "\r\nContent-length: 4294967297\r\n\r\n")})
        EXPECT_EQ(parse_request(bad).error().code, ErrorCode::ProtocolViolation) << bad;
    std::string many = "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n";
    for (size_t i = 0; i < kMaxHeaders; ++i) many += fmt::format("X{}: 1\r\n", i);
    EXPECT_FALSE(parse_request(many + "\r\n"));
}

TEST(Reader, PiecesDoNotMatter) {
    EXPECT_TRUE(rc::check("a request arrives in any pieces", [] {
        const auto& wires = vectors("rtsp_encryption").at("messages");
        const size_t which = *rc::gen::inRange<size_t>(0, 7 + wires.size());
        const std::string message = which < 7 ? request(which) : "";
        const Bytes wire =
            which < 7 ? Bytes(message.begin(), message.end()) : from_hex(text(wires.at(which - 7), "wire")).value();
        RequestReader reader;
        ByteView rest(wire);
        while (true) {
            const size_t piece = std::min<size_t>(*rc::gen::inRange<size_t>(1, 600), rest.size());
            const auto result = reader.push(rest.first(piece));
            rest = rest.subspan(piece);
            RC_ASSERT(result.has_value());
            RC_ASSERT(result->has_value() == rest.empty());
            if (!rest.empty()) continue;
            if (which < 7) {
                RC_ASSERT(std::get<PlainMessage>(**result).text == message);
            } else {
                RC_ASSERT(std::get<SealedMessage>(**result).ciphertext == parse_sealed(wire)->ciphertext);
            }
            RC_ASSERT(!reader.push(bytes_of("x")).has_value());
            return;
        }
    }));
}

TEST(Reader, IsBounded) {
    const std::string head = "ANNOUNCE x RTSP/1.0\r\nCSeq: 1\r\n";
    EXPECT_FALSE(RequestReader().push(bytes_of(head + "Content-length: 65536\r\n\r\n")))
        << "the whole message is bounded, not the body alone";
    EXPECT_FALSE(RequestReader().push(bytes_of(request(0) + "x"))) << "one request for each connection";
    EXPECT_FALSE(RequestReader().push(bytes_of(head + "nonsense\r\n\r\n")));
    RequestReader endless;
    bool refused = false;
    for (size_t i = 0; i <= kMaxMessage && !refused; ++i) refused = !endless.push(bytes_of("A"));
    EXPECT_TRUE(refused);
    EXPECT_FALSE(endless.push(bytes_of("A")));
    for (const char* header : {"80000000", "80010001", "ffffffff"})
        EXPECT_FALSE(RequestReader().push(*from_hex(header))) << header;
    RequestReader largest;
    EXPECT_TRUE(largest.push(*from_hex("80010000")));
    EXPECT_EQ(RequestReader().push({}).value(), std::nullopt);
}

}  // namespace punktfunk::rtsp
