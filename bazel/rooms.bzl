"""The arrows of docs/architecture.md: which room may include which.

This is Python too: scripts/check-includes reads the same table.
"""

# Room -> the rooms whose headers it may include, beside its own. A file belongs to the room with the
# longest name that its path begins with. `proto` is the generated code of the contract.
ROOMS = {
    "base": [],
    "reports": ["base"],
    "reports/bundle": ["base", "reports", "proto"],
    "storage": ["base", "reports"],
    "storage/sqlite": ["base", "reports", "storage"],
    "engine": ["base", "reports", "storage"],
    "marshalling": ["base", "reports", "storage", "proto"],
    "services": ["base", "reports", "storage", "engine", "marshalling", "proto"],
    "server": ["base", "reports", "storage", "storage/sqlite", "engine", "services", "proto"],
    "client": ["base", "proto"],
    "tools": ["base", "reports", "reports/bundle", "marshalling", "client", "proto"],
    "bench": ["base", "reports", "reports/bundle", "storage", "services", "client", "proto"],
    "tests": [
        "base",
        "reports",
        "reports/bundle",
        "storage",
        "storage/sqlite",
        "engine",
        "marshalling",
        "services",
        "server",
        "client",
        "proto",
    ],
}

def visible_to(room):
    """Returns the visibility of a room's libraries: the rooms that may include it, and its own parts."""
    users = [room] + [user for user in ROOMS if room in ROOMS[user]]
    return ["//%s:__subpackages__" % user for user in users]
