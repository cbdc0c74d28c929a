// The host's certificate and key as pairing uses them (spec §3.1): the same identity that its TLS shows.
#pragma once

#include <memory>
#include <string>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"

namespace punktfunk::pairing {

class HostSigner {
  public:
    // InvalidArgument unless the key is RSA: clients verify nothing else.
    static Result<HostSigner> create(const crypto::Identity& identity);
    HostSigner(HostSigner&&) noexcept;
    HostSigner& operator=(HostSigner&&) noexcept;
    ~HostSigner();

    [[nodiscard]] const std::string& certificate_pem() const { return certificate_pem_; }
    // X.509's signatureValue: what enters the hashes for "the host's certificate".
    [[nodiscard]] const Bytes& certificate_signature() const { return certificate_signature_; }
    // RSASSA-PKCS1-v1_5 with SHA-256, as long as the key (256 bytes for RSA-2048).
    [[nodiscard]] Result<Bytes> sign(ByteView message) const;

  private:
    struct PrivateKey;
    HostSigner(std::string pem, Bytes signature, std::unique_ptr<PrivateKey> key);
    std::string certificate_pem_;
    Bytes certificate_signature_;
    std::unique_ptr<PrivateKey> key_;
};

}  // namespace punktfunk::pairing
