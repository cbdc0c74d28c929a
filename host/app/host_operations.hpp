// What can be asked of the running host and done to it, over both protocols' servers: by the management API and by the
// commands over the control socket alike. Control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "punktfunk/browser/browser_server.hpp"
#include "punktfunk/management/host_control.hpp"
#include "punktfunk/management/worker.hpp"
#include "punktfunk/moonlight/moonlight_server.hpp"
#include "punktfunk/native/native_server.hpp"
#include "sessions.hpp"
#include "settings.hpp"

namespace punktfunk::app {

// All of it outlives the operations.
struct HostParts {
    boost::asio::io_context& io;
    Settings& settings;
    native::PairedStore& paired;
    native::PairingWindow& window;
    native::NativeServer& native;
    moonlight::MoonlightServer* gamestream;  // null where it is off
    browser::BrowserServer& browser;
    const stream::PipelineParts& pipeline;
    const std::vector<encode::ProbeResult>& encoders;
    crypto::Fingerprint fingerprint;
    std::string hostname, unique_id;
};

class HostOperations final : public management::HostControl {
  public:
    explicit HostOperations(HostParts parts);

    // Something may have changed; told as well by what is done here.
    void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

    [[nodiscard]] management::HostFacts facts() const override;

    [[nodiscard]] std::vector<management::SessionView> sessions() const override;
    Result<void> stop_session(const std::string& id) override { return sessions_.stop(id); }
    Result<void> request_keyframe(const std::string& id) override { return sessions_.request_keyframe(id); }
    void take_thumbnail(const std::string& id, std::function<void(Result<stream::Picture>)> done) override;

    [[nodiscard]] std::vector<management::DeviceView> devices() const override;
    [[nodiscard]] std::vector<management::CertificateView> gamestream_certificates() const override;
    Result<void> change_device(const crypto::Fingerprint& device, const devices::Change& change) override;
    Result<void> remove_device(const crypto::Fingerprint& device, bool native, bool gamestream) override;

    [[nodiscard]] management::PairingView pairing() const override;
    management::ArmedPin arm_pairing(std::chrono::seconds ttl) override;
    void disarm_pairing() override;
    Result<management::NamedDevice> approve(uint32_t id, const std::string& name) override;
    Result<management::NamedDevice> deny(uint32_t id) override;
    Result<management::WaitingForPin> enter_pin(uint64_t client, const std::string& pin,
                                                const std::string& name) override;

    void play(std::shared_ptr<http::WebSocket> socket, management::PageVisitor visitor) override;
    void end_visits(std::string_view credential) override;

    [[nodiscard]] std::vector<management::DisplayView> displays() const override;
    [[nodiscard]] std::vector<management::EncoderView> encoders() const override;
    void test_display(const display::Mode& mode, std::function<void(Result<management::DisplayTest>)> done) override;

    [[nodiscard]] std::vector<management::SettingView> settings() const override { return parts_.settings.views(); }
    std::expected<void, management::SettingFault> change_settings(const nlohmann::json& changes) override;

  private:
    void tell_change() const;
    void remove_expired();

    const HostParts parts_;
    Sessions sessions_;
    const management::SystemTime started_ = std::chrono::system_clock::now();
    std::function<void()> changed_;
    boost::asio::steady_timer expiry_;
    bool testing_display_ = false;
    management::Worker worker_;  // for display tests
};

[[nodiscard]] native::NativeSettings native_settings(const ServeOptions& options);

}  // namespace punktfunk::app
