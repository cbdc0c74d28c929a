// Which certificates are taken, and the list they are kept in.
#include "paired_list.hpp"
#include "test_ceremony.hpp"

namespace punktfunk::pairing {

TEST(ClientCertificate, AnyVersionAnyDatesButRsaOf2048) {
    const crypto::Key rsa(EVP_RSA_gen(2048)), small(EVP_RSA_gen(1024)), curve(EVP_EC_gen("P-256"));
    for (const long version : {0L, 2L}) {
        const auto made = certificate(rsa.get(), version, "20210101000000Z");
        const auto parsed = parse_client_certificate(made.certificate_pem);
        ASSERT_TRUE(parsed) << version;
        EXPECT_EQ(parsed->der, made.certificate_der);
        EXPECT_EQ(parsed->signature.size(), 256u);
    }
    for (EVP_PKEY* key : {small.get(), curve.get()})
        EXPECT_EQ(parse_client_certificate(certificate(key, 2).certificate_pem).error().code,
                  ErrorCode::ProtocolViolation);
    // Bytes after the certificate would not be in what TLS shows.
    auto trailing = certificate(rsa.get(), 2).certificate_der;
    trailing.push_back(0);
    EXPECT_FALSE(parse_client_certificate(pem("CERTIFICATE", trailing)));
}

TEST(HostSigner, MustBeRsa) {
    const auto client = crypto::generate_identity(crypto::IdentityKind::Client).value();
    EXPECT_EQ(HostSigner::create(client).error().code, ErrorCode::InvalidArgument);
    EXPECT_TRUE(HostSigner::create(crypto::generate_identity(crypto::IdentityKind::Host).value()));
}

TEST(PairedList, ComesBackAsItWasWritten) {
    const std::vector<Bytes> certificates = {vector_identity("client").certificate_der,
                                             vector_identity("host").certificate_der};
    const auto json = encode_paired_list(certificates);
    EXPECT_TRUE(json.starts_with("[[48,130,"));
    EXPECT_EQ(decode_paired_list(json).value(), certificates);
    EXPECT_EQ(decode_paired_list(encode_paired_list({})).value(), std::vector<Bytes>{});
}

TEST(PairedList, AnythingElseTrustsNobody) {
    for (const char* json :
         {"", "{}", "[", "[1]", "[[]]", "[[256]]", "[[-1]]", "[[48.5]]", "[[48,0]]", "[\"MII\"]", "null"})
        EXPECT_EQ(decode_paired_list(json).error().code, ErrorCode::InvalidArgument) << json;
    std::string many = "[[]";
    for (size_t i = 0; i < kMaxPairedClients; ++i) many += ",[]";
    EXPECT_FALSE(decode_paired_list(many + "]"));
}

}  // namespace punktfunk::pairing
