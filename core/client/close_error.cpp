#include "close_error.hpp"

namespace punktfunk::client {

namespace {

using quic::CloseCode;

struct Meaning {
    CloseCode code;
    const char* what;
    const char* remedy;
};

// Every refusal there is (spec §11.4); a host's own words, when it has some, come between the two.
constexpr Meaning kRefusals[] = {
    {CloseCode::Failed, "the host had to give up", "its log says more; try again"},
    {CloseCode::Busy, "the host is busy", "try again when a session there has ended"},
    {CloseCode::PairingNotArmed, "the host is not pairing",
     "pairing has to be armed there first: run `punktfunk-host pair` on the host, which shows the PIN"},
    {CloseCode::PairingBoundElsewhere, "the host is pairing with another device", "start pairing there for this one"},
    {CloseCode::PairingRateLimited, "the host was just asked to pair", "wait two seconds and try again"},
    {CloseCode::IdentityRequired, "the host wants to know which device this is",
     "connect with a client certificate; every client of ours makes one where it may write its configuration"},
    {CloseCode::Denied, "the host does not let this device in",
     "pair it (`punktfunk-host pair` on the host shows a PIN), or have it approved there"},
    {CloseCode::ApprovalTimedOut, "nobody at the host has approved this device in time",
     "connect again and approve it there: `punktfunk-host pending`, then `punktfunk-host approve ID`"},
    {CloseCode::Superseded, "this device has asked again since", "the newer request is the one that counts"},
    {CloseCode::WireVersionMismatch, "host and client speak different versions of the protocol",
     "update the older one"},
    {CloseCode::SetupFailed, "the host could not set up the session", "its log says more"},
    {CloseCode::AccessExpired, "this device's time at the host is over", "have it approved there again"},
    {CloseCode::LaunchNotPermitted, "this device may not start that program", "allow it at the host"},
};

// What a host that only repeats the code's name says is said already.
bool says_more(const std::string& reason, CloseCode code) {
    return !reason.empty() && reason != quic::to_string(code);
}

Error refusal(const quic::CloseInfo& info) {
    const auto code = static_cast<CloseCode>(info.code);
    for (const Meaning& meaning : kRefusals) {
        if (meaning.code != code) continue;
        const std::string words = says_more(info.reason, code) ? fmt::format(" ({})", info.reason) : "";
        return {ErrorCode::Rejected, fmt::format("{}{}: {}", meaning.what, words, meaning.remedy)};
    }
    return {ErrorCode::Rejected, fmt::format("the host closed the connection with code 0x{:x}{}{}", info.code,
                                             info.reason.empty() ? "" : ": ", info.reason)};
}

}  // namespace

Error error_of(const quic::CloseInfo& info) {
    constexpr uint8_t kAccessDenied = 49;
    if (info.tls_alert == kAccessDenied && !info.by_peer)
        return {ErrorCode::Crypto, "the host is not the one that was paired: its certificate differs from the pin"};
    if (info.idle_timeout) return {ErrorCode::Timeout, info.reason};
    if (info.by_peer && info.application) {
        if (info.code == static_cast<uint64_t>(CloseCode::Ok))
            return {ErrorCode::Closed,
                    info.reason.empty() || info.reason == "done" ? "the host ended the session" : info.reason};
        if (info.code == static_cast<uint64_t>(CloseCode::GameExited)) return {ErrorCode::Closed, "the game has ended"};
        return refusal(info);
    }
    return {ErrorCode::Io,
            info.reason.empty() ? fmt::format("the connection failed (QUIC error 0x{:x})", info.code) : info.reason};
}

}  // namespace punktfunk::client
