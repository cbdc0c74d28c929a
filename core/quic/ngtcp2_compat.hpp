// The few names that changed between ngtcp2 0.12 (Debian 12) and 1.x.
#pragma once

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include <cstdint>

namespace punktfunk::quic {

#if NGTCP2_VERSION_NUM >= 0x010000
using CloseError = ngtcp2_ccerr;
inline void close_error_default(CloseError& error) {
    ngtcp2_ccerr_default(&error);
}
inline void set_application_error(CloseError& error, uint64_t code, const uint8_t* reason, size_t length) {
    ngtcp2_ccerr_set_application_error(&error, code, reason, length);
}
inline void set_library_error(CloseError& error, int code) {
    ngtcp2_ccerr_set_liberr(&error, code, nullptr, 0);
}
inline void set_tls_alert(CloseError& error, uint8_t alert) {
    ngtcp2_ccerr_set_tls_alert(&error, alert, nullptr, 0);
}
inline CloseError peer_close_error(ngtcp2_conn* connection) {
    return *ngtcp2_conn_get_ccerr(connection);
}
inline bool is_application(const CloseError& error) {
    return error.type == NGTCP2_CCERR_TYPE_APPLICATION;
}
inline void set_original_dcid(ngtcp2_transport_params& params, const ngtcp2_cid& cid) {
    params.original_dcid = cid;
    params.original_dcid_present = 1;
}
inline ngtcp2_duration smoothed_rtt(ngtcp2_conn* connection) {
    ngtcp2_conn_info info;
    ngtcp2_conn_get_conn_info(connection, &info);
    return info.smoothed_rtt;
}
inline bool in_closing(ngtcp2_conn* connection) {
    return ngtcp2_conn_in_closing_period(connection) != 0;
}
inline bool in_draining(ngtcp2_conn* connection) {
    return ngtcp2_conn_in_draining_period(connection) != 0;
}
#else
using CloseError = ngtcp2_connection_close_error;
inline void close_error_default(CloseError& error) {
    ngtcp2_connection_close_error_default(&error);
}
inline void set_application_error(CloseError& error, uint64_t code, const uint8_t* reason, size_t length) {
    ngtcp2_connection_close_error_set_application_error(&error, code, reason, length);
}
inline void set_library_error(CloseError& error, int code) {
    ngtcp2_connection_close_error_set_transport_error_liberr(&error, code, nullptr, 0);
}
inline void set_tls_alert(CloseError& error, uint8_t alert) {
    ngtcp2_connection_close_error_set_transport_error_tls_alert(&error, alert, nullptr, 0);
}
inline ngtcp2_duration smoothed_rtt(ngtcp2_conn* connection) {
    ngtcp2_conn_stat stat;
    ngtcp2_conn_get_conn_stat(connection, &stat);
    return stat.smoothed_rtt;
}
inline CloseError peer_close_error(ngtcp2_conn* connection) {
    CloseError error;
    ngtcp2_conn_get_connection_close_error(connection, &error);
    return error;
}
inline bool is_application(const CloseError& error) {
    return error.type == NGTCP2_CONNECTION_CLOSE_ERROR_CODE_TYPE_APPLICATION;
}
inline void set_original_dcid(ngtcp2_transport_params& params, const ngtcp2_cid& cid) {
    params.original_dcid = cid;
}
inline bool in_closing(ngtcp2_conn* connection) {
    return ngtcp2_conn_is_in_closing_period(connection) != 0;
}
inline bool in_draining(ngtcp2_conn* connection) {
    return ngtcp2_conn_is_in_draining_period(connection) != 0;
}
#endif

}  // namespace punktfunk::quic
