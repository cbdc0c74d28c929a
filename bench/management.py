#!/usr/bin/env python3
"""The management API beside a stream: how long answers take while 1280x720 at 60 Hz is streamed, and what a hundred
requests a second do to the stream's latency, measured in turns with and without.

    bench/management.py [--build build/release] [--seconds 20] [--rounds 3]

Starts a host and a client of its own on free ports of the loopback interface, in a directory that it removes."""
import argparse
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("--build", default="build/release")
arguments.add_argument("--seconds", type=float, default=20)
arguments.add_argument("--rounds", type=int, default=3)
options = arguments.parse_args()
HOST = os.path.join(options.build, "host/app/punktfunk-host")
CLIENT = os.path.join(options.build, "clients/cli/punktfunk-client")
PATHS = ["/api/v1/sessions", "/api/v1/devices", "/api/v1/status", "/api/v1/pairing", "/metrics", "/api/v1/logs?limit=100"]


def percentile(samples, share):
    return sorted(samples)[int(share * (len(samples) - 1))]


class Api:
    def __init__(self, port, token):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=30)
        self.headers = {"Authorization": "Bearer " + token}

    def get(self, path):
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        return body


def measure(api, requests_per_second):
    """The stream's latency in the host over some seconds of its own, and how long each answer took, in ms."""
    answers, host = [], []
    end = time.monotonic() + options.seconds
    count, due = 0, time.monotonic()
    while time.monotonic() < end:
        if requests_per_second:
            begin = time.perf_counter()
            api.get(PATHS[count % len(PATHS)])
            answers.append((time.perf_counter() - begin) * 1000)
            count += 1
            due += 1 / requests_per_second
        else:
            due += 1
        time.sleep(max(0, due - time.monotonic()))
    stats = json.loads(api.get("/api/v1/sessions"))[0]["stats"]  # of the latest thousand pictures: 16 s
    host = {name: stats["latency_us"][name] for name in ("encode", "queue", "send", "host")}
    return host, stats["fps"], answers


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    directory = tempfile.mkdtemp(prefix="punktfunk-bench.")
    os.chmod(directory, 0o755)
    ready, config = os.path.join(directory, "ready"), os.path.join(directory, "host")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    host = subprocess.Popen([HOST, "serve", "--bind", "127.0.0.1", "--port", "0", "--no-gamestream", "--no-mdns", "--embedded", "--open",
                             "--no-sound", "--mgmt-bind", "127.0.0.1:0", "--config-dir", config, "--runtime-dir",
                             os.path.join(directory, "run"), "--ready-file", ready], **quiet)
    client = None
    try:
        while not os.path.exists(ready):
            time.sleep(0.05)
            assert host.poll() is None, "the host did not start"
        with open(ready, encoding="utf-8") as file:
            ports = json.load(file)
        with open(os.path.join(config, "mgmt-token"), encoding="ascii") as file:
            api = Api(ports["mgmt"], file.read().strip().split("=", 1)[1])
        client = subprocess.Popen([CLIENT, "connect", f"127.0.0.1:{ports['port']}", "--tofu", "--mode", "1280x720x60", "--codec", "h264",
                                   "--duration", "0", "--config-dir", os.path.join(directory, "client")], **quiet)
        while not any((s["stats"]["fps"] or 0) > 20 for s in json.loads(api.get("/api/v1/sessions"))):
            time.sleep(0.2)
        took = []
        print(f"{'':24}{'fps':>6}  host p50/p95/p99 us      queue p99  send p99")
        for _ in range(options.rounds):
            for rate in (0, 100):
                latency, fps, answers = measure(api, rate)
                took += answers
                stage = latency["host"]
                print(f"{rate:4} requests a second    {fps:6.1f}  {stage['p50']:7} {stage['p95']:7} {stage['p99']:7}"
                      f"   {latency['queue']['p99']:9} {latency['send']['p99']:9}", flush=True)
        print(f"{len(took)} answers: p50 {percentile(took, 0.5):.2f} ms, p95 {percentile(took, 0.95):.2f} ms, "
              f"p99 {percentile(took, 0.99):.2f} ms, most {max(took):.2f} ms (bound: p99 below 5 ms)")
    finally:
        for process in (client, host):
            if process:
                process.send_signal(signal.SIGTERM)
                process.wait()
        shutil.rmtree(directory, ignore_errors=True)


main()
