# A control server in the shape of the old one, for every rpyc from 3.2.3 on Python 2 to 6.0 on Python 3.
# Prints its port, ends when its standard input does. With the argument quiet its exceptions carry no traceback.
import base64, hashlib, os, socket, struct, sys, threading, time

import rpyc
from rpyc.utils.server import ThreadedServer

KEY = b"test#&amp;key=(^"
PY2 = sys.version_info[0] == 2


def rc4(key, data):
    box = list(range(256))
    x = 0
    for i in range(256):
        x = (x + box[i] + key[i % len(key)]) % 256
        box[i], box[x] = box[x], box[i]
    x = y = 0
    out = bytearray(len(data))
    for n in range(len(data)):
        x = (x + 1) % 256
        y = (y + box[x]) % 256
        box[x], box[y] = box[y], box[x]
        out[n] = data[n] ^ box[(box[x] + box[y]) % 256]
    return bytes(out)


def tencode(text):
    salt = os.urandom(16)
    key = bytearray(hashlib.sha1(KEY + salt).digest())
    return base64.b64encode(salt + rc4(key, bytearray(text))).decode("ascii")


def tdecode(sealed):
    raw = base64.b64decode(sealed)
    key = bytearray(hashlib.sha1(KEY + raw[:16]).digest())
    return rc4(key, bytearray(raw[16:])).decode("utf-8")


HOST = u"<font color='#eeeeee'>\u4e3b\u673a\uff1a</font><font color=#ffffff><b>%s</b></font><br>"
GOOD = u"<font color='#eeeeee'>\u8fd0\u884c\u72b6\u6001</font> <font color='#006699'><b>\u6210\u529f</b></font><br>"
BAD = u"<font color='#eeeeee'>\u8fd0\u884c\u72b6\u6001</font> <font color='red'><b>\u5931\u8d25</b></font><br>"
RULE = u"<table width='100%' border='0' cellspacing='0' cellpadding='0'><tr><td></td></tr></table>"


class OMService(rpyc.Service):
    link = None

    def on_connect(self, *conn):
        self.link = conn[0] if conn else self._conn

    def exposed_login(self, user, passwd):
        self.checked = user == "OMuser" and passwd == "secret"

    def answer(self, text):
        sealed = tencode(text.encode("utf-8"))
        return str(sealed) if PY2 else sealed

    def exposed_Runcommands(self, sealed):
        try:
            if not self.checked:
                return self.answer(u"User verify failed!")
        except AttributeError:
            return self.answer(u"Invalid Login!")
        if hasattr(type(sealed), "__array__"):
            return repr(sealed.__array__())  # what numpy does with its argument
        module, hosts = tdecode(sealed).split("@@")[:2]
        return self.run(module, [h.split("*")[0] for h in hosts.split(",")])

    def run(self, module, hosts):
        if module == "9002":
            message = u"\u6a21\u5757 boom"
            raise ValueError(message.encode("utf-8") if PY2 else message)
        if module == "9003":
            time.sleep(3600)
        if module == "9004":
            self.link._channel.stream.sock.sendall(struct.pack("!LB", 5000, 1) + b"half an answer")
            os._exit(1)
        if module == "9005":
            return self
        if module == "9006":
            return self.pry()
        if module not in ("1001", "1004", "9000", "9001"):
            return self.answer(u'Module "Mid_%s" does not exist, Please add it' % module)
        size = {"9000": 4000, "9001": 1000000}.get(module, 0) // len(hosts)
        text = u""
        for n, host in enumerate(hosts):
            text += HOST % host + (BAD if host.endswith(".9") else GOOD)
            text += u"\u5185\u6838 of %s<br>line 2<br>" % host + u"abcdefg<br>" * (size // 11) + RULE
        return self.answer(text)

    def pry(self):
        try:
            found = self.link.root.secret
        except Exception as e:
            found = type(e).__name__
        return self.answer(u"found %s" % found)


if __name__ == "__main__":
    config = {"include_local_traceback": "quiet" not in sys.argv}
    server = ThreadedServer(OMService, hostname="127.0.0.1", port=0, protocol_config=config)
    server.listener.listen(64)  # start does it too, but after the port is known
    worker = threading.Thread(target=server.start)
    worker.daemon = True
    worker.start()
    sys.stdout.write("%d\n" % server.port)
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)
