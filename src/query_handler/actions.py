"""The actions of the query handler, by the names the wire uses."""

from query_handler.poll_wave import poll_wave_status
from query_handler.servers_by_tags import query_servers_by_tags

ACTIONS = {
    "poll_wave_status": poll_wave_status,
    "query_servers_by_tags": query_servers_by_tags,
}
