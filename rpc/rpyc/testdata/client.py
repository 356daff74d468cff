# A client in the shape of the old one. Each argument after the port is a step; each prints one line of JSON.
import json, sys, time

import rpyc
from server import tdecode, tencode

# What a curious client tries to reach beside the two methods.
PRY = ["__class__", "__dict__", "__init__", "__reduce_ex__", "__getattribute__", "_conn", "____conn__", "exposed_",
       "get_service_name", "exposed_get_service_name", "on_connect", "__module__", "Login", "__code__"]


def run(conn, step):
    kind, _, rest = step.partition(":")
    if kind == "login":
        return conn.root.login(*rest.split(","))
    if kind == "run":
        sealed = tencode(rest.encode("utf-8"))
        return tdecode(conn.root.Runcommands(str(sealed)))
    if kind == "exposed":
        sealed = tencode(rest.encode("utf-8"))
        return tdecode(conn.root.exposed_Runcommands(str(sealed)))
    if kind == "raw":
        return conn.root.Runcommands(rest)
    if kind == "object":
        return conn.root.Runcommands(object())
    if kind == "ping":
        conn.ping()
        return "pong"
    if kind == "pry":
        found = []
        for name in PRY:
            for thing in (conn.root, conn.root.login):
                try:
                    rpyc.core.netref.syncreq(thing, 4, name)
                    found.append(name)
                except Exception:
                    pass
        return found
    if kind == "bench":
        method, sealed, n = conn.root.Runcommands, str(tencode(b"1004@@10.0.0.1*h@@")), int(rest)
        begun = time.time()
        for _ in range(n):
            method(sealed)
        return n / (time.time() - begun)


conn = rpyc.connect("127.0.0.1", int(sys.argv[1]))
for step in sys.argv[2:]:
    try:
        line = {"ok": run(conn, step)}
    except Exception as e:
        text = str(e)
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        line = {"exception": type(e).__name__, "text": text.split("\n")[0]}
    print(json.dumps(line))
    sys.stdout.flush()
conn.close()
