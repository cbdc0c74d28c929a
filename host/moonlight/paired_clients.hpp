// Which Moonlight clients may connect: gs-paired.json. Trust is equality of the whole certificate; a name is only
// shown. One thread (control).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/devices/device_terms.hpp"

namespace punktfunk::moonlight {

struct PairedClient {
    std::string name;
    Bytes certificate_der;
    crypto::Fingerprint fingerprint{};  // of the certificate
    devices::Terms terms;
};

class PairedClients {
  public:
    static constexpr size_t kMax = 1024;

    // <directory>/gs-paired.json. Where there is none, the certificates of <directory>/paired.json, which other hosts
    // of the family write, are taken over. InvalidArgument, naming the file, when it cannot be understood: clients are
    // neither let in nor forgotten by a file that is damaged.
    static Result<PairedClients> open(const std::filesystem::path& directory);

    [[nodiscard]] const std::vector<PairedClient>& list() const { return clients_; }
    // nullptr as well when its time is over.
    [[nodiscard]] const PairedClient* find(ByteView certificate_der) const;
    [[nodiscard]] const PairedClient* find(const crypto::Fingerprint& fingerprint) const;
    // Replaces an entry of the same certificate, whose terms stay: who pairs again gains no rights by it. On a failed
    // write the memory is as before.
    Result<void> add(std::string name, Bytes certificate_der);
    // NotAvailable when it is not there.
    Result<void> change(const crypto::Fingerprint& fingerprint, const devices::Change& change);
    // A session of it begins or ends. Not stored when that fails: nothing depends on it.
    void seen(const crypto::Fingerprint& fingerprint);
    // NotAvailable when it is not there.
    Result<void> remove(const crypto::Fingerprint& fingerprint);

  private:
    explicit PairedClients(std::filesystem::path file) : file_(std::move(file)) {}
    Result<void> commit(std::vector<PairedClient> next);
    std::filesystem::path file_;
    std::vector<PairedClient> clients_;
};

}  // namespace punktfunk::moonlight
