"""The background graph: the plain one, for a run that nobody watches.

Agents that sort questions first run the analyst graph here too. It works in a thread of its own,
may ask a person in the inbox, and may not start others like it. Which tools it has follows from the
kind of its run; what it reports, from the tick of the runs.
"""

from datelier.chat.graph import build
from datelier.chat.graph_name import BACKGROUND_NAME
from datelier.chat.turn import keep_briefs
from datelier.runs.execution import Graph

BACKGROUND = Graph(BACKGROUND_NAME, build, {"messages": []}, setup=keep_briefs)
