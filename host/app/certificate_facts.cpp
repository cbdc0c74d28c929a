#include "certificate_facts.hpp"

#include <openssl/bio.h>
#include <openssl/x509.h>

#include <ctime>

#include "punktfunk/crypto/x509.hpp"

namespace punktfunk::app {

namespace {

std::optional<int64_t> unix_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    return static_cast<int64_t>(::timegm(&parts));
}

std::optional<std::string> subject_of(const X509& certificate) {
    const std::unique_ptr<BIO, crypto::Deleter<::BIO_free>> text(BIO_new(BIO_s_mem()));
    if (!text || X509_NAME_print_ex(text.get(), X509_get_subject_name(&certificate), 0, XN_FLAG_RFC2253) < 0)
        return std::nullopt;
    char* begin = nullptr;
    const auto size = BIO_get_mem_data(text.get(), &begin);
    return size > 0 ? std::optional(std::string(begin, static_cast<size_t>(size))) : std::nullopt;
}

}  // namespace

management::CertificateView certificate_facts(ByteView der, const crypto::Fingerprint& fingerprint) {
    management::CertificateView view{.fingerprint = fingerprint, .subject = {}, .not_before = {}, .not_after = {}};
    const auto certificate = crypto::read_certificate(der);
    if (!certificate) return view;
    view.subject = subject_of(*certificate);
    view.not_before = unix_of(X509_get0_notBefore(certificate.get()));
    view.not_after = unix_of(X509_get0_notAfter(certificate.get()));
    return view;
}

}  // namespace punktfunk::app
