# Loads each line of hexadecimal brine and dumps it again.
import binascii, sys

from rpyc.core import brine

for line in sys.stdin:
    value = brine.load(binascii.unhexlify(line.strip()))
    print(binascii.hexlify(brine.dump(value)).decode("ascii"))
