"""The attackers, in the order in which they try. Another one is another module, and one more line here.

The stranger comes last: after the floods the hub answers slowly for a while.
"""

from escape import administrator, compromised_hub, hostile_file, member, researcher, reviewer, stranger
from escape.attempt import Attacker

ATTACKERS: dict[str, Attacker] = {
    "compromised hub": compromised_hub.place,
    "reviewer": reviewer.place,
    "administrator": administrator.place,
    "researcher": researcher.place,
    "hostile file": hostile_file.place,
    "member of another project": member.place,
    "stranger": stranger.place,
}
