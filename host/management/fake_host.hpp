// A host without servers, for tests of what stands before it.
#pragma once

#include "host_control.hpp"

namespace punktfunk::management {

struct FakeHost : HostControl {
    std::vector<SessionView> all_sessions;
    std::vector<DeviceView> all_devices;
    PairingView now_pairing;
    std::vector<std::string> visits, ended_visits;  // by their credentials

    [[nodiscard]] HostFacts facts() const override { return {}; }
    [[nodiscard]] std::vector<SessionView> sessions() const override { return all_sessions; }
    Result<void> stop_session(const std::string&) override { return {}; }
    Result<void> request_keyframe(const std::string&) override { return {}; }
    void take_thumbnail(const std::string&, std::function<void(Result<stream::Picture>)>) override {}
    [[nodiscard]] std::vector<DeviceView> devices() const override { return all_devices; }
    [[nodiscard]] std::vector<CertificateView> gamestream_certificates() const override { return {}; }
    Result<void> change_device(const crypto::Fingerprint&, const devices::Change&) override { return {}; }
    Result<void> remove_device(const crypto::Fingerprint&, bool, bool) override { return {}; }
    [[nodiscard]] PairingView pairing() const override { return now_pairing; }
    ArmedPin arm_pairing(std::chrono::seconds) override { return {}; }
    void disarm_pairing() override {}
    Result<NamedDevice> approve(uint32_t, const std::string&) override { return NamedDevice{}; }
    Result<NamedDevice> deny(uint32_t) override { return NamedDevice{}; }
    Result<WaitingForPin> enter_pin(uint64_t, const std::string&, const std::string&) override {
        return WaitingForPin{};
    }
    void play(std::shared_ptr<http::WebSocket>, PageVisitor visitor) override {
        visits.push_back(std::move(visitor.credential));
    }
    void end_visits(std::string_view credential) override { ended_visits.emplace_back(credential); }

    [[nodiscard]] std::vector<DisplayView> displays() const override { return {}; }
    [[nodiscard]] std::vector<EncoderView> encoders() const override { return {}; }
    void test_display(const display::Mode&, std::function<void(Result<DisplayTest>)>) override {}
    [[nodiscard]] std::vector<SettingView> settings() const override { return {}; }
    std::expected<void, SettingFault> change_settings(const nlohmann::json&) override { return {}; }
};

}  // namespace punktfunk::management
