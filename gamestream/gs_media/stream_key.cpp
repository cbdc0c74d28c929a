#include "punktfunk/gs_media/stream_key.hpp"

#include <openssl/crypto.h>

namespace punktfunk::gs_media {

StreamKey::~StreamKey() {
    ::OPENSSL_cleanse(bytes.data(), bytes.size());
}

}  // namespace punktfunk::gs_media
