// The trust store's file, in any state: it opens or is moved aside, and what is added then is found after opening
// again.
#include "punktfunk/native/paired_store.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "require.hpp"

using namespace punktfunk;

namespace {

// A folder in memory where there is one: each input writes a file.
class Folder {
  public:
    Folder() {
        spdlog::set_level(spdlog::level::off);  // a line for every malformed file would drown the fuzzer's
        std::string name =
            std::filesystem::exists("/dev/shm") ? "/dev/shm/punktfunk-fuzz-XXXXXX" : "/tmp/punktfunk-fuzz-XXXXXX";
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::filesystem::path file() const { return path_ / "paired.json"; }

  private:
    std::filesystem::path path_;
};

bool same(const native::PairedClient& a, const native::PairedClient& b) {
    return a.name == b.name && a.fingerprint == b.fingerprint;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const Folder folder;
    std::ofstream(folder.file(), std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    auto store = native::PairedStore::open(folder.file());
    REQUIRE(store);
    const bool moved_aside = !std::filesystem::exists(folder.file());
    REQUIRE(!moved_aside || store->clients().empty());

    const native::PairedClient added{"Deck", crypto::Fingerprint{0xAB}};
    REQUIRE(store->add(added) && store->find(added.fingerprint) != nullptr);
    const auto again = native::PairedStore::open(folder.file());
    REQUIRE(again && std::ranges::equal(again->clients(), store->clients(), same) &&
            same(again->clients().back(), added));
    REQUIRE(store->remove(added.fingerprint) && store->find(added.fingerprint) == nullptr);
    return 0;
}
