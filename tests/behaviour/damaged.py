# SPDX-License-Identifier: MIT
"""Mutations of netCDF and HDF5 files against the promise of one line and exit status 1, by hand:

    python3 tests/behaviour/damaged.py PROGRAM COUNT SEED FILE.nc...

Bytes near the structures of HDF5 or anywhere, shortened and zeroed files; `info` and `remove` on each. Prints what breaks the
promise and keeps the files of those, and counts of all.
"""
import os
import random
import re
import subprocess
import sys
import tempfile
import time

STRUCTURES = re.compile(rb'TREE|SNOD|HEAP|OHDR|FRHP|BTHD|BTLF|FSHD|BTIN|OCHK|FHDB|FADB|FAHD|GCOL|FHIB|EAHD')
SECONDS = 30  # on a machine that does other things too; alone it is 10


def mutated(data, chance):
    data = bytearray(data)
    kind = chance.choice(('near', 'near', 'near', 'anywhere', 'short', 'zero'))
    if kind == 'short':
        return data[:chance.randrange(len(data) // 10, len(data))]
    if kind == 'zero':
        at, size = chance.randrange(len(data)), chance.choice((16, 256, 4096))
        data[at:at + size] = bytes(len(data[at:at + size]))
        return data
    places = [m.start() for m in STRUCTURES.finditer(data)] if kind == 'near' else []
    for _ in range(chance.choice((1, 2, 5, 20))):
        at = chance.choice(places) + chance.randrange(600) if places else chance.randrange(len(data))
        if at < len(data):
            data[at] = chance.choice((chance.randrange(256), 0, 255, data[at] ^ 1 << chance.randrange(8)))
    return data


def main():
    program, count, seed, files = os.path.abspath(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    contents = [(os.path.splitext(name)[1], open(name, 'rb').read()) for name in files]
    folder = tempfile.mkdtemp(prefix='clearvision-damaged-')
    os.chdir(folder)
    seen, broken, slowest = {}, 0, 0
    for i in range(count):
        extension, data = contents[i % len(contents)]
        name = f'{seed}_{i}{extension}'
        with open(name, 'wb') as file:
            file.write(mutated(data, random.Random(seed * 1000003 + i)))
        good = True
        for command in (['info', name], ['remove', name, '-method', 'regression', '-mask_mode', 'replace', '-o', 'out', '-overwrite', '-q']):
            begun = time.monotonic()
            try:
                run = subprocess.run([program] + command, capture_output=True, timeout=4 * SECONDS, check=False)
                status, text = run.returncode, run.stderr.decode(errors='replace')
            except subprocess.TimeoutExpired:
                status, text = 'hangs', ''
            took = time.monotonic() - begun
            slowest = max(slowest, took)
            lines = [line for line in text.splitlines() if not line.startswith('Warning')]
            fine = (status == 0 and not lines) or (status == 1 and len(lines) == 1 and lines[0].startswith('ERROR') and took < SECONDS)
            seen[command[0], status] = seen.get((command[0], status), 0) + 1
            if not fine:
                print(f'{folder}/{name}: {command[0]}: {status}, {took:.1f} s, {lines[:3]}', flush=True)
            good = good and fine
        broken += not good
        if good:
            os.unlink(name)
    print(f'{count} files, {broken} break the promise; the slowest took {slowest:.1f} s; {seen}')
    return broken > 0


sys.exit(main())
