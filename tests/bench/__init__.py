"""The benchmarks: `make bench`, which is `python -m tests.bench`. Figures and ratios, never an assertion on time.

Three processes: the node, started by `commonwire serve` on SQLite; the **peers** (tests/bench/peers.py), which are two
hundred other servers and everybody who sends, with raw sockets so that they cost little; and the one that measures,
which sleeps meanwhile. Everything that is sent is signed before the clock starts. Beside each figure stands the CPU
time of the node and of the peers, so that nobody mistakes one for the other, and what the machine can do at its best
(tests/bench/machine.py), so that a ratio means the same on any machine. What other programs took of the processors in
the meantime is told too.

Every part is a module with `async def measure(report, settings)`: it makes its own nodes and peers. Linux only: the
hosts are addresses of 127.0.0.0/8, and the figures of processes come from /proc.
"""
