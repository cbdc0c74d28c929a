#!/usr/bin/env python3
"""What nobody should do to the management API, while a client is streamed to: it neither notices nor suffers."""
import argparse
import json
import os
import resource
import socket
import ssl
import threading
import time

from api import Contract, Events, Host

arguments = argparse.ArgumentParser()
arguments.add_argument("--openapi", required=True)
arguments.add_argument("--config-dir", required=True)
arguments.add_argument("--port", type=int, required=True)
arguments.add_argument("--pid", type=int, required=True)
options = arguments.parse_args()

with open(os.path.join(options.config_dir, "mgmt-token"), encoding="ascii") as file:
    TOKEN = file.read().strip().split("=", 1)[1]
admin = Host(options.port, TOKEN)
contract = Contract(options.openapi)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)


def memory_kib():
    with open(f"/proc/{options.pid}/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmRSS")).split()[1])


def session():
    return admin.call("GET", "/api/v1/sessions").json[0]


def lives():
    """It answers, and the client is streamed to: new pictures are encoded."""
    before = session()
    assert before["state"] == "streaming"
    end = time.monotonic() + 20
    while session()["stats"]["frames_encoded"] <= before["stats"]["frames_encoded"]:
        assert time.monotonic() < end, "no picture any more"
        time.sleep(0.05)
    assert session()["id"] == before["id"] and session()["stats"]["rebuilds"] == 0


def tls(receive_buffer=None):
    plain = socket.socket()
    if receive_buffer:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    plain.settimeout(30)
    plain.connect(("127.0.0.1", options.port))
    return admin.context.wrap_socket(plain)


def ask_raw(data):
    with tls() as connection:
        connection.sendall(data)
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except (OSError, ssl.SSLError):
            pass
        return answer


