#include "punktfunk/devices/device_terms.hpp"

#include <gtest/gtest.h>

namespace punktfunk::devices {

using nlohmann::json;

TEST(DeviceTerms, AnEntryWithoutThemMayDoEverything) {
    EXPECT_EQ(read_terms({{"name", "tv"}}), Terms{});
    json entry{{"name", "tv"}};
    write_terms(entry, {});
    EXPECT_EQ(entry, (json{{"name", "tv"}})) << "and nothing is added for it";
}

TEST(DeviceTerms, WhatIsWrittenIsRead) {
    const Terms terms{.rights = {.input = false, .controllers = true, .microphone = false, .launch = false},
                      .expires_at = 2'000'000'000,
                      .paired_at = 1'700'000'000,
                      .last_seen = -5};
    json entry;
    write_terms(entry, terms);
    EXPECT_EQ(read_terms(entry), terms);
}

TEST(DeviceTerms, WhatCannotBeReadGivesNoRights) {
    for (const json& entry :
         {json{{"rights", "none"}}, json{{"rights", {{"input", 0}}}}, json{{"expires_unix", "soon"}},
          json{{"paired_unix", 1e300}}, json{{"expires_unix", UINT64_MAX}}}) {
        EXPECT_FALSE(read_terms(entry)) << entry;
    }
}

TEST(DeviceTerms, AChangeLeavesTheRest) {
    Terms terms{.rights = {.microphone = false}, .expires_at = 7};
    Change{.input = false}.apply_to(terms);
    EXPECT_EQ(terms, (Terms{.rights = {.input = false, .microphone = false}, .expires_at = 7}));
    Change{.expires_at = std::optional<int64_t>()}.apply_to(terms);
    EXPECT_FALSE(terms.expires_at) << "never, from now on";
    EXPECT_FALSE(terms.expired(INT64_MAX));
    terms.expires_at = 10;
    EXPECT_FALSE(terms.expired(9));
    EXPECT_TRUE(terms.expired(10));
}

}  // namespace punktfunk::devices
