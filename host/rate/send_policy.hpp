// What a client's feedback does to its stream: parity, pace, and the encoder's rate. Control thread.
//
// Parity beyond what the session began with is taken from the picture: more of it must not make a crowded path fuller.
#pragma once

#include <functional>
#include <memory>

#include "punktfunk/rate/fec_controller.hpp"
#include "punktfunk/rate/pace_controller.hpp"
#include "punktfunk/rate/send_controls.hpp"

namespace punktfunk::rate {

class SendPolicy {
  public:
    // `set_encoder_rate` takes kbit/s.
    SendPolicy(uint32_t bitrate_kbps, FecController fec, std::shared_ptr<SendControls> controls,
               std::function<void(uint32_t)> set_encoder_rate);

    void set_bitrate(uint32_t kbps, SteadyClock::time_point now);
    void loss_reported(uint32_t loss_ppm, SteadyClock::time_point now);
    void path_reported(uint32_t kbps, SteadyClock::time_point now);

  private:
    void apply(SteadyClock::time_point now);

    const uint8_t first_percent_;
    uint32_t bitrate_kbps_, encoder_kbps_;
    FecController fec_;
    PaceController pace_;
    std::shared_ptr<SendControls> controls_;
    std::function<void(uint32_t)> set_encoder_rate_;
};

}  // namespace punktfunk::rate
