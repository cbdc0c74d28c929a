// The PipeWire of one embedded desktop: the daemon, its session manager, and the server for PulseAudio's programs. It
// knows no hardware, and no other desktop's sound.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "punktfunk/base/clock.hpp"
#include "session_process.hpp"

namespace punktfunk::display {

class SessionSound {
  public:
    // Makes the sockets; the programs are started when somebody connects, who is served in a moment. One that ends is
    // started again. NotAvailable, with what to install, when one is missing.
    static Result<std::unique_ptr<SessionSound>> start(const std::filesystem::path& runtime_dir,
                                                       const SessionUser& user);
    ~SessionSound();  // ends them
    SessionSound(const SessionSound&) = delete;

    [[nodiscard]] std::string socket() const { return runtime_dir_ / "pipewire-0"; }

  private:
    struct Service {
        const char* name;
        UniqueFd socket;  // kept open: a client that connects while the program is started again is not refused
        std::string program;
        std::optional<SessionProcess> process;
        SteadyClock::time_point started, due;
        std::chrono::milliseconds pause{0};
    };

    SessionSound(std::filesystem::path runtime_dir, SessionUser user);
    Result<void> prepare();
    Result<UniqueFd> listen_at(const std::filesystem::path& path) const;
    void run(const std::stop_token& stop);
    [[nodiscard]] bool wanted() const;
    void start_service(Service& service);
    void ended(Service& service) const;

    const std::filesystem::path runtime_dir_;
    const SessionUser user_;
    std::array<Service, 3> services_;
    UniqueFd stop_;
    std::jthread supervisor_;
};

}  // namespace punktfunk::display
