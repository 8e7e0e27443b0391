"""An HTTPS server of this process, which answers POSTs of JSON as functions say: the other side of webhooks."""
import base64
import contextlib
import http.server
import json
import os
import ssl
import subprocess
import tempfile
import threading

from harness import tool


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        path = self.path.split("?")[0]
        self.server.asked.append((self.path, body))
        answer = self.server.routes[path](body) if path in self.server.routes else None
        data = json.dumps(answer).encode() if answer is not None else b"no such path"
        self.send_response(200 if answer is not None else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Webhooks:
    """What is known of a running server: where it is, by what it is trusted, and what it was asked."""

    def __init__(self, server, authority):
        self.url = f"https://127.0.0.1:{server.server_address[1]}"
        self.authority = base64.b64encode(authority).decode()
        self.asked = server.asked

    def client(self, path):
        """A `clientConfig`."""
        return {"url": self.url + path, "caBundle": self.authority}


@contextlib.contextmanager
def serving(routes):
    """A server on 127.0.0.1 for as long as the block lasts: `routes` gives the answer to what was sent, by the path."""
    with tempfile.TemporaryDirectory() as home:
        certificate, key = os.path.join(home, "c.pem"), os.path.join(home, "k.pem")
        subprocess.run([tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                        "-out", certificate, "-subj", "/CN=webhook", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"],
                       check=True, capture_output=True)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads, server.routes, server.asked = True, routes, []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with open(certificate, "rb") as file:
                yield Webhooks(server, file.read())
        finally:
            server.shutdown()
            server.server_close()


def reviewed(review, allowed=True, message=None, patch=None, **more):
    """The answer to an AdmissionReview."""
    response = {"uid": review["request"]["uid"], "allowed": allowed, **more}
    if message:
        response["status"] = {"message": message}
    if patch:
        response.update(patchType="JSONPatch", patch=base64.b64encode(json.dumps(patch).encode()).decode())
    return {"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": response}
