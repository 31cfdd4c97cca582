"""The load bench: our server, ejabberd and a bare relay, in turn, on pinned cores (`python -m eval.load --help`).

Reading order: `world` (marks, clients), the wires (`kefu_wire`, `relay_wire`, `xmpp_wire`), `workloads`, `bench`.
"""
