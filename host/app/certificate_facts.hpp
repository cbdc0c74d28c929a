// What a paired Moonlight client's certificate says about itself.
#pragma once

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/management/host_control.hpp"

namespace punktfunk::app {

[[nodiscard]] management::CertificateView certificate_facts(ByteView der, const crypto::Fingerprint& fingerprint);

}  // namespace punktfunk::app