def get(path):
    return ask_raw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{options.port}\r\nAccept: */*\r\nConnection: close\r\n\r\n".encode())


def paths_that_lead_out():
    for path in ("/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/../../etc/passwd",
                 "/%252e%252e/etc/passwd", "//etc/passwd", "/./././etc/passwd", "/..\\..\\etc\\passwd", "/%c0%ae%c0%ae/etc/passwd",
                 "/etc/passwd%00.html", "/api/v1/../../../etc/passwd", "/api/v1/sessions/..%2f..%2fhealth",
                 "/api/v1/sessions/%2e%2e/thumbnail", "/mgmt-token", "/password",
                 "/api/v1/library/..%2f..%2f..%2fetc%2fpasswd/art/portrait", "/api/v1/library/custom:..%2f..%2fpassword/art/hero"):
        answer = get(path)
        assert answer.startswith(b"HTTP/1.1 4"), (path, answer[:80])
        assert b"root:" not in answer and TOKEN.encode() not in answer, path


def what_is_no_request():
    for data in (b"\x00" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01" * 50, b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                 b"GET / HTTP/1.1\r\nX: " + b"x" * 20000 + b"\r\n\r\n",
                 b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
                 b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{",
                 b"GET /api/v1/me HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
        answer = ask_raw(data)
        assert not answer or answer.startswith(b"HTTP/1."), answer[:50]
        assert b" 200 " not in answer[:20] or data.startswith(b"GET /api/v1/me"), (data[:40], answer[:80])


def bodies_that_no_field_can_hold():
    deep = b'{"name":' + b"[" * 30000 + b"]" * 30000 + b"}"
    long_name = json.dumps({"name": "x" * 60000}).encode()
    many = json.dumps({f"field{i}": i for i in range(4000)}).encode()
    number = b'{"ttl_secs": ' + b"9" * 60000 + b"}"
    surrogate = b'{"name": "\\ud800"}'
    zero = b'{"name": "a\\u0000b"}'
    with_body = [(name, method, path) for name, (method, path, operation) in contract.operations.items()
                 if "application/json" in operation.get("requestBody", {}).get("content", {})]
    for name, method, path in with_body:
        path = path.replace("{fingerprint}", "ab" * 32).replace("{id}", "4294967290")
        for raw in (deep, long_name, many, number, surrogate, zero, b"", b"null", b"{", b'{"a":1}garbage', b"\xef\xbb\xbf{}"):
            answer = admin.call(method, path, raw=raw, headers={"Content-Type": "application/json"})
            assert 400 <= answer.status < 500 or (name in ("armNativePairing", "testDisplay") and raw == b"\xef\xbb\xbf{}"), \
                (name, raw[:20], answer.status, answer.body[:200])
            assert set(answer.json) <= {"error", "field", "code"} or answer.status < 400
        for value in (None, True, -1, 1.5, 1e300, "", "x", [], {}, [[[]]], "\u0000", "\U0001f600" * 100):
            for field in ("name", "pin", "password", "current", "new", "rights", "expires_at", "ttl_secs", "width", "port", "sound"):
                answer = admin.call(method, path, body={field: value, "surely_unknown": value})
                assert 400 <= answer.status < 500, (name, field, value, answer.status)


def a_thousand_that_only_listen():
    before = memory_kib()
    streams = [Events(admin) for _ in range(1000)]
    print(f"1000 event streams: {memory_kib() - before} KiB more", flush=True)
    admin.call("POST", "/api/v1/native/pair/arm", body={})
    for stream in streams:
        assert stream.until("pairing.changed")
    lives()
    took = []
    connection = admin.connect()
    for _ in range(200):
        start = time.monotonic()
        assert admin.call("GET", "/api/v1/sessions", connection=connection).status == 200
        took.append(time.monotonic() - start)
    print(f"with 1000 event streams: an answer takes {sorted(took)[100] * 1000:.1f} ms (p50), {sorted(took)[198] * 1000:.1f} ms (p99)",
          flush=True)
    connection.close()
    for stream in streams:
        stream.close()
    end = time.monotonic() + 20
    while "punktfunk_event_listeners 0" not in admin.call("GET", "/metrics").body.decode():
        assert time.monotonic() < end, "streams whose readers have gone are kept"
        time.sleep(0.1)
    admin.call("DELETE", "/api/v1/native/pair")
    lives()


def those_that_do_not_read():
    """A listener that takes nothing costs at most what may wait for it; then it is cut off."""
    before = memory_kib()
    stuck = []
    for _ in range(20):
        connection = tls(receive_buffer=4096)
        connection.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
        stuck.append(connection)
    for _ in range(4):  # large answers that nobody takes
        connection = tls(receive_buffer=4096)
        connection.sendall(f"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 50)
        stuck.append(connection)
    connection = admin.connect()
    for _ in range(1500):
        admin.call("PATCH", "/api/v1/settings", body={"max_concurrent": 8}, connection=connection)
    connection.close()
    grown = memory_kib() - before
    print(f"24 that do not read: {grown} KiB more", flush=True)
    assert grown < 24 * 4096, "what waits for them is not bounded"
    lives()
    for connection in stuck:
        connection.close()
    admin.call("PATCH", "/api/v1/settings", body={"max_concurrent": None})


def those_that_stand_in_the_door():
    """More connections than there may be, of which none asks anything: whoever does ask is let in."""
    idle = []
    for _ in range(2200):
        connection = socket.socket()
        connection.settimeout(10)
        connection.connect(("127.0.0.1", options.port))
        idle.append(connection)
    dripping = tls()
    dripping.sendall(b"GET /api/v1/health HTTP/1.1\r\nX: ")
    lives()
    for connection in idle:
        connection.close()
    dripping.close()


def many_at_once():
    failures = []

    def hammer(number):
        try:
            connection = admin.connect()
            for i in range(100):
                path = ("/api/v1/sessions", "/api/v1/devices", "/metrics", "/api/v1/logs?limit=1000", "/api/v1/host")[(number + i) % 5]
                assert admin.call("GET", path, connection=connection).status == 200
            name = session()["id"]
            for _ in range(5):
                answer = admin.call("GET", f"/api/v1/sessions/{name}/thumbnail", connection=connection)
                assert answer.status in (200, 409), answer.status
                assert admin.call("GET", "/api/v1/support-bundle", connection=connection).status in (200, 500)
        except Exception as error:  # shown below
            failures.append(repr(error))
    threads = [threading.Thread(target=hammer, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:3]
    lives()


lives()
for attack in (paths_that_lead_out, what_is_no_request, bodies_that_no_field_can_hold, many_at_once, a_thousand_that_only_listen,
               those_that_do_not_read, those_that_stand_in_the_door):
    start = time.monotonic()
    attack()
    lives()
    print(f"{attack.__name__}: {time.monotonic() - start:.1f} s", flush=True)
