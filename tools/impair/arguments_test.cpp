#include "arguments.hpp"

#include <gtest/gtest.h>

namespace punktfunk::impair {

using namespace std::chrono_literals;

TEST(Arguments, WhatIsUnderstood) {
    EXPECT_DOUBLE_EQ(parse_share("5").value(), 0.05);
    EXPECT_DOUBLE_EQ(parse_share("0.5%").value(), 0.005);
    EXPECT_EQ(parse_duration("20").value(), 20ms);
    EXPECT_EQ(parse_duration("1.5s").value(), 1500ms);
    EXPECT_EQ(parse_duration("150us").value(), 150us);
    EXPECT_EQ(parse_rate("800k").value(), 800'000u);
    EXPECT_EQ(parse_rate("1G").value(), 1'000'000'000u);
    EXPECT_EQ(parse_queue("100p").value().packets, 100u);
    EXPECT_EQ(parse_queue("64k").value().bytes, 65536u);
    EXPECT_EQ(parse_ports("9800").value().last, 9800);
    EXPECT_EQ(parse_ports("9800-9803").value().last, 9803);
    EXPECT_EQ(parse_endpoint("127.0.0.2:9777").value().to_string(), "127.0.0.2:9777");
    EXPECT_EQ(parse_endpoint("[::1]:9777").value().to_string(), "[::1]:9777");
    EXPECT_EQ(parse_endpoint("localhost:1").value().port(), 1);
}

TEST(Arguments, WhatIsNot) {
    for (const char* text : {"", "x", "-1", "101", "5 %", "nan", "5%%"}) EXPECT_FALSE(parse_share(text)) << text;
    for (const char* text : {"", "ms", "-1ms", "5m", "61s", "inf"}) EXPECT_FALSE(parse_duration(text)) << text;
    for (const char* text : {"", "0", "10", "5X", "20Mbit", "9999G"}) EXPECT_FALSE(parse_rate(text)) << text;
    for (const char* text : {"", "0", "0p", "p", "5q", "-3p"}) EXPECT_FALSE(parse_queue(text)) << text;
    for (const char* text : {"", "0", "65536", "5-4", "1-", "1-65000", "a"}) EXPECT_FALSE(parse_ports(text)) << text;
    for (const char* text : {"", "127.0.0.1", ":1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000"})
        EXPECT_FALSE(parse_endpoint(text)) << text;
}

}  // namespace punktfunk::impair
