/* Touches both halves of the library: a connection that fails at once, and the version. */
#define PUNKTFUNK_FEATURE_QUIC
#include <stdio.h>

#include "punktfunk_core.h"

int main(void) {
    if (punktfunk_abi_version() != ABI_VERSION) return 1;
    char certificate[4096], key[4096];
    if (punktfunk_generate_identity(certificate, sizeof certificate, key, sizeof key) != PUNKTFUNK_STATUS_OK) return 2;
    if (punktfunk_connect("not an address", 9777, 640, 360, 30, NULL, NULL, certificate, key, 1000) != NULL) return 3;
    PunktfunkConfig config = {.struct_size = sizeof config,
                              .role = 1,
                              .phase = 1,
                              .max_data_per_block = 100,
                              .shard_payload = 1000,
                              .max_frame_bytes = 1 << 20};
    PunktfunkSession* session = punktfunk_session_new(&config, "127.0.0.1:0", "127.0.0.1:9");
    PunktfunkFrame frame;
    if (session == NULL || punktfunk_client_poll_frame(session, &frame) != PUNKTFUNK_STATUS_NO_FRAME) return 4;
    punktfunk_session_free(session);
    return 0;
}
