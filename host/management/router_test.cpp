#include "router.hpp"

#include <gtest/gtest.h>

namespace punktfunk::management {

namespace {

Router router() {
    Router router;
    const auto nothing = [](const Call&) { return http::Response{.headers = {}}; };
    router.add("GET", "/api/v1/sessions", "list", Access::Admin, nothing);
    router.add("GET", "/api/v1/sessions/{id}", "get", Access::Admin, nothing);
    router.add("DELETE", "/api/v1/sessions/{id}", "stop", Access::Admin, nothing);
    router.add_with_body("POST", "/api/v1/sessions/{id}/idr", "idr", Access::Admin, nothing);
    router.add("GET", "/api/v1/events", "streamEvents", Access::Admin, nothing);
    return router;
}

std::string found(std::string_view method, std::string_view path) {
    const Router table = router();
    const auto match = table.find(method, path);
    return match.operation != nullptr ? match.operation->id : "none";
}

}  // namespace

TEST(Router, FindsByMethodAndSegments) {
    EXPECT_EQ(found("GET", "/api/v1/sessions"), "list");
    EXPECT_EQ(found("GET", "/api/v1/sessions/7"), "get");
    EXPECT_EQ(found("DELETE", "/api/v1/sessions/7"), "stop");
    EXPECT_EQ(found("POST", "/api/v1/sessions/7/idr"), "idr");
    for (const char* path :
         {"/api/v1/sessions/", "/api/v1/sessions//idr", "/api/v1/session", "/api/v1/sessions/7/8", "", "/",
          "api/v1/sessions", "/api/v1/%73essions", "/api/v1/sessions/%", "/api/v1/sessions/%00"}) {
        EXPECT_EQ(found("GET", path), "none") << path;
    }
}

TEST(Router, SaysWhatElseIsAllowed) {
    const Router table = router();
    EXPECT_EQ(table.find("PUT", "/api/v1/sessions/7").allowed, "GET, DELETE");
    EXPECT_EQ(table.find("GET", "/nowhere").allowed, "");
}

TEST(Router, HeadIsAGetOfWhatEnds) {
    EXPECT_EQ(found("HEAD", "/api/v1/sessions"), "list");
    EXPECT_EQ(found("HEAD", "/api/v1/events"), "none");
}

TEST(Router, DecodesParametersOnce) {
    const Router table = router();
    EXPECT_EQ(table.find("GET", "/api/v1/sessions/a%2fb%2525").path.at("id"), "a/b%25");
}

TEST(Query, IsDecodedOrRefused) {
    const auto query = parse_query("a=1&b=x%20y+z&c&a=2&&d=");
    ASSERT_TRUE(query);
    EXPECT_EQ(*query, (Parameters{{"a", "2"}, {"b", "x y z"}, {"c", ""}, {"d", ""}}));
    EXPECT_FALSE(parse_query("a=%zz"));
    EXPECT_FALSE(parse_query("a=%"));
    EXPECT_FALSE(parse_query("%00=1"));
    EXPECT_TRUE(parse_query("")->empty());
}

}  // namespace punktfunk::management
