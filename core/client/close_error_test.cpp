#include "close_error.hpp"

#include <gtest/gtest.h>

namespace punktfunk::client {

using quic::CloseCode;

namespace {

Error closed_with(CloseCode code, std::string reason = "") {
    return error_of({.by_peer = true, .code = static_cast<uint64_t>(code), .reason = std::move(reason)});
}

}  // namespace

TEST(CloseError, EveryRefusalSaysWhatToDo) {
    for (const CloseCode code :
         {CloseCode::Failed, CloseCode::Busy, CloseCode::PairingNotArmed, CloseCode::PairingBoundElsewhere,
          CloseCode::PairingRateLimited, CloseCode::IdentityRequired, CloseCode::Denied, CloseCode::ApprovalTimedOut,
          CloseCode::Superseded, CloseCode::WireVersionMismatch, CloseCode::SetupFailed, CloseCode::AccessExpired,
          CloseCode::LaunchNotPermitted}) {
        const Error plain = closed_with(code), named = closed_with(code, "the host's words");
        EXPECT_EQ(plain.code, ErrorCode::Rejected);
        EXPECT_NE(plain.message.find(": "), std::string::npos) << plain.message << ": no remedy";
        EXPECT_EQ(plain.message.find("0x"), std::string::npos) << plain.message << ": only a number";
        EXPECT_NE(named.message.find("(the host's words)"), std::string::npos) << named.message;
        EXPECT_EQ(closed_with(code, std::string(quic::to_string(code))).message, plain.message);
    }
    EXPECT_NE(closed_with(static_cast<CloseCode>(0x6f), "why").message.find("0x6f: why"), std::string::npos);
}

TEST(CloseError, AnEndInGoodOrderIsNoRefusal) {
    EXPECT_EQ(closed_with(CloseCode::Ok).code, ErrorCode::Closed);
    EXPECT_EQ(closed_with(CloseCode::GameExited).code, ErrorCode::Closed);
}

}  // namespace punktfunk::client
