#include "fields.hpp"

#include <gtest/gtest.h>

#include "timestamps.hpp"

namespace punktfunk::management {

using nlohmann::json;

namespace {

std::string fault(const json& value) {
    const json body = json::parse(value.dump());  // as it comes from outside
    Fields fields(body);
    (void)fields.text("name", 1, 4);
    (void)fields.optional_bool("loud");
    (void)fields.optional_number("count", 2, 5);
    if (const json* inner = fields.optional_object("inner")) {
        Fields below(*inner, "inner.");
        (void)below.optional_bool("on");
        fields.absorb(below);
    }
    const auto found = fields.finish();
    return found ? found->field : "";
}

}  // namespace

TEST(Fields, NameWhatIsWrong) {
    EXPECT_EQ(fault({{"name", "tv"}}), "");
    EXPECT_EQ(fault({{"name", "tv"}, {"loud", true}, {"count", 5}, {"inner", {{"on", false}}}}), "");
    EXPECT_EQ(fault(json::object()), "name");
    EXPECT_EQ(fault({{"name", ""}}), "name");
    EXPECT_EQ(fault({{"name", "12345"}}), "name");
    EXPECT_EQ(fault({{"name", "äöüß"}}), "") << "four characters, whatever they weigh";
    EXPECT_EQ(fault({{"name", 7}}), "name");
    EXPECT_EQ(fault({{"name", "tv"}, {"loud", 1}}), "loud");
    EXPECT_EQ(fault({{"name", "tv"}, {"loud", nullptr}}), "loud");
    for (const json& count : {json(1), json(6), json(-3), json(2.5), json("3"), json(1e30)})
        EXPECT_EQ(fault({{"name", "tv"}, {"count", count}}), "count") << count;
    EXPECT_EQ(fault({{"name", "tv"}, {"inner", 1}}), "inner");
    EXPECT_EQ(fault({{"name", "tv"}, {"inner", {{"on", 1}}}}), "inner.on");
    EXPECT_EQ(fault({{"name", "tv"}, {"inner", {{"off", true}}}}), "inner.off");
    EXPECT_EQ(fault({{"name", "tv"}, {"nmae", "tv"}}), "nmae");
}

TEST(Timestamps, AreWrittenAndReadBack) {
    EXPECT_EQ(timestamp(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(timestamp(1'709'210'096), "2024-02-29T12:34:56.000Z");
    EXPECT_EQ(parse_timestamp("2024-02-29T12:34:56.000Z"), 1'709'210'096);
    EXPECT_EQ(parse_timestamp("2024-02-29t12:34:56.987654321z"), 1'709'210'096);
    EXPECT_EQ(parse_timestamp("2024-02-29T14:04:56+01:30"), 1'709'210'096);
    EXPECT_EQ(parse_timestamp("2024-02-29T11:34:56-01:00"), 1'709'210'096);
}

TEST(Timestamps, NothingElseIsOne) {
    for (const char* text :
         {"", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z",
          "2024-01-01T00:60:00Z", "2024-01-01T00:00:00", "2024-01-01", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00.Z",
          "2024-01-01T00:00:00+25:00", "2024-01-01T00:00:00Zx", "+024-01-01T00:00:00Z", "1709210096", "tomorrow"}) {
        EXPECT_FALSE(parse_timestamp(text)) << text;
    }
}

}  // namespace punktfunk::management
