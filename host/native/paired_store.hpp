// Who may connect: the native trust store, punktfunk1-paired.json (spec §7.2). One thread (control).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/devices/device_terms.hpp"

namespace punktfunk::native {

struct PairedClient {
    std::string name;
    crypto::Fingerprint fingerprint{};
    devices::Terms terms;
};

class PairedStore {
  public:
    // A missing file is an empty store. A malformed one is moved aside (<file>.malformed) and the store starts empty:
    // nobody is let in by a file that cannot be read, and nothing is lost.
    static Result<PairedStore> open(std::filesystem::path file);

    [[nodiscard]] const std::vector<PairedClient>& clients() const { return clients_; }
    [[nodiscard]] const PairedClient* find(const crypto::Fingerprint& fingerprint) const;
    // Replaces an entry of the same fingerprint (moves it to the end), whose terms stay: who pairs again gains no
    // rights by it. On a failed write the memory is as before.
    Result<void> add(PairedClient client);
    // NotAvailable when it is not there.
    Result<void> change(const crypto::Fingerprint& fingerprint, const devices::Change& change);
    // A session of it begins or ends. Not stored when that fails: nothing depends on it.
    void seen(const crypto::Fingerprint& fingerprint);
    // NotAvailable when it is not there.
    Result<void> remove(const crypto::Fingerprint& fingerprint);

  private:
    explicit PairedStore(std::filesystem::path file) : file_(std::move(file)) {}
    Result<void> commit(std::vector<PairedClient> next);
    std::filesystem::path file_;
    std::vector<PairedClient> clients_;
};

}  // namespace punktfunk::native
