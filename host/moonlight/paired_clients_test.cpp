#include "paired_clients.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/pairing/paired_list.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::moonlight {

namespace {

using testing::HasSubstr;

crypto::Identity client() {
    return crypto::generate_identity(crypto::IdentityKind::Client).value();
}

}  // namespace

TEST(PairedClients, AreThereAfterARestart) {
    const test::TempDirectory directory;
    const auto one = client(), other = client();
    {
        auto store = PairedClients::open(directory.path()).value();
        EXPECT_TRUE(store.list().empty());
        ASSERT_TRUE(store.add("Living room\n", one.certificate_der));
        ASSERT_TRUE(store.add("Kitchen", other.certificate_der));
        ASSERT_TRUE(store.add("Bedroom", one.certificate_der)) << "the same device, paired again";
    }
    struct stat info{};
    ASSERT_EQ(::stat((directory.path() / "gs-paired.json").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    auto store = PairedClients::open(directory.path()).value();
    ASSERT_EQ(store.list().size(), 2u);
    ASSERT_NE(store.find(one.certificate_der), nullptr);
    EXPECT_EQ(store.find(one.certificate_der)->name, "Bedroom");
    EXPECT_EQ(store.find(one.certificate_der)->fingerprint, one.fingerprint);
    Bytes similar = one.certificate_der;
    similar.back() ^= 1;
    EXPECT_EQ(store.find(similar), nullptr);
    ASSERT_TRUE(store.remove(one.fingerprint));
    EXPECT_EQ(store.remove(one.fingerprint).error().code, ErrorCode::NotAvailable);
    EXPECT_EQ(PairedClients::open(directory.path())->list().size(), 1u);
}

TEST(PairedClients, ADamagedFileIsSaidAndLeftAlone) {
    const std::string certificate = to_hex(client().certificate_der);
    for (const std::string& text : {std::string("{"), std::string("[]"), std::string(R"({"clients": [1]})"),
                                    std::string(R"({"clients": [{"name": "x", "certificate": "00"}]})"),
                                    R"({"clients": [{"name": 1, "certificate": ")" + certificate + R"("}]})",
                                    R"({"clients": [{"name": "x", "certificate": ")" + certificate + R"(00"}]})"}) {
        const test::TempDirectory directory;
        const auto file = directory.path() / "gs-paired.json";
        ASSERT_TRUE(write_file_atomic(file, text));
        const auto store = PairedClients::open(directory.path());
        ASSERT_FALSE(store) << text;
        EXPECT_EQ(store.error().code, ErrorCode::InvalidArgument);
        EXPECT_THAT(store.error().message, HasSubstr(file.string()));
        EXPECT_EQ(read_file(file).value(), text);
    }
}

TEST(PairedClients, TheListOfOtherHostsIsTakenOver) {
    const test::TempDirectory directory;
    const std::vector<Bytes> certificates{client().certificate_der, client().certificate_der};
    ASSERT_TRUE(write_file_atomic(directory.path() / "paired.json", pairing::encode_paired_list(certificates)));
    auto store = PairedClients::open(directory.path()).value();
    EXPECT_NE(store.find(certificates[0]), nullptr);
    ASSERT_NE(store.find(certificates[1]), nullptr);
    EXPECT_FALSE(store.find(certificates[1])->name.empty());
    ASSERT_TRUE(store.remove(crypto::fingerprint_of(certificates[0])));
    EXPECT_EQ(PairedClients::open(directory.path())->list().size(), 1u) << "from now on our own list counts";
    ASSERT_TRUE(write_file_atomic(directory.path() / "other" / "paired.json", "{}"));
    EXPECT_FALSE(PairedClients::open(directory.path() / "other"));
}

TEST(PairedClients, WhatOneMayDoStaysWithItsPairing) {
    const test::TempDirectory directory;
    const auto one = client();
    {
        auto store = PairedClients::open(directory.path()).value();
        ASSERT_TRUE(store.add("tv", one.certificate_der));
        ASSERT_TRUE(store.change(one.fingerprint, {.name = "shelf", .launch = false}));
        EXPECT_EQ(store.change({9}, {.launch = false}).error().code, ErrorCode::NotAvailable);
        store.seen(one.fingerprint);
    }
    auto store = PairedClients::open(directory.path()).value();
    ASSERT_NE(store.find(one.certificate_der), nullptr);
    EXPECT_EQ(store.find(one.certificate_der)->name, "shelf");
    EXPECT_EQ(store.find(one.fingerprint)->terms.rights, (devices::Rights{.launch = false}));
    EXPECT_TRUE(store.find(one.fingerprint)->terms.last_seen);
    ASSERT_TRUE(store.add("tv", one.certificate_der));
    EXPECT_FALSE(store.find(one.fingerprint)->terms.rights.launch) << "pairing again brings nothing back";
    ASSERT_TRUE(store.change(one.fingerprint, {.expires_at = std::optional<int64_t>(1)}));
    EXPECT_EQ(store.find(one.certificate_der), nullptr) << "its time is over";
    EXPECT_EQ(store.find(one.fingerprint), nullptr);
    EXPECT_EQ(store.list().size(), 1u) << "until somebody unpairs it";
}

}  // namespace punktfunk::moonlight
