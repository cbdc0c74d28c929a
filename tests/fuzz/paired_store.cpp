// The trust store's file, in any state: it opens or is moved aside, and what is added then is found after opening
// again.
#include "punktfunk/native/paired_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "folder.hpp"

using namespace punktfunk;

namespace {

constexpr std::string_view kFile = "paired.json";

bool same(const native::PairedClient& a, const native::PairedClient& b) {
    return a.name == b.name && a.fingerprint == b.fingerprint;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const Folder folder;
    spdlog::set_level(spdlog::level::off);  // a line for every malformed file would drown the fuzzer's
    const std::string content(reinterpret_cast<const char*>(data), size);
    folder.write(kFile, content);
    const auto file = folder.path() / kFile;
    auto store = native::PairedStore::open(file);
    REQUIRE(store);
    if (!std::filesystem::exists(file)) {
        REQUIRE(store->clients().empty() && folder.read("paired.json.malformed") == content);
    } else {
        REQUIRE(folder.read(kFile) == content);
    }
    for (const auto& client : store->clients()) {
        const auto* found = store->find(client.fingerprint);
        REQUIRE(found != nullptr && found->fingerprint == client.fingerprint);
    }

    const native::PairedClient added{content.substr(0, 20), crypto::Fingerprint{0xAB}};
    REQUIRE(store->add(added) && store->find(added.fingerprint) != nullptr);
    const auto again = native::PairedStore::open(file);
    // A name that is no text is stored as one that is; every other entry is what it was.
    REQUIRE(again && again->clients().size() == store->clients().size());
    REQUIRE(std::equal(again->clients().begin(), again->clients().end() - 1, store->clients().begin(), same));
    REQUIRE(again->clients().back().fingerprint == added.fingerprint);
    REQUIRE(store->remove(added.fingerprint) && store->find(added.fingerprint) == nullptr);
    REQUIRE(!store->remove(added.fingerprint));
    return 0;
}
