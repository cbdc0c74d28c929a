"""Calls to a running host's management API, and answers held to api/openapi.json."""
import copy
import http.client
import json
import re
import ssl

import jsonschema

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time")
def is_time(value):
    return not isinstance(value, str) or TIME.match(value) is not None


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def header(self, name):
        return self.headers.get(name)


class Host:
    """One host. `certificate`: (certificate, key) files to show."""

    def __init__(self, port, token=None, certificate=None):
        self.port, self.token = port, token
        self.context = ssl.create_default_context()
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        if certificate:
            self.context.load_cert_chain(*certificate)

    def connect(self, timeout=60):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=timeout)

    def call(self, method, path, body=None, headers=None, raw=None, connection=None):
        own = connection is None
        connection = connection or self.connect()
        headers = dict(headers or {})
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = "Bearer " + self.token
        if body is not None:
            raw = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body=raw, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            if own:
                connection.close()


class Events:
    """An open event stream, read event by event."""

    def __init__(self, host, query="", last_id=None):
        self.connection = host.connect(timeout=30)
        headers = {"Authorization": "Bearer " + host.token}
        if last_id:
            headers["Last-Event-ID"] = last_id
        self.connection.request("GET", "/api/v1/events" + query, headers=headers)
        self.response = self.connection.getresponse()
        self.last_id = last_id
        self.passed_over = []

    def next(self):
        """(type, data) of the next event; comments and bare ids are passed over."""
        event, data = None, None
        while True:
            line = self.response.readline()
            if not line:
                raise EOFError("the event stream has ended")
            line = line.decode().rstrip("\n")
            if line.startswith("id: "):
                self.last_id = line[4:]
            elif line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif not line and event:
                return event, data

    def until(self, wanted, accept=lambda data: True):
        """Of that type; others are kept for when they are asked for, since what happens together comes in any order."""
        for i, (event, data) in enumerate(self.passed_over):
            if event == wanted and accept(data):
                del self.passed_over[i]
                return data
        while True:
            event, data = self.next()
            if event == wanted and accept(data):
                return data
            self.passed_over.append((event, data))

    def close(self):
        # The response holds the socket too.
        self.response.close()
        self.connection.close()


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = json.load(file)
        self.strict = copy.deepcopy(self.document)
        close(self.strict["components"]["schemas"])
        close(self.strict["paths"])
        self.operations = {}
        for pattern, methods in self.document["paths"].items():
            for method, operation in methods.items():
                self.operations[operation["operationId"]] = (method.upper(), pattern, operation)
        self.seen = set()

    def valid(self, schema, value):
        whole = {**schema, "components": self.strict["components"]}
        jsonschema.Draft202012Validator(whole, format_checker=FORMATS).validate(value)

    def check(self, operation_id, answer, cacheable=False):
        """The answer is one that the operation may give. Notes that it was seen."""
        method, pattern, _ = self.operations[operation_id]
        operation = self.strict["paths"][pattern][method.lower()]
        where = f"{operation_id} {answer.status}"
        assert str(answer.status) in operation["responses"], f"{where} is not in the contract: {answer.body[:300]}"
        response = operation["responses"][str(answer.status)]
        if "$ref" in response:
            response = self.strict["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        kinds = response.get("content", {})
        if not kinds:
            assert not answer.body, f"{where}: a body where there should be none"
        else:
            kind = (answer.header("Content-Type") or "").split(";")[0]
            assert kind in kinds, f"{where}: {kind}"
            if kind == "application/json":
                try:
                    self.valid(kinds[kind]["schema"], answer.json)
                except jsonschema.ValidationError as error:
                    raise AssertionError(f"{where}: {error.json_path}: {error.message}") from error
        for name in response.get("headers", {}):
            assert answer.header(name), f"{where}: no {name}"
        for name in ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy"):
            assert answer.header(name), f"{where}: no {name}"
        assert cacheable or answer.header("Cache-Control") == "no-store", where
        assert not [n for n in answer.headers if n.lower().startswith("access-control-")], where
        self.seen.add((operation_id, answer.status))
        return answer

    def check_event(self, name, data):
        events = self.document["paths"]["/api/v1/events"]["get"]["x-events"]
        assert name in events, f"event {name} is not in the contract"
        try:
            self.valid(events[name], data)
        except jsonschema.ValidationError as error:
            raise AssertionError(f"event {name}: {error.json_path}: {error.message}") from error
        self.seen.add((name, "event"))


def close(node):
    """Objects of the contract have no other fields than the ones it names."""
    if isinstance(node, dict):
        if node.get("properties") and "additionalProperties" not in node:
            node["additionalProperties"] = False
        for child in node.values():
            close(child)
    elif isinstance(node, list):
        for child in node:
            close(child)
